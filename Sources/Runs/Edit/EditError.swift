// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with a change that is asked for.
public enum EditError: Error, Hashable, Sendable {
  /// The version says so already.
  case nothingToChange(String)
  /// The run is of another kind, or what it was to do cannot be read.
  case notResumable(run: Int64)
}

extension EditError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .nothingToChange(let version):
      "\(version) has this voxel size and origin already, so that there is nothing to change"
    case .notResumable(let run): "run \(run) is no edit that could be resumed: start it again"
    }
  }
}
