// SPDX-License-Identifier: Apache-2.0

import Arrays
import Synchronization

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
  ///
  /// - Parameter isDurable: Whether to wait for the disk.
  static func replace(
    _ path: String, with bytes: [UInt8], mode: UInt32 = fileMode, isDurable: Bool = true
  ) throws(DatabaseError) {
    // Two processes may replace one file at once: each has a name of its own for what is not whole yet.
    let number = replacements.wrappingAdd(1, ordering: .relaxed).newValue
    let temporary = "\(path).\(processID)-\(number)\(unfinishedEnding)"
    do throws(DatabaseError) {
      try write(bytes, to: temporary, mode: mode)
      if isDurable { try synchronise(temporary) }
      try rename(temporary, to: path)
    } catch {
      try? removeFile(temporary)
      throw error
    }
    if isDurable, let slash = path.lastIndex(of: "/") { try synchronise(String(path[..<slash])) }
  }

  /// How the names of files end that are about to replace another.
  static let unfinishedEnding = ".new"
  private static let replacements = Atomic<Int>(0)

  /// How a file came to have the contents of another.
  enum Sharing: Hashable, Sendable {
    /// It is the same file under another name.
    case linked
    /// It has the same blocks until one of the two changes.
    case cloned
    /// It has blocks of its own.
    case copied
  }

  /// Gives contents a second place, as cheaply as the file system can: by a hard link, else by a reflink,
  /// else by a copy.
  ///
  /// - Parameter linking: Whether a hard link will do.
  @discardableResult
  static func share(
    _ path: String, to target: String, linking: Bool = true, mode: UInt32 = readOnlyMode
  ) throws(DatabaseError) -> Sharing {
    if kind(target) != nil { try removeFile(target) }
    if linking, try hardLink(path, to: target) { return .linked }
    if try clone(path, to: target, mode: mode) { return .cloned }
    try write(try read(path), to: target, mode: mode)
    return .copied
  }

  /// What the file system says of a file.
  struct Facts: Hashable, Sendable {
    /// Equal for all hard links of a file.
    struct Identity: Hashable, Sendable {
      let device: UInt64
      let inode: UInt64
    }

    let identity: Identity
    /// How long it is.
    let byteCount: Int
    /// What its blocks take on the disk.
    let storedByteCount: Int
    /// How many names it has.
    let linkCount: Int
    /// When its contents changed last, in seconds since 1970.
    let modifiedSeconds: Double
  }

  /// The names of the folders in a folder; none if there is no such folder.
  static func folders(in path: String) throws(DatabaseError) -> [String] {
    guard kind(path) == .folder else { return [] }
    return try names(in: path).filter { kind("\(path)/\($0)") == .folder }
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
  static func walk(
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
