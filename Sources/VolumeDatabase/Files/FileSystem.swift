// SPDX-License-Identifier: Apache-2.0

import Arrays

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
  ///
  /// Files go to the disk several at a time, because a file system answers many requests with one
  /// transaction of its own.
  static func synchroniseTree(_ path: String) throws(DatabaseError) {
    var files: [String] = []
    var folders: [String] = []
    try walk(path, &files, &folders)
    let found = files
    try concurrentForEach(count: found.count, threads: 8) { (number) throws(DatabaseError) in
      try synchronise(found[number])
    }
    for folder in folders { try synchronise(folder) }
  }

  /// The bytes of all files under a path; hard links count once for each name.
  static func treeByteCount(_ path: String) throws(DatabaseError) -> Int {
    if kind(path) == nil { return 0 }
    var files: [String] = []
    var folders: [String] = []
    try walk(path, &files, &folders)
    return files.reduce(0) { $0 + (byteCount($1) ?? 0) }
  }

  /// All files under a path, and all folders, each after those it holds.
  private static func walk(
    _ path: String, _ files: inout [String], _ folders: inout [String]
  ) throws(DatabaseError) {
    guard kind(path) == .folder else {
      files.append(path)
      return
    }
    for name in try names(in: path) { try walk("\(path)/\(name)", &files, &folders) }
    folders.append(path)
  }

  /// What lies at a path.
  enum Kind { case file, folder, other }
}
