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
    let sources = try classes.map { record -> ClassSource? in
      let found = labels.indices.compactMap { index in
        LabelRule(of: labels[index], classID: record.id).map { (index, $0) }
      }
      if found.isEmpty { return nil }
      var training: [Box] = []
      var validation: [Box] = []
      for (index, _) in found {
        let parts = try parts(of: index, record, request: request, catalog: catalog)
        training += parts.training
        validation += parts.validation
      }
      training = training.disjoint()
      if let count = request.slices { training = drawn(count, from: training, seed: request.seed) }
      if training.allSatisfy({ grid.inside($0).isEmpty }) {
        throw TrainingRunError.nothingCovered(
          className: record.name, labels: found.map { labels[$0.0].record.reference }.joined(separator: ", "),
          split: found.contains { !splits[$0.0].isEmpty })
      }
      return try ClassSource(
        found.map { (labels[$0.0], $0.1) }, training: training, validation: validation.disjoint(),
        grid: grid, catalog: catalog, budget: budget, threads: request.threads ?? 1)
    }
    if sources.allSatisfy({ $0 == nil }) {
      throw TrainingRunError.classNotLabelled(
        className: classes.map(\.name).joined(separator: ", "), pair: description,
        found: Set(labels.flatMap(\.classes).map(\.className)).sorted())
    }
    return sources
  }

  /// The covered boxes of a label version for a class, by what its split says of them.
  private func parts(
    of index: Int, _ record: ClassRecord, request: TrainingRequest, catalog: Catalog
  ) throws -> (training: [Box], validation: [Box]) {
    let version = labels[index].record
    func covered(_ region: Box) throws -> [Box] {
      try catalog.coveredBoxes(ofVersion: version.id, classID: record.id, in: region)
    }
    let split = splits[index]
    if split.isEmpty { return (try covered(Box(version.shape)), []) }
    try SplitGuard(nanometres: request.guardNanometres)
      .check(split, voxelSize: version.voxelSize, volume: "\(labels[index].volume)")
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
    let slices = NestedSlices.drawn(count, of: boxes.flatMap { Array($0.range(0)) }, seed: seed)
    return slices.flatMap { slice in
      boxes.filter { $0.range(0).contains(slice) }.map { box in
        Box(
          lower: [slice, box.lower[1], box.lower[2]], upper: [slice + 1, box.upper[1], box.upper[2]])
      }
    }
  }
}
