// SPDX-License-Identifier: Apache-2.0

/// Why the demo does not begin.
public enum DemoError: Error, Hashable, Sendable {
  /// There is something in the folder.
  case folderNotEmpty(path: String)
}

extension DemoError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .folderNotEmpty(let path):
      "'\(path)' exists and is not empty: name a folder that the demo can make"
    }
  }
}
