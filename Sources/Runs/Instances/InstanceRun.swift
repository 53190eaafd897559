// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Catalog
import Foundation
public import VolumeDatabase

extension RunKind {
  /// Makes objects of labels or probabilities.
  public static let instances = RunKind(rawValue: "instances")
}

/// `vemdb instances`: makes objects of labels, a prediction or probabilities, and stores them as a version.
///
/// The result does not depend on blocks and threads: objects are numbered by their first voxels in C order.
/// A run that was stopped or killed goes on with ``resume(_:in:progress:cancellation:)`` after its last
/// complete block, and ends in the same bytes as one that was not.
public enum InstanceRun {
  /// What was made.
  public struct Outcome: Hashable, Sendable {
    /// The run.
    public let run: Int64
    /// The version of ids.
    public let version: VersionRecord
    /// What they were made of, as in `ratliver/mito-pred@1`.
    public let source: String
    /// What the objects are.
    public let className: String
    /// How many there are.
    public let objects: Int
    /// Where they were looked for, in voxels.
    public let coverage: [Box]
    /// How long it took, since it began or was resumed.
    public let seconds: Double
  }

  /// What the catalog keeps as the settings of a run.
  private struct Record: Codable {
    let request: InstanceRequest
    /// SHA-256 of the source and of all settings.
    let fingerprint: String

    private enum CodingKeys: String, CodingKey { case fingerprint }

    init(request: InstanceRequest, fingerprint: String) {
      self.request = request
      self.fingerprint = fingerprint
    }

    init(from decoder: any Decoder) throws {
      request = try InstanceRequest(from: decoder)
      fingerprint = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .fingerprint)
    }

    /// The request's settings stand beside the fingerprint, because people read them.
    func encode(to encoder: any Encoder) throws {
      try request.encode(to: encoder)
      var keys = encoder.container(keyedBy: CodingKeys.self)
      try keys.encode(fingerprint, forKey: .fingerprint)
    }
  }

  /// Makes objects.
  ///
  /// - Parameter began: Is told the run's number before anything else happens.
  /// - Throws: ``InstanceError`` or the database's error before anything starts; ``StoppedOnRequest``.
  public static func start(
    _ request: InstanceRequest, in database: VolumeDatabase,
    progress: any ProgressReporter = SilentProgress(),
    cancellation: CancellationFlag = CancellationFlag(), began: (Int64) -> Void = { _ in }
  ) throws -> Outcome {
    let setup = try InstanceSetup(request, in: database)
    let description = try RunDescription(
      .instances, settings: Record(request: setup.request, fingerprint: setup.fingerprint),
      inputs: setup.inputs)
    return try ActiveRun.perform(description, in: database.catalog, folder: database.layout.runs) { run in
      began(run.id)
      return try perform(run, setup, in: database, progress, cancellation, isResumed: false)
    }
  }

  /// Goes on with a run that was stopped, failed or killed, after its last complete block.
  ///
  /// - Throws: ``RunError``, or ``InstanceError/changed(run:)`` if the source or the settings are not what
  ///   they were.
  public static func resume(
    _ id: Int64, in database: VolumeDatabase, progress: any ProgressReporter = SilentProgress(),
    cancellation: CancellationFlag = CancellationFlag()
  ) throws -> Outcome {
    let found = try database.catalog.run(id)
    guard found.kind == .instances else {
      throw RunError.notResumable(run: id, kind: found.kind.rawValue)
    }
    let record = try JSONDecoder().decode(Record.self, from: Data(found.parameters.utf8))
    let setup = try InstanceSetup(record.request, in: database)
    guard setup.fingerprint == record.fingerprint else { throw InstanceError.changed(run: id) }
    return try ActiveRun.resume(id, in: database.catalog, folder: database.layout.runs) { run in
      try perform(run, setup, in: database, progress, cancellation, isResumed: true)
    }
  }

  private static func perform(
    _ run: ActiveRun, _ setup: InstanceSetup, in database: VolumeDatabase,
    _ progress: any ProgressReporter, _ cancellation: CancellationFlag, isResumed: Bool
  ) throws -> Outcome {
    let start = ContinuousClock.now
    let version: VersionRecord
    let objects: Int
    // A run that was lost just after its commit has nothing left to do.
    if let made = try database.catalog.versions(madeByRun: run.id).first(where: { $0.state == .committed }) {
      version = made
      objects = try database.catalog.instances(ofVersion: made.id).count
      try? SummaryFolder(run: run).remove()
    } else {
      let loop = InstanceLoop(
        run: run, setup: setup, database: database, progress: progress, cancellation: cancellation)
      (version, objects) = try loop.perform(isResumed: isResumed)
    }
    let elapsed = ContinuousClock.now - start
    return Outcome(
      run: run.id, version: version, source: setup.source.record.reference, className: setup.className,
      objects: objects, coverage: setup.covered,
      seconds: Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18)
  }
}
