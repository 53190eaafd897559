// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Networks
import VolumeDatabase

/// What an experiment means in a database, checked before anything starts.
struct TransferSetup {
  /// With every default chosen.
  let request: TransferRequest
  /// The datasets of the pairs that are learned from first, in their order: each is a source.
  let sources: [String]
  let target: TrainingPair
  /// The target's label volume that has the class, and where its test part is covered.
  let truth: VersionReference
  let testRegion: Box
  /// Of the target.
  let voxelSize: VoxelSize
  /// Numbers of labelled slices of the target, and `nil` for all labels unless the last number is as many.
  let budgets: [Int?]
  /// The split that is made because there is none; empty if there is one.
  let newSplit: [SplitBox]
  let inputs: [RunInput]
  let notes: [String]

  /// - Throws: ``TrainingRunError``, or what cannot be found.
  init(_ asked: TransferRequest, in database: VolumeDatabase) throws {
    try asked.check()
    var request = asked
    request.slices.sort()
    request.threads = request.threads ?? Machine.threads
    request.pretrainSteps = request.pretrainSteps ?? request.steps
    let catalog = database.catalog
    let record = try catalog.classNamed(request.className)
    request.className = record.name
    var notes: [String] = []

    target = try TrainingPair(parsing: request.target)
    let opened = try OpenedPair(target, in: database)
    let labelled = opened.labels.filter { LabelRule(of: $0, classID: record.id) != nil }
    guard let truth = labelled.first, labelled.count == 1 else {
      throw TrainingRunError.badOption(
        "--target", reason: "\(opened) needs one label volume with \(record.name), and has \(labelled.count)")
    }
    self.truth = VersionReference(volume: truth.volume, number: truth.record.number)
    voxelSize = truth.record.voxelSize
    let shape = truth.record.shape
    let split = try database.splits(of: truth.volume)
    if split.isEmpty {
      let labelled = try catalog.coveredBoxes(
        ofVersion: truth.record.id, classID: record.id, in: Box(shape))
      newSplit = Self.split(
        shape, voxelSize: truth.record.voxelSize, alongZ: labelled.slices.count >= FoldCut.fewest)
    } else {
      newSplit = []
    }
    let parts = split.isEmpty ? newSplit : split
    try SplitGuard().check(parts, voxelSize: truth.record.voxelSize, volume: "\(truth.volume)")
    func covered(_ part: SplitPart) throws -> [Box] {
      try parts.filter { $0.part == part }.flatMap {
        try catalog.coveredBoxes(ofVersion: truth.record.id, classID: record.id, in: $0.box)
      }
    }
    let (training, test) = (try covered(.train), try covered(.test))
    guard let first = test.first else {
      throw TrainingRunError.badOption(
        "--target", reason: "\(truth.volume) has no labels in a test part: see vemdb split")
    }
    testRegion = test.reduce(first) { $0.union($1) }
    let slices = training.slices.count
    if let most = request.slices.last, most > slices {
      throw TrainingRunError.badOption(
        "--slices", reason: "the training part of \(truth.volume) has \(slices) labelled slices, not \(most)")
    }
    budgets = request.slices.map(Optional.some) + (request.slices.last == slices ? [] : [nil])
    if !newSplit.isEmpty {
      notes.append(
        "\(truth.volume) is split: "
          + newSplit.map { "\($0.part.rawValue) \($0.box)" }.joined(separator: ", "))
    }

    let pairs = try request.pretrain.map { try TrainingPair(parsing: $0) }
    sources = pairs.map(\.image.volume.dataset).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    if let name = sources.first(where: { [Self.all, Self.others].contains($0) }) {
      throw TrainingRunError.badOption(
        "--pretrain", reason: "a dataset called '\(name)' would be mistaken for several: rename it")
    }
    let all = try pairs.map { try OpenedPair($0, in: database) } + [opened]
    request.voxelSize =
      request.voxelSize ?? WorkingVoxelSize.chosen(for: all.map(\.image.record.voxelSize))
    inputs = all.enumerated().flatMap { number, pair in
      [RunInput("image", .version(pair.image.record.id), pair: number)]
        + pair.labels.map { RunInput("labels", .version($0.record.id), pair: number) }
    }
    request.pretrain = all.dropLast().map(\.description)
    request.target = opened.description
    // One patch for all arms, as large as every pair allows.
    var probe = TrainingRequest(
      model: "probe", pairs: request.pretrain, classes: [request.className])
    probe.voxelSize = request.voxelSize
    probe.patch = request.patch
    probe.preset = request.preset
    probe.batch = request.batch
    probe.threads = request.threads
    let sourcePatch = try TrainingSetup(probe, in: database).request.patch ?? [1, 8, 8]
    let grid = Preprocessing(voxelSize: request.voxelSize).grid(for: opened.image)
    let depth = PatchGeometry.depth(around: (training + test).map { $0.range(0) }, in: grid)
    request.patch = [
      min(sourcePatch[0], depth), min(sourcePatch[1], grid.extent[1] / 8 * 8),
      min(sourcePatch[2], grid.extent[2] / 8 * 8),
    ]
    if min(request.patch?[1] ?? 0, request.patch?[2] ?? 0) < 8 {
      throw TrainingRunError.tooSmall(
        image: opened.image.record.reference, shape: "\(grid.extent)", needed: "8 × 8")
    }
    self.request = request
    self.notes = notes
  }

  /// The split of a volume that has none: in x through all slices where few are labelled (656 and 704 of
  /// 1024), else in z (the first 64 % and the last 18 %), with at least the guard gap between.
  static func split(_ shape: Extent, voxelSize: VoxelSize, alongZ: Bool) -> [SplitBox] {
    let axis = alongZ ? 0 : 2
    var trainEnd = shape.sizes
    trainEnd[axis] = shape[axis] * 656 / 1024
    let gap = SplitGuard().needed(voxelSize: voxelSize) / voxelSize.nanometres[axis]
    var testStart = [0, 0, 0]
    testStart[axis] = max(
      shape[axis] * (axis == 2 ? 704 : 842) / 1024, trainEnd[axis] + Int((gap - 1e-9).rounded(.up)))
    return [
      SplitBox(.train, Box(lower: [0, 0, 0], upper: trainEnd)),
      SplitBox(.test, Box(lower: testStart, upper: shape.sizes)),
    ]
  }

  /// Which pairs a source stands for.
  func pairs(of source: String) -> [String] {
    request.pretrain.filter { pair in
      let dataset = String(pair.prefix { $0 != "/" })
      switch source {
      case Self.all: return true
      case Self.others: return dataset != sources.last
      default: return dataset == source
      }
    }
  }

  /// All sources together.
  static let all = "all"
  /// All but the one that rates are chosen on.
  static let others = "others"

  /// The test part in columns through all slices, each at least a micrometre wide, over which scores are
  /// resampled.
  var columns: [Box] {
    func cuts(_ axis: Int) -> [Int] {
      let length = testRegion.extent[axis]
      let count = max(1, Int(Double(length) * voxelSize.nanometres[axis] / 1000))
      return (0...count).map { testRegion.lower[axis] + length * $0 / count }
    }
    let (rows, columns) = (cuts(1), cuts(2))
    return zip(rows, rows.dropFirst()).flatMap { top, bottom in
      zip(columns, columns.dropFirst()).map { left, right in
        Box(
          lower: [testRegion.lower[0], top, left], upper: [testRegion.upper[0], bottom, right])
      }
    }
  }

  /// The budget at which rates are chosen: the middle one.
  var tuningSlices: Int { request.slices[request.slices.count / 2] }
}
