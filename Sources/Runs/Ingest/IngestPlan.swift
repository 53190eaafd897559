// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import ImageFiles
import VolumeDatabase

/// An ingest of which everything is known and checked that headers and the catalog tell.
struct IngestPlan: Sendable {
  let reference: VolumeReference
  let source: any VoxelSource
  let conversion: VoxelConversion
  /// The given slices in rising z: where each belongs, and its index in the source.
  let slices: [(z: Int, index: Int)]
  /// The image that labels belong to.
  let image: StoredVersion?
  /// The version whose other slices stay as they are.
  let parent: StoredVersion?
  /// What the numbers in the names of the volume's slices mean.
  let numbering: IngestRecord.Numbering?
  /// Without run and source files.
  let specification: VersionSpecification
  let addsDataset: Bool
  /// How many bytes the run may take, if somebody said so.
  let memory: Int?
  /// Whether the volume is read by an address with a signature.
  let isSigned: Bool

  /// - Throws: ``IngestError``, `ImageFileError`, `DatabaseError` or `CatalogError`: whatever is wrong
  ///   with files or options.
  init(_ run: IngestRun, in database: VolumeDatabase) throws {
    let reference = try VolumeReference(parsing: run.volume)
    self.reference = reference
    memory = run.memory
    isSigned = run.paths.contains { bareAddress($0) != $0 }
    let classes = try Self.classes(of: run, in: database)
    let latest = try Self.latestVersion(of: reference, run, in: database)
    image = try run.like.map { try database.version(try VersionReference(parsing: $0)) }
    addsDataset = try !database.catalog.datasets().contains {
      $0.name.lowercased() == reference.dataset.lowercased()
    }
    let source = try run.openSource(placedIn: image)
    self.source = source
    conversion = try VoxelConversion(
      Self.mode(of: run), source: source.dataType, path: run.place)

    // Slices are placed in the image that they belong to, or in the version that they correct.
    let frame = image ?? (run.positions == nil && !run.allowGaps ? nil : latest)
    let placing = SlicePlacing(source, frame: frame, in: database)
    let shape = try placing.shape(volume: run.volume, positions: run.positions)
    slices = try placing.slices(positions: run.positions, allowGaps: run.allowGaps, shape: shape)
    // Slices that are placed among others have no say in how those are numbered.
    numbering =
      frame == nil
      ? source.numbering.map { run.allowGaps ? .literal : .init(first: $0.first, step: $0.step) }
      : placing.frameNumbering
    parent = try Self.parent(
      latest, run: run, shape: shape, dataType: conversion.target, isPartial: slices.count < shape[0])

    var specification = VersionSpecification(
      volume: reference, kind: run.kind, dataType: conversion.target, shape: shape,
      voxelSize: try Self.voxelSize(of: run, source, frame))
    specification.origin = frame?.record.origin ?? source.origin(by: run.voxelSize)
    specification.classes = classes
    specification.image = image?.reference
    specification.parent = parent?.reference
    specification.note = run.note
    specification.shard = run.shard.map { Extent($0) }
    specification.chunk = run.chunk.map { Extent($0) }
    if parent == nil { try specification.fit(memory: run.memory, threads: run.threads, reading: source) }
    self.specification = specification
    if let parent, slices.count < shape[0] {
      try Self.checkClasses(of: parent, are: classes, in: database)
    }
  }

  /// What the run reads from the database.
  var inputs: [RunInput] {
    (image.map { [RunInput("image", .version($0.record.id))] } ?? [])
      + (parent.map { [RunInput("parent", .version($0.record.id))] } ?? [])
  }

  /// The boxes that the given slices cover: neighbours along z are one box.
  var coverage: [Box] {
    var boxes: [Box] = []
    let shape = specification.shape
    for (z, _) in slices {
      if let last = boxes.last, last.upper[0] == z {
        boxes[boxes.count - 1] = Box(lower: last.lower, upper: [z + 1, shape[1], shape[2]])
      } else {
        boxes.append(Box(lower: [z, 0, 0], upper: [z + 1, shape[1], shape[2]]))
      }
    }
    return boxes
  }

