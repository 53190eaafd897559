// SPDX-License-Identifier: Apache-2.0

/// One thing that a database asks of the file system; all of them go through ``FileSystem``.
enum FileOperation: Hashable, Sendable {
  case createFolder(String)
  /// A new file with all its bytes.
  case write(String, bytes: [UInt8])
  /// More bytes at the end of a file.
  case append(String, bytes: [UInt8])
  /// A second name for a file.
  case link(String, to: String)
  case rename(String, to: String)
  /// Of a file.
  case remove(String)
  case removeFolder(String)
  /// Makes a file or folder durable.
  case synchronise(String)
  /// Reads a whole file.
  case read(String)

  /// What is operated on: what comes to be, or what goes.
  var path: String {
    switch self {
    case .createFolder(let path), .write(let path, _), .append(let path, _), .remove(let path),
      .removeFolder(let path), .synchronise(let path), .read(let path), .link(_, let path),
      .rename(_, let path):
      path
    }
  }
}
