// SPDX-License-Identifier: Apache-2.0

/// A run was asked to stop (Ctrl-C, SIGTERM, `vemdb run stop`) and did so at a safe point.
public struct StoppedOnRequest: Error, Hashable, Sendable, CustomStringConvertible {
  /// The run that can be resumed; `nil` where there is nothing to resume.
  public let run: Int64?

  /// Stopped, with the run that can be resumed.
  public init(run: Int64? = nil) { self.run = run }

  public var description: String {
    guard let run else { return "stopped on request; nothing was committed" }
    return "run \(run) was stopped on request; go on with `vemdb run resume \(run)`"
  }
}
