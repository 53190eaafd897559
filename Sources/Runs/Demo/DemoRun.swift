// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import VolumeDatabase

/// `vemdb demo`: the main job on two tissues that it makes itself, so that nobody needs data to see it.
///
/// The tissues are written as slices and ingested. A network learns from all labels of one tissue; from
/// two labelled slices of the other it is fine-tuned, and a second one starts from scratch; both, and the
/// first as it is, predict the other tissue and are scored on a part whose labels none has seen.
public struct DemoRun: Sendable {
  /// A folder that does not exist or is empty.
  public let folder: String
  /// How many threads compute.
  public var threads = Machine.threads

  var source = SyntheticTissue.source
  var target = SyntheticTissue.target
  var pretrainingSteps = 200
  var tuningSteps = 50
  var slices = 2
  var patch = [8, 64, 64]

  /// The part of the target that is asked about: its middle.
  var region: Region {
    Region.voxels(
      lower: target.shape.sizes.map { $0 / 4 }, upper: target.shape.sizes.map { $0 - $0 / 4 })
  }

  /// - Throws: ``DemoError/folderNotEmpty(path:)``.
  public init(in folder: String) throws {
    if FileManager.default.fileExists(atPath: folder) {
      // What is no folder has no contents that could be listed.
      let found = try? FileManager.default.contentsOfDirectory(atPath: folder)
      guard let found, found.isEmpty else { throw DemoError.folderNotEmpty(path: folder) }
    }
    self.folder = folder
  }

  /// Does everything; what it made stays in the folder.
  ///
  /// - Throws: What any of the runs throws; what was committed before stays.
  public func start(
    progress: any ProgressReporter = SilentProgress(), cancellation: CancellationFlag = CancellationFlag()
  ) throws -> DemoOutcome {
    let clock = ContinuousClock()
    let began = clock.now
    let work = DemoWork(self, progress: progress, cancellation: cancellation)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let database = try VolumeDatabase.create(at: "\(folder)/demo.vemdb")
    try work.ingest(source, into: database)
    try work.ingest(target, into: database)
    try work.split(in: database)

    let pretrained = try work.train("pretrained", on: source, in: database)
    let finetuned = try work.train("finetuned", from: pretrained.model, on: target, in: database)
    let scratch = try work.train("scratch", on: target, in: database)
    let arms = try [pretrained, finetuned, scratch].map { try work.score($0, in: database) }
    let picture = try work.picture(of: arms[1], in: database)
    let found = try work.query(in: database)
    return DemoOutcome(
      folder: folder, database: "\(folder)/demo.vemdb", picture: picture, arms: arms,
      region: region.text, found: found,
      seconds: Double(began.duration(to: clock.now).components.seconds))
  }
}
