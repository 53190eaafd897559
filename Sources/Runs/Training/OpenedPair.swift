// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Networks
import VolumeDatabase

/// A pair whose versions are open and fit each other.
struct OpenedPair: CustomStringConvertible {
  let image: StoredVersion
  let labels: [StoredVersion]
  private let splits: [[SplitBox]]

  /// With version numbers.
  var description: String { ([image] + labels).map(\.record.reference).joined(separator: ",") }

  /// - Throws: ``TrainingRunError`` if the volumes are of other kinds or shapes than a pair needs.
  init(_ pair: TrainingPair, in database: VolumeDatabase) throws {
    image = try database.version(pair.image)
    labels = try pair.labels.map { try database.version($0) }
    splits = try pair.labels.map { try database.splits(of: $0.volume) }
    let record = image.record
    guard record.kind == .image else {
      throw TrainingRunError.wrongKind(record.reference, is: record.kind.rawValue, asked: "an image")
    }
    for label in labels {
      guard label.record.kind == .label || label.record.kind == .prediction else {
        throw TrainingRunError.wrongKind(
          label.record.reference, is: label.record.kind.rawValue, asked: "a label volume")
      }
      guard label.record.shape == record.shape else {
        throw TrainingRunError.shapesDiffer(
          image: record.reference, imageShape: "\(record.shape)", labels: label.record.reference,
          labelShape: "\(label.record.shape)")
      }
      guard label.record.voxelSize == record.voxelSize else {
        throw TrainingRunError.voxelSizesDiffer(image: record.reference, labels: label.record.reference)
      }
    }
  }

  /// What each class can be learned from here.
  ///
  /// - Throws: ``TrainingRunError/classNotLabelled(className:pair:found:)`` if the pair has none of the
  ///   classes, ``TrainingRunError/nothingCovered(className:labels:split:)``, or the guard's error.
  func classSources(
    _ classes: [ClassRecord], grid: WorkingGrid, request: TrainingRequest, catalog: Catalog, budget: Int
  ) throws -> [ClassSource?] {
    let cut = try foldCut(classes, request: request, catalog: catalog)
    let sources = try classes.flatMap { record -> [ClassSource?] in
      let found = labels.indices.compactMap { index in
        LabelRule(of: labels[index], classID: record.id).map { (index, $0) }
      }
      let targets: [ClassSource.Target] = request.boundary ? [.mask, .boundary] : [.mask]
      if found.isEmpty { return targets.map { _ in nil } }
      var training: [Box] = []
      var validation: [Box] = []
      for (index, _) in found {
        let parts = try parts(of: index, record, cut, request: request, catalog: catalog)
        training += parts.training
        validation += parts.validation
      }
      // What is labelled where there is no image teaches nothing.
      training = training.disjoint().flatMap { $0.parts(inSlices: grid.covered) }
      validation = validation.disjoint().flatMap { $0.parts(inSlices: grid.covered) }
      if let count = request.slices { training = drawn(count, from: training, seed: request.seed) }
      if training.allSatisfy({ grid.inside($0).isEmpty }) {
        throw TrainingRunError.nothingCovered(
          className: record.name, labels: found.map { labels[$0.0].record.reference }.joined(separator: ", "),
          split: cut != nil || found.contains { !splits[$0.0].isEmpty })
      }
      return try targets.map { target in
        try ClassSource(
          found.map { (labels[$0.0], $0.1) }, target: target, ignoring: Set(request.ignoredValues),
          training: target == .mask ? training : training.compactMap { inner($0, grid) },
          validation: target == .mask ? validation : validation.compactMap { inner($0, grid) },
          grid: grid, catalog: catalog, budget: budget / targets.count, threads: request.threads ?? 1)
      }
    }
    if sources.allSatisfy({ $0 == nil }) {
      throw TrainingRunError.classNotLabelled(
        className: classes.map(\.name).joined(separator: ", "), pair: description,
        found: Set(labels.flatMap(\.classes).map(\.className)).sorted())
    }
    return sources
  }

