// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Segmentation
import VolumeDatabase

/// What is compared with what, where, and for which classes; everything is checked.
struct EvaluationPlan: Sendable {
  /// A class that both versions have, if under two names.
  struct ComparedClass: Sendable {
    /// That of the truth.
    let id: Int64
    let name: String
    let prediction: ObjectReading
    let truth: ObjectReading
    /// How objects are made of the prediction.
    let predictionRule: LabellingRule
    let truthRule: LabellingRule
    /// Disjoint boxes of the truth's level 0 that both versions cover for it, inside what was asked for.
    let boxes: [Box]
    let isPerSlice: Bool
    let columns: ScoredColumns
  }

  let prediction: StoredVersion
  let truth: StoredVersion
  /// The prediction at the truth's voxels.
  let grid: ComparedGrid
  /// In voxels of level 0.
  let region: Box
  let part: SplitPart?
  let classes: [ComparedClass]
  let isVoxelsOnly: Bool
  let distanceLimit: Double

  init(_ request: EvaluationRun, in database: VolumeDatabase) throws {
    let prediction = try database.version(VersionReference(parsing: request.prediction))
    let truth = try database.version(VersionReference(parsing: request.truth))
    self.prediction = prediction
    self.truth = truth
    isVoxelsOnly = request.isVoxelsOnly
    distanceLimit = request.distanceLimit
    try Self.check(prediction, truth, in: database)
    let grid = ComparedGrid(prediction, at: truth)
    self.grid = grid
    let asked = try request.region.map { try Region(parsing: $0) } ?? .all
    let region = try asked.resolved(in: truth)
    self.region = region
    part = request.part
    var parts = [region]
    if let part {
      let boxes = try database.splits(of: truth.volume).filter { $0.part == part }.map(\.box)
      if boxes.isEmpty { throw EvaluationError.notSplit(volume: "\(truth.volume)", part: part.rawValue) }
      parts = boxes.map { $0.intersection(region) }
    }
    for other in request.alsoCovered {
      let version = try database.version(VersionReference(parsing: other))
      let boxes = version.coverage.map { ComparedGrid(version, at: truth).box($0.box) }
      parts = parts.flatMap { part in boxes.map { $0.intersection(part) } }.disjoint()
    }
    let pairs = try Self.pairs(prediction, truth, wanted: request.className, in: database)
    classes = pairs.map { pair in
      let predicted = prediction.covered(pair.prediction.classID).map { grid.box($0) }
      let actual = truth.covered(pair.truth.classID)
      let boxes = predicted.flatMap { box in actual.map { $0.intersection(box) } }
        .flatMap { box in parts.map { $0.intersection(box) } }.disjoint()
      return ComparedClass(pair, prediction, truth, boxes, covering: predicted, request)
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
    let (own, other) = (prediction.record, truth.record)
    guard own.kind != .image else {
      throw EvaluationError.noLabels(own.reference, kind: own.kind.rawValue)
    }
    guard other.kind == .label || other.kind == .prediction else {
      throw EvaluationError.noLabels(other.reference, kind: other.kind.rawValue)
    }
    let isSameGrid = own.voxelSize == other.voxelSize && own.origin == other.origin
    guard own.shape == other.shape || !isSameGrid else {
      throw EvaluationError.differentShapes(
        prediction: own.reference, shape: "\(own.shape)", truth: other.reference,
        truthShape: "\(other.shape)")
    }
    // Versions of one image volume have one grid; another image of the same grid is a mistake.
    if let a = own.imageID, let b = other.imageID, a != b {
      let images = (try database.catalog.version(a), try database.catalog.version(b))
      if images.0.volumeID != images.1.volumeID, isSameGrid || own.dataset != other.dataset {
        throw EvaluationError.differentImages(
          prediction: own.reference, image: images.0.reference, truth: other.reference,
          truthImage: images.1.reference)
      }
    }
  }

  typealias ClassPair = (prediction: VersionClass, truth: VersionClass)

  /// The classes that are compared, in the truth's order.
  private static func pairs(
    _ prediction: StoredVersion, _ truth: StoredVersion, wanted: String?, in database: VolumeDatabase
  ) throws -> [ClassPair] {
    if let wanted {
      let names = wanted.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        .map { String($0) }
      func found(_ name: String, in version: StoredVersion) throws -> VersionClass {
        let known = try database.catalog.classNamed(name)
        guard let one = version.classes.first(where: { $0.classID == known.id }) else {
          throw EvaluationError.noSuchClass(
            known.name, version: version.record.reference, known: version.classNames)
        }
        return one
      }
      return [(try found(names[0], in: prediction), try found(names[names.count - 1], in: truth))]
    }
    var seen: Set<Int64> = []
    let common = truth.classes.compactMap { one -> ClassPair? in
      guard let other = prediction.classes.first(where: { $0.classID == one.classID }),
        seen.insert(one.classID).inserted
      else { return nil }
      return (other, one)
    }
    if common.isEmpty {
      throw EvaluationError.noCommonClass(
        prediction: prediction.record.reference, known: prediction.classNames,
        truth: truth.record.reference, truthKnown: truth.classNames)
    }
    return common
  }
}

extension EvaluationPlan.ComparedClass {
  /// - Parameter covering: Where the prediction is known at all.
  fileprivate init(
    _ pair: EvaluationPlan.ClassPair, _ prediction: StoredVersion, _ truth: StoredVersion, _ boxes: [Box],
    covering: [Box], _ request: EvaluationRun
  ) {
    id = pair.truth.classID
    name = pair.truth.className
    self.boxes = boxes
    self.prediction = prediction.reading(pair.prediction.classID, threshold: request.threshold)
    self.truth = truth.reading(pair.truth.classID, threshold: request.threshold)
    let isPerSlice = request.isPerSlice || boxes.areSingleSlices
    self.isPerSlice = isPerSlice
    // What is cut off by the edge of what is compared may fall to pieces.
    let isCut = covering.flatMap { box in
      boxes.reduce([box]) { pieces, one in pieces.flatMap { $0.subtracting(one) } }
    }
    .contains { !$0.isEmpty }
    func rule(_ reading: ObjectReading, keepsIDs: Bool) -> LabellingRule {
      LabellingRule(
        reading == .ids && keepsIDs ? .values : .components, connectivity: request.connectivity,
        isPerSlice: isPerSlice)
    }
    predictionRule = rule(self.prediction, keepsIDs: !isCut && !isPerSlice)
    truthRule = rule(self.truth, keepsIDs: true)
    let whole = boxes.reduce(boxes.first ?? Box([0, 0, 0])) { $0.union($1) }
    columns = ScoredColumns(whole, voxelSize: truth.record.voxelSize, isCut: request.bootstrap > 0)
  }
}

extension [Box] {
  /// Whether no voxel has a neighbour in the slice before or after it.
  fileprivate var areSingleSlices: Bool {
    guard allSatisfy({ $0.extent[0] == 1 }) else { return false }
    let bySlice = Dictionary(grouping: self) { $0.lower[0] }
    return allSatisfy { box in
      let next = bySlice[box.lower[0] + 1] ?? []
      let above = box.translated(by: [1, 0, 0])
      return !next.contains { $0.intersects(above) }
    }
  }
}

extension StoredVersion {
  fileprivate var classNames: [String] {
    classes.reduce(into: []) { if !$0.contains($1.className) { $0.append($1.className) } }
  }

  /// What makes a voxel one of a class.
  fileprivate func reading(_ classID: Int64, threshold: Double) -> ObjectReading {
    let own = classes.filter { $0.classID == classID }
    if record.kind == .probability {
      return .probability(scale: record.valueScale ?? 1, threshold: threshold, isInverted: false)
    }
    if own.contains(where: { $0.mode == .instance }) { return .ids }
    return .values(Set(own.compactMap(\.value)), isInverted: false)
  }

  /// Where it is covered for a class.
  fileprivate func covered(_ classID: Int64) -> [Box] {
    coverage.filter { $0.classID == nil || $0.classID == classID }.map(\.box).disjoint()
  }
}
