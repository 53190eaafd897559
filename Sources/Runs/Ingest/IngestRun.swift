// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Catalog
import Foundation
public import VolumeDatabase

/// Makes a version of a volume from files of slices.
///
/// ```swift
/// var run = IngestRun(.image, into: try VolumeReference(parsing: "ratliver/em"), from: ["slices/"])
/// run.voxelSize = VoxelSize(z: 50, y: 8, x: 8)
/// let outcome = try run.start(in: database, progress: progress, cancellation: flag)
/// ```
///
/// Everything that can be known from headers, and for labels every value, is checked before anything
/// is written. Then the slices of one layer at a time are decoded and stored, so that memory does not
/// grow with the volume. Nothing is visible before all is committed.
public struct IngestRun: Codable, Hashable, Sendable {
  /// What the voxels are: an image, labels or a prediction.
  public var kind: VolumeKind
  /// `dataset/volume`, the volume that gets the version.
  public var volume: String
  /// Files and folders of slices, or the path or address of one Zarr volume. A signature at the end of an
  /// address is used and not recorded.
  public var paths: [String]
  /// Distances between voxels; `nil` takes the image's, or what the files say.
  public var voxelSize: VoxelSize?
  /// `dataset/volume@3`, the image that labels or predictions belong to.
  public var like: String?
  /// Where each slice belongs along z; `nil` takes them one after the other.
  public var positions: SlicePositions?
  /// The part of a Zarr volume that is taken, as in `z=0:64,y=1000:3000`; `nil` takes all of it.
  public var region: String?
  /// Whether numbers may be missing in the names of slices; they are then left uncovered.
  public var allowGaps = false
  /// What the values of labels or predictions mean.
  public var classes: ClassMap?
  /// Whether the values are ids of objects of the one class.
  public var hasInstances = false
  /// Whether to add a version to a volume that has some.
  public var isNewVersion = false
  /// The channel to take from files of several, counted from 0.
  public var channel: Int?
  /// The shape of a chunk; `nil` chooses.
  public var chunk: [Int]?
  /// The shape of a shard; `nil` chooses.
  public var shard: [Int]?
  /// How many bytes one layer with all that is made of it may take; `nil` leaves it to the layer.
  public var memory: Int?
  /// Which model made a prediction, or anything else.
  public var note: String?
  /// How many threads decode and encode.
  public var threads: Int

  /// - Precondition: `kind` is not a probability.
  public init(_ kind: VolumeKind, into volume: VolumeReference, from paths: [String]) {
    precondition(kind != .probability, "probabilities are computed, not ingested")
    self.kind = kind
    self.volume = "\(volume)"
    self.paths = paths
    threads = ProcessInfo.processInfo.activeProcessorCount
  }

  /// The first of what is read, as messages call it.
  var place: String { paths.first.map(bareAddress) ?? volume }

  /// What an ingest made.
  public struct Outcome: Sendable {
    /// The committed version.
    public let version: VersionRecord
    /// The run that made it.
    public let runID: Int64
    /// How many slices were given.
    public let sliceCount: Int
    /// What it covers, in voxels.
    public let coverage: [Box]
    /// Whether the dataset was added for it.
    public let addedDataset: Bool
  }

  /// Checks everything, then makes and commits the version.
  ///
  /// - Throws: ``IngestError``, `ImageFileError` or `DatabaseError`, after which nothing is left of the
  ///   version; ``StoppedOnRequest``, after which ``resume(_:in:progress:cancellation:)`` goes on.
  public func start(
    in database: VolumeDatabase, progress: any ProgressReporter = SilentProgress(),
    cancellation: CancellationFlag = CancellationFlag()
  ) throws -> Outcome {
    var run = self
    run.paths = paths.map { isAddress($0) ? $0 : URL(fileURLWithPath: $0).standardizedFileURL.path }
    let plan = try IngestPlan(run, in: database)
    // What `latest` meant now is what a resumed run must find again.
    run.like = plan.image.map { "\($0.reference)" }
    run.paths = run.paths.map(bareAddress)
    try plan.checkValues(threads: threads, progress: progress, cancellation: cancellation)
    let sources = try plan.hashedFiles(
      threads: threads, progress: progress, cancellation: cancellation)
    if plan.addsDataset {
      try database.addDataset(plan.reference.dataset)
      progress.note(
        "added dataset \(plan.reference.dataset); say more about it with vemdb dataset edit")
    }
    let settings = IngestRecord(
      run: run, numbering: plan.numbering, filesHash: sources.digest, isSigned: plan.isSigned)
    let description = try RunDescription(.ingest, settings: settings, inputs: plan.inputs)
    return try ActiveRun.perform(description, in: database.catalog, folder: database.layout.runs) { active in
      progress.note("run \(active.id)")
      var specification = plan.specification
      specification.runID = active.id
      specification.sourceFiles = sources.records
      let writer = try VersionWriter(specification, in: database, threads: threads)
      return try plan.write(with: writer, in: database, active, progress, cancellation)
    }
  }

  /// Goes on with an ingest that was stopped or lost.
  ///
  /// - Parameter address: The address of a remote volume with a signature that is valid now.
  /// - Throws: ``IngestError/filesChanged(run:)`` if the files are not the same any more,
  ///   ``IngestError/otherAddress(run:known:)``, ``IngestError/unsigned(run:address:)``; else as
  ///   ``start(in:progress:cancellation:)``.
  public static func resume(
    _ id: Int64, address: String? = nil, in database: VolumeDatabase,
    progress: any ProgressReporter = SilentProgress(),
    cancellation: CancellationFlag = CancellationFlag()
  ) throws -> Outcome {
    let record = try database.catalog.run(id)
    guard record.kind == .ingest,
      let settings = try? JSONDecoder().decode(IngestRecord.self, from: Data(record.parameters.utf8))
    else { throw IngestError.notResumable(run: id) }
    var run = settings.run
    if let address {
      guard run.paths == [bareAddress(address)] else {
        throw IngestError.otherAddress(run: id, known: run.place)
      }
      run.paths = [address]
    } else if settings.isSigned == true {
      throw IngestError.unsigned(run: id, address: run.place)
    }
    let plan = try IngestPlan(run, in: database)
    let sources = try plan.hashedFiles(
      threads: settings.run.threads, progress: progress, cancellation: cancellation)
    guard sources.digest == settings.filesHash else { throw IngestError.filesChanged(run: id) }
    return try ActiveRun.resume(id, in: database.catalog, folder: database.layout.runs) { active in
      var specification = plan.specification
      specification.runID = id
      specification.sourceFiles = sources.records
      let writer = try VersionWriter.resumedOrBegun(
        specification, in: database, threads: settings.run.threads)
      return try plan.write(with: writer, in: database, active, progress, cancellation)
    }
  }
}
