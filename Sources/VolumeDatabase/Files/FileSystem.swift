// SPDX-License-Identifier: Apache-2.0

/// What a database asks of the file system; the calls themselves are in `FileSystem+Unsafe.swift`.
enum FileSystem {
  /// Modes of what is written: committed shards are never opened for writing again.
  static let readOnlyMode: UInt32 = 0o444
  static let fileMode: UInt32 = 0o644

  /// Creates a folder and those above it that are missing.
  static func createFolders(_ path: String) throws(DatabaseError) {
    if kind(path) == .folder { return }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      try createFolders(String(path[..<slash]))
    }
    try createFolder(path, existing: true)
  }

  /// Replaces a small file in one step, durably: a reader sees the old bytes or the new ones.
  static func replace(_ path: String, with bytes: [UInt8]) throws(DatabaseError) {
    let temporary = path + ".new"
    try write(bytes, to: temporary, mode: fileMode)
    try synchronise(temporary)
    try rename(temporary, to: path)
    if let slash = path.lastIndex(of: "/") { try synchronise(String(path[..<slash])) }
  }

  /// Removes a file or a folder with all it holds; what is not there is no error.
  static func removeTree(_ path: String) throws(DatabaseError) {
    switch kind(path) {
    case nil: return
    case .folder:
      for name in try names(in: path) { try removeTree("\(path)/\(name)") }
      try removeFolder(path)
    case .file, .other: try removeFile(path)
    }
  }

  /// Makes a folder and everything under it durable, folders after what they hold.
  static func synchroniseTree(_ path: String) throws(DatabaseError) {
    if kind(path) == .folder {
      for name in try names(in: path) { try synchroniseTree("\(path)/\(name)") }
    }
    try synchronise(path)
  }

  /// What lies at a path.
  enum Kind { case file, folder, other }
}
