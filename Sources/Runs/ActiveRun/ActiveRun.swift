// SPDX-License-Identifier: Apache-2.0

public import Catalog
import Dispatch
import Foundation
import Synchronization
import VolumeDatabase

/// A run while it goes on: it has a number and a folder, shows that it is alive, and is ended whatever
/// happens to it.
///
/// ```swift
/// let description = try RunDescription(.evaluate, settings: settings, inputs: inputs)
/// return try ActiveRun.perform(description, in: database.catalog, folder: database.layout.runs) { run in
///   progress.note("run \(run.id)")
///   …
///   run.advance(to: done, of: total)
/// }
/// ```
public final class ActiveRun: Sendable {
  /// The run as it was entered when it began or went on.
  public let record: RunRecord

  /// Its folder, `runs/<id>`, for checkpoints and logs.
  public let folder: String

  /// What is known.
  public let catalog: Catalog

  private let progress = Mutex<(done: Int, total: Int?)>((0, nil))

  /// Tells other processes that this one works on the run.
  private let lock: RunLock

  /// The number of the run.
  public var id: Int64 { record.id }

  /// Enters a run, does its work and ends it: as done; as stopped, if a person stopped it; else as
  /// failed with the error.
  ///
  /// - Parameters:
  ///   - folder: Where runs have their folders.
  ///   - work: Gets the run; called once, on the calling thread.
  /// - Throws: What `work` throws, ``StoppedOnRequest`` with the run's number.
  public static func perform<Result>(
    _ description: RunDescription, in catalog: Catalog, folder: String,
    _ work: (ActiveRun) throws -> Result
  ) throws -> Result {
    let arguments = ["vemdb"] + CommandLine.arguments.dropFirst().map(bareAddress)
    let record = try catalog.startRun(
      RunDraft(
        kind: description.kind, command: arguments.joined(separator: " "),
        parameters: description.parameters, seed: description.seed, programVersion: ProgramVersion.line,
        host: Machine.host, cpu: Machine.cpu, processID: Int(ProcessInfo.processInfo.processIdentifier)))
    try catalog.addInputs(description.inputs, toRun: record.id)
    return try ActiveRun(record, catalog, folder).perform(work)
  }

  /// Goes on with a run that stopped, failed or was lost, and ends it as ``perform(_:in:folder:_:)`` does.
  ///
  /// - Throws: ``RunError/stillRunning(run:)`` if its process lives; `CatalogError` if the run is done;
  ///   what `work` throws.
  public static func resume<Result>(
    _ id: Int64, in catalog: Catalog, folder: String, _ work: (ActiveRun) throws -> Result
  ) throws -> Result {
    if isAlive(id, folder: folder) { throw RunError.stillRunning(run: id) }
    let record = try catalog.resumeRun(
      id, programVersion: ProgramVersion.line, host: Machine.host, cpu: Machine.cpu,
      processID: Int(ProcessInfo.processInfo.processIdentifier))
    return try ActiveRun(record, catalog, folder).perform(work)
  }

  /// Tells how far the run is; the catalog learns of it with the next sign of life.
  public func advance(to done: Int, of total: Int?) {
    progress.withLock { $0 = (done, total) }
  }

  /// Records something that people should know of the run.
  public func warn(_ warning: String) throws {
    try catalog.addWarning(warning, toRun: id)
  }

  private init(_ record: RunRecord, _ catalog: Catalog, _ runs: String) throws {
    self.record = record
    self.catalog = catalog
    folder = "\(runs)/\(record.id)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    guard let lock = RunLock(path: Self.lockPath(folder)) else {
      throw RunError.stillRunning(run: record.id)
    }
    self.lock = lock
    try? FileManager.default.removeItem(atPath: Self.stopPath(folder))
  }

  private func perform<Result>(_ work: (ActiveRun) throws -> Result) throws -> Result {
    try writeFile()
    let pulse = startPulse()
    let result: Result
    do {
      result = try work(self)
    } catch {
      pulse.cancel()
      beat()
      let stopped = error is StoppedOnRequest
      try? catalog.endRun(id, stopped ? .stopped : .failed, error: stopped ? nil : "\(error)")
      try? writeFile()
      // What ended the run is what a person must read, not that its end could not be written down.
      throw stopped ? StoppedOnRequest(run: id) : error
    }
    pulse.cancel()
    beat()
    try catalog.endRun(id, .done)
    try writeFile()
    return result
  }

  /// A sign of life every five seconds; without one for 30 the run counts as lost.
  private func startPulse() -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "vemdb.run.\(id)"))
    timer.schedule(deadline: .now() + 5, repeating: 5)
    timer.setEventHandler { [self] in beat() }
    timer.resume()
    return timer
  }

  /// One that cannot be written is no reason to fail: the next may be.
  private func beat() {
    let (done, total) = progress.withLock { $0 }
    try? catalog.heartbeat(run: id, done: done, total: total)
    try? Heartbeat(done: done, total: total).write(folder: folder)
  }
}
