// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with a run that is asked for.
public enum RunError: Error, Hashable, Sendable {
  /// The run's process still lives.
  case stillRunning(run: Int64)
  /// No process works on the run.
  case notRunning(run: Int64)
  /// The run cannot be resumed, because of its kind.
  case notResumable(run: Int64, kind: String)
}

extension RunError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .stillRunning(let run):
      "run \(run) is still running: stop it first with vemdb run stop \(run)"
    case .notRunning(let run):
      "run \(run) is not running, so that there is nothing to stop"
    case .notResumable(let run, let kind):
      "run \(run) is of kind \(kind), which cannot be resumed: start it again"
    }
  }
}