  private static func mode(of run: IngestRun) -> VoxelConversion.Mode {
    guard let classes = run.classes else { return .image }
    if run.hasInstances { return .instances }
    return classes.isNonzero ? .nonzero : .classes(classes.allowed)
  }

  /// What the values will mean; every class must be known.
  private static func classes(
    of run: IngestRun, in database: VolumeDatabase
  ) throws -> [ClassAssignment] {
    guard run.kind != .image else { return [] }
    guard let map = run.classes else { throw IngestError.noClasses }
    for entry in map.entries { _ = try database.catalog.classNamed(entry.name) }
    if run.hasInstances {
      guard map.isNonzero, let only = map.entries.first else { throw IngestError.instancesNeedOneClass }
      return [.instance(only.name)]
    }
    return map.entries.map { entry in
      switch entry.values {
      case .one(let value): .semantic(entry.name, value: value)
      case .nonzero: .semantic(entry.name, value: 1)
      }
    }
  }

  /// The latest committed version, if there may be one.
  private static func latestVersion(
    of reference: VolumeReference, _ run: IngestRun, in database: VolumeDatabase
  ) throws -> StoredVersion? {
    let catalog = database.catalog
    let dataset = try catalog.datasets().first { $0.name.lowercased() == reference.dataset.lowercased() }
    let volume = try dataset.flatMap { dataset in
      try catalog.volumes(ofDataset: dataset.id).first {
        $0.name.lowercased() == reference.volume.lowercased()
      }
    }
    if let volume, volume.kind != run.kind {
      throw DatabaseError.wrongKind(
        volume: volume.reference, is: volume.kind.rawValue, asked: run.kind.rawValue)
    }
    let latest = try volume.flatMap { try catalog.latestVersion(ofVolume: $0.id) }
    if latest != nil && !run.isNewVersion { throw IngestError.volumeExists("\(reference)") }
    if latest == nil && run.isNewVersion { throw IngestError.nothingToContinue("\(reference)") }
    return try latest.map { try database.version($0) }
  }

  private static func voxelSize(
    of run: IngestRun, _ source: any VoxelSource, _ frame: StoredVersion?
  ) throws -> VoxelSize {
    if let frame {
      let known = frame.record.voxelSize
      if let given = run.voxelSize, given != known {
        throw IngestError.otherVoxelSize(
          given: given, image: frame.record.reference, known: known)
      }
      if run.voxelSize == nil, let stated = source.voxelSize, !stated.isAbout(known) {
        throw IngestError.statedVoxelSize(
          stated, path: run.place, image: frame.record.reference, known: known)
      }
      return known
    }
    guard let size = run.voxelSize ?? source.voxelSize else {
      throw IngestError.noVoxelSize(path: run.place)
    }
    return size
  }

  /// The version that the new one continues: one of the same shape and type.
  ///
  /// A version of all slices may have another shape or type than the one before; one of some slices is
  /// nothing without the others, and the database says why it does not fit.
  private static func parent(
    _ latest: StoredVersion?, run: IngestRun, shape: Extent, dataType: DataType, isPartial: Bool
  ) throws -> StoredVersion? {
    guard let latest else { return nil }
    let fits = latest.record.shape == shape && latest.record.dataType == dataType
    return fits || isPartial ? latest : nil
  }

  /// The boxes that are read and written one after the other.
  func blocks(for writer: VersionWriter) -> IngestBlocks {
    IngestBlocks(
      shards: writer.shardGrid, unit: source.blockShape,
      voxelBytes: specification.dataType.byteCount + source.dataType.byteCount, budget: memory)
  }

  private static func checkClasses(
    of parent: StoredVersion, are classes: [ClassAssignment], in database: VolumeDatabase
  ) throws {
    let given = try classes.map { one in
      VersionClass(try database.catalog.classNamed(one.name), mode: one.mode, value: one.value)
    }
    guard Set(given) != Set(parent.classes) else { return }
    let known = parent.classes.map { one in
      one.value.map { "\(one.className)=\($0)" } ?? "\(one.className)=nonzero --instances"
    }
    throw IngestError.otherClasses(
      version: parent.record.reference, its: known.joined(separator: ","))
  }
}
