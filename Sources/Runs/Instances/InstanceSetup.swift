// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Crypto
import Foundation
import Segmentation
import VolumeDatabase

/// Objects to be made, the source found and everything checked.
struct InstanceSetup {
  /// With every reference made definite, so that a resumed run finds the same.
  let request: InstanceRequest
  let source: StoredVersion
  /// What makes a voxel part of an object.
  let reading: ObjectReading
  /// What the objects are.
  let className: String
  /// Disjoint boxes that the source covers, inside the region.
  let covered: [Box]
  let minimumVoxels: Int
  let specification: VersionSpecification
  let fingerprint: String

  /// - Throws: ``InstanceError``, or the error of what cannot be found or read.
  init(_ asked: InstanceRequest, in database: VolumeDatabase) throws {
    try asked.check()
    var request = asked
    let source = try database.version(VersionReference(parsing: request.source))
    self.source = source
    let record = source.record
    request.source = record.reference
    guard record.kind != .image else {
      throw InstanceError.noLabels(record.reference, kind: record.kind.rawValue)
    }
    if request.watershed == .probability, record.kind != .probability {
      throw InstanceError.noProbabilities(record.reference, kind: record.kind.rawValue)
    }
    let own = try Self.sourceClass(request, source, in: database)
    reading = try Self.reading(request, source, classID: own.classID)
    if request.showsBoundaries {
      guard let name = request.className else { throw InstanceError.namelessObjects(record.reference) }
      className = try database.catalog.classNamed(name).name
    } else {
      className = own.className
    }
    let region =
      try request.region.map { try Region(parsing: $0).resolved(in: source) } ?? Box(record.shape)
    covered = source.coverage.filter { $0.classID == nil || $0.classID == own.classID }
      .map { $0.box.intersection(region) }.disjoint()
    if covered.isEmpty {
      throw InstanceError.nothingCovered(region: "\(region)", source: record.reference)
    }
    minimumVoxels =
      try request.minimumSize.map { text throws(InstanceError) in
        try MinimumSize.voxels(text, voxelSize: record.voxelSize)
      } ?? 0
    var specification = VersionSpecification(
      volume: try VolumeReference(parsing: request.target),
      kind: record.kind == .label ? .label : .prediction, dataType: .uint64, shape: record.shape,
      voxelSize: record.voxelSize)
    specification.origin = record.origin
    specification.classes = [.instance(className)]
    if let image = record.imageID {
      specification.image = try VersionReference(parsing: try database.catalog.version(image).reference)
    }
    specification.note = request.note
    self.specification = specification
    self.request = request
    let facts = [
      try request.jsonObject(), record.uuid, record.contentHash.map { "\($0)" } ?? "",
    ]
    fingerprint = SHA256.hash(data: Data(facts.joined(separator: "\n").utf8)).hexadecimal
  }

  /// What the run reads.
  var inputs: [RunInput] {
    [RunInput(source.record.kind == .label ? "labels" : "prediction", .version(source.record.id))]
  }

  private static func sourceClass(
    _ request: InstanceRequest, _ source: StoredVersion, in database: VolumeDatabase
  ) throws -> VersionClass {
    let names = source.classes.reduce(into: [String]()) {
      if !$0.contains($1.className) { $0.append($1.className) }
    }
    if let wanted = request.className, !request.showsBoundaries {
      let known = try database.catalog.classNamed(wanted)
      guard let found = source.classes.first(where: { $0.classID == known.id }) else {
        throw InstanceError.noSuchClass(known.name, version: source.record.reference, known: names)
      }
      return found
    }
    guard names.count == 1, let only = source.classes.first else {
      throw InstanceError.whichClass(source.record.reference, known: names)
    }
    return only
  }

  private static func reading(
    _ request: InstanceRequest, _ source: StoredVersion, classID: Int64
  ) throws(InstanceError) -> ObjectReading {
    let own = source.classes.filter { $0.classID == classID }
    if source.record.kind == .probability {
      return .probability(
        scale: source.record.valueScale ?? 1, threshold: request.threshold,
        isInverted: request.showsBoundaries)
    }
    if own.contains(where: { $0.mode == .instance }) {
      if request.watershed != nil {
        throw .alreadyObjects(source.record.reference, option: "--watershed")
      }
      if request.showsBoundaries {
        throw .alreadyObjects(source.record.reference, option: "--boundaries")
      }
      return .ids
    }
    return .values(Set(own.compactMap(\.value)), isInverted: request.showsBoundaries)
  }
}
