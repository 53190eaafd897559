// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Segmentation
import VolumeDatabase

/// What is compared with what, where, and for which classes; everything is checked.
struct EvaluationPlan {
  /// A class that both versions have.
  struct ComparedClass {
    let id: Int64
    let name: String
    let predictionForeground: LabelSelection
    let truthForeground: LabelSelection
    /// Disjoint boxes of level 0 that both versions cover for it, inside what was asked for.
    let boxes: [Box]
  }

  let prediction: StoredVersion
  let truth: StoredVersion
  /// In voxels of level 0.
  let region: Box
  let part: SplitPart?
  let classes: [ComparedClass]

  init(_ request: EvaluationRun, in database: VolumeDatabase) throws {
    prediction = try database.version(VersionReference(parsing: request.prediction))
    truth = try database.version(VersionReference(parsing: request.truth))
    try Self.check(prediction, truth, in: database)
    let asked = try request.region.map { try Region(parsing: $0) } ?? .all
    let region = try asked.resolved(in: truth)
    self.region = region
    part = request.part
    let wanted = try request.className.map { try database.catalog.classNamed($0) }
    var parts = [region]
    if let part {
      let boxes = try database.splits(of: truth.volume).filter { $0.part == part }.map(\.box)
      if boxes.isEmpty { throw EvaluationError.notSplit(volume: "\(truth.volume)", part: part.rawValue) }
      parts = boxes.map { $0.intersection(region) }
    }
    let common = try Self.commonClasses(prediction, truth, wanted: wanted)
    classes = common.map { [prediction, truth] one in
      ComparedClass(
        id: one.classID, name: one.className, predictionForeground: prediction.values(of: one.classID),
        truthForeground: truth.values(of: one.classID),
        boxes: prediction.covered(one.classID, truth.covered(one.classID, parts)).disjoint())
    }
    if classes.allSatisfy(\.boxes.isEmpty) {
      throw EvaluationError.nothingCovered(
        prediction: prediction.record.reference, truth: truth.record.reference,
        region: part.map { "the \($0.rawValue) part of \(region)" } ?? "\(region)")
    }
  }

  private static func check(
    _ prediction: StoredVersion, _ truth: StoredVersion, in database: VolumeDatabase
  ) throws {
    for version in [prediction, truth]
    where version.record.kind != .label && version.record.kind != .prediction {
      throw EvaluationError.noLabels(version.record.reference, kind: version.record.kind.rawValue)
    }
    guard prediction.record.shape == truth.record.shape else {
      throw EvaluationError.differentShapes(
        prediction: prediction.record.reference, shape: "\(prediction.record.shape)",
        truth: truth.record.reference, truthShape: "\(truth.record.shape)")
    }
    // Versions of one image volume have one grid; another image of the same shape is a mistake.
    if let a = prediction.record.imageID, let b = truth.record.imageID, a != b {
      let images = (try database.catalog.version(a), try database.catalog.version(b))
      if images.0.volumeID != images.1.volumeID {
        throw EvaluationError.differentImages(
          prediction: prediction.record.reference, image: images.0.reference,
          truth: truth.record.reference, truthImage: images.1.reference)
      }
    }
  }

  private static func commonClasses(
    _ prediction: StoredVersion, _ truth: StoredVersion, wanted: ClassRecord?
  ) throws -> [VersionClass] {
    if let wanted {
      for version in [prediction, truth] where !version.classes.contains(where: { $0.classID == wanted.id }) {
        throw EvaluationError.noSuchClass(
          wanted.name, version: version.record.reference, known: version.classNames)
      }
    }
    var seen: Set<Int64> = []
    let common = truth.classes.filter { one in
      (wanted == nil || one.classID == wanted?.id)
        && prediction.classes.contains { $0.classID == one.classID } && seen.insert(one.classID).inserted
    }
    if common.isEmpty {
      throw EvaluationError.noCommonClass(
        prediction: prediction.record.reference, known: prediction.classNames,
        truth: truth.record.reference, truthKnown: truth.classNames)
    }
    return common
  }
}

extension StoredVersion {
  fileprivate var classNames: [String] {
    classes.reduce(into: []) { if !$0.contains($1.className) { $0.append($1.className) } }
  }

  /// Which values stand for a class.
  fileprivate func values(of classID: Int64) -> LabelSelection {
    let own = classes.filter { $0.classID == classID }
    if own.contains(where: { $0.mode == .instance }) { return .nonzero }
    return .values(Set(own.compactMap(\.value)))
  }

  /// The parts of boxes that are covered for a class.
  fileprivate func covered(_ classID: Int64, _ boxes: [Box]) -> [Box] {
    coverage.filter { $0.classID == nil || $0.classID == classID }.flatMap { one in
      boxes.map { $0.intersection(one.box) }.filter { !$0.isEmpty }
    }
  }
}