  /// A box without the seen voxels at its edge, where it is no edge of the volume: nobody knows whether a
  /// boundary lies there.
  private func inner(_ box: Box, _ grid: WorkingGrid) -> Box? {
    let margin = [0, Int(grid.factors.y.rounded(.up)), Int(grid.factors.x.rounded(.up))]
    let shape = image.record.shape
    let result = Box(
      lower: (0..<3).map { box.lower[$0] + (box.lower[$0] > 0 ? margin[$0] : 0) },
      upper: (0..<3).map { box.upper[$0] - (box.upper[$0] < shape[$0] ? margin[$0] : 0) })
    return result.isEmpty ? nil : result
  }

  /// Where the pair's labels are cut, if folds are asked for.
  private func foldCut(
    _ classes: [ClassRecord], request: TrainingRequest, catalog: Catalog
  ) throws -> FoldCut? {
    guard let folds = request.folds, let fold = request.fold else { return nil }
    let boxes = try labels.indices.flatMap { index in
      try classes.flatMap { try learnable(index, $0, catalog: catalog) }
    }
    let record = image.record
    let cut = FoldCut(
      boxes, shape: record.shape, voxelSize: record.voxelSize, folds: folds, fold: fold,
      guarded: SplitGuard(nanometres: request.guardNanometres))
    guard let cut else {
      throw TrainingRunError.badOption(
        "--folds", reason: "the labels of \(description) cannot be cut into \(folds) parts")
    }
    return cut
  }

  /// Where a label version is covered for a class and not kept for testing.
  private func learnable(_ index: Int, _ record: ClassRecord, catalog: Catalog) throws -> [Box] {
    let version = labels[index].record
    let split = splits[index].filter { $0.part != .test }.map(\.box)
    let regions = splits[index].isEmpty ? [Box(version.shape)] : split
    return try regions.flatMap {
      try catalog.coveredBoxes(ofVersion: version.id, classID: record.id, in: $0)
    }
  }

  /// The covered boxes of a label version for a class, by what its split says of them.
  private func parts(
    of index: Int, _ record: ClassRecord, _ cut: FoldCut?, request: TrainingRequest, catalog: Catalog
  ) throws -> (training: [Box], validation: [Box]) {
    let version = labels[index].record
    func covered(_ region: Box) throws -> [Box] {
      try catalog.coveredBoxes(ofVersion: version.id, classID: record.id, in: region)
    }
    let split = splits[index]
    if split.isEmpty {
      let all = try covered(Box(version.shape))
      return cut?.parts(of: all) ?? (all, [])
    }
    try SplitGuard(nanometres: request.guardNanometres)
      .check(split, voxelSize: version.voxelSize, volume: "\(labels[index].volume)")
    if let cut { return cut.parts(of: try learnable(index, record, catalog: catalog)) }
    guard split.contains(where: { $0.part == .train }) else {
      throw TrainingRunError.noTrainingPart(labels: version.reference)
    }
    func part(_ part: SplitPart) throws -> [Box] {
      try split.filter { $0.part == part }.flatMap { try covered($0.box) }
    }
    return (try part(.train), try part(.validation))
  }

  /// The parts of boxes that lie in some drawn slices.
  private func drawn(_ count: Int, from boxes: [Box], seed: UInt64) -> [Box] {
    let slices = NestedSlices.drawn(count, of: Array(boxes.slices), seed: seed)
    return slices.flatMap { slice in
      boxes.filter { $0.range(0).contains(slice) }.map { box in
        Box(
          lower: [slice, box.lower[1], box.lower[2]], upper: [slice + 1, box.upper[1], box.upper[2]])
      }
    }
  }
}

extension Box {
  /// What of the box lies in ranges of slices that do not meet.
  fileprivate func parts(inSlices ranges: [Range<Int>]) -> [Box] {
    ranges.map { range(0).clamped(to: $0) }.filter { !$0.isEmpty }.map { slices in
      Box(lower: [slices.lowerBound, lower[1], lower[2]], upper: [slices.upperBound, upper[1], upper[2]])
    }
  }
}
