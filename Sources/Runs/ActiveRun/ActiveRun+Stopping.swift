// SPDX-License-Identifier: Apache-2.0

import Foundation

extension ActiveRun {
  /// Whether a process works on a run.
  ///
  /// - Parameter runs: Where runs have their folders.
  public static func isAlive(_ id: Int64, folder runs: String) -> Bool {
    RunLock.isHeld(path: lockPath("\(runs)/\(id)"))
  }

  /// Asks the process that works on a run, on whatever machine, to stop at its next safe point.
  ///
  /// - Parameter runs: Where runs have their folders.
  /// - Throws: ``RunError/notRunning(run:)`` if none does.
  public static func requestStop(_ id: Int64, folder runs: String) throws {
    guard isAlive(id, folder: runs) else { throw RunError.notRunning(run: id) }
    try Data().write(to: URL(fileURLWithPath: stopPath("\(runs)/\(id)")))
  }

  /// Leaves the work where somebody asked for it: by the flag of this process, or from another one.
  ///
  /// - Throws: ``StoppedOnRequest``.
  public func check(_ cancellation: CancellationFlag) throws(StoppedOnRequest) {
    if isStopRequested(cancellation) { throw StoppedOnRequest(run: id) }
  }

  /// Whether somebody asked the run to stop.
  public func isStopRequested(_ cancellation: CancellationFlag) -> Bool {
    cancellation.isCancelled || FileManager.default.fileExists(atPath: Self.stopPath(folder))
  }

  static func lockPath(_ folder: String) -> String { "\(folder)/lock" }

  static func stopPath(_ folder: String) -> String { "\(folder)/stop" }
}
