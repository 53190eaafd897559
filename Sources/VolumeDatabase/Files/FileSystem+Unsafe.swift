// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// SAFETY (of this file): every call is given strings whose C copies live for the call, and buffers
// with their own lengths; descriptors are closed on every path.
extension FileSystem {
  /// What lies at a path; `nil` if there is nothing.
  static func kind(_ path: String, followingLinks: Bool = false) -> Kind? {
    var status = stat()
    let code = followingLinks ? unsafe stat(path, &status) : unsafe lstat(path, &status)
    guard code == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    default: return .other
    }
  }

  /// The size of a file in bytes; `nil` if there is none.
  static func byteCount(_ path: String) -> Int? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return Int(status.st_size)
  }

  /// The permission bits of a file.
  static func mode(_ path: String) -> UInt32? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return UInt32(status.st_mode) & 0o777
  }

  /// The identity of a file: equal for all its hard links.
  static func inode(_ path: String) -> UInt64? { facts(path)?.identity.inode }

  /// What the file system says of a file; `nil` if there is none.
  static func facts(_ path: String) -> Facts? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    return Facts(
      identity: .init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)),
      byteCount: Int(status.st_size), storedByteCount: Int(status.st_blocks) * 512,
      linkCount: Int(status.st_nlink),
      modifiedSeconds: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9)
  }

  static func setMode(_ mode: UInt32, of path: String) throws(DatabaseError) {
    if unsafe chmod(path, mode_t(mode)) == 0 { return }
    throw .system(path: path, operation: "change the mode of", code: errno)
  }

  /// A number that no other process has now.
  static var processID: Int32 { getpid() }

  static func createFolder(_ path: String, existing: Bool) throws(DatabaseError) {
    try notice { .createFolder(path) }
    if unsafe mkdir(path, 0o755) == 0 { return }
    let code = errno
    if existing && code == EEXIST { return }
    throw .system(path: path, operation: "create the folder", code: code)
  }

  static func removeFile(_ path: String) throws(DatabaseError) {
    try notice { .remove(path) }
    if unsafe unlink(path) == 0 || errno == ENOENT { return }
    throw .system(path: path, operation: "remove", code: errno)
  }

  static func removeFolder(_ path: String) throws(DatabaseError) {
    try notice { .removeFolder(path) }
    if unsafe rmdir(path) == 0 || errno == ENOENT { return }
    throw .system(path: path, operation: "remove the folder", code: errno)
  }

  static func rename(_ path: String, to target: String) throws(DatabaseError) {
    try notice { .rename(path, to: target) }
    if unsafe Glibc.rename(path, target) == 0 { return }
    throw .system(path: path, operation: "move to '\(target)'", code: errno)
  }

  /// The names in a folder, sorted.
  static func names(in path: String) throws(DatabaseError) -> [String] {
    guard let folder = unsafe opendir(path) else {
      throw .system(path: path, operation: "list", code: errno)
    }
    defer { unsafe closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Gives a file a second name.
  ///
  /// - Returns: Whether the file system can; where it cannot there is no second name.
  static func hardLink(_ path: String, to target: String) throws(DatabaseError) -> Bool {
    do throws(DatabaseError) {
      try notice { .link(path, to: target) }
      if unsafe Glibc.link(path, target) == 0 { return true }
      throw .system(path: target, operation: "link", code: errno)
    } catch {
      guard case .system(_, _, let code) = error, unlinkable.contains(code) else { throw error }
      return false
    }
  }

  /// Codes of file systems that cannot link, or not this file again.
  private static let unlinkable: Set = [EXDEV, EMLINK, EPERM, EOPNOTSUPP, ENOSYS]

  /// Makes a file that shares the blocks of another until one of them changes.
  ///
  /// - Returns: Whether the file system can (Btrfs, XFS, bcachefs …); where it cannot no file is left.
  static func clone(_ path: String, to target: String, mode: UInt32) throws(DatabaseError) -> Bool {
    #if os(Linux)
      let source = unsafe open(path, O_RDONLY | O_CLOEXEC)
      guard source >= 0 else { throw .system(path: path, operation: "open", code: errno) }
      defer { Glibc.close(source) }
      let copy = unsafe open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
      guard copy >= 0 else { throw .system(path: target, operation: "create", code: errno) }
      defer { Glibc.close(copy) }
      // FICLONE of linux/fs.h: _IOW(0x94, 9, int).
      if ioctl(copy, 0x4004_9409, source) == 0 { return true }
      unsafe unlink(target)
    #endif
    return false
  }

  /// Makes a file or a folder durable.
  static func synchronise(_ path: String) throws(DatabaseError) {
    try notice { .synchronise(path) }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
    defer { Glibc.close(descriptor) }
    // Some file systems cannot synchronise a folder and say so by EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw .system(path: path, operation: "make durable", code: errno)
    }
  }

  static func openForReading(_ path: String) throws(DatabaseError) -> Int32 {
    try notice { .read(path) }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
    return descriptor
  }

  static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

  /// Reads what comes next of an open file.
  ///
  /// - Returns: How many bytes; 0 at the end.
  static func read(
    _ descriptor: Int32, into buffer: inout [UInt8], path: String
  ) throws(DatabaseError) -> Int {
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
      }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .system(path: path, operation: "read", code: errno) }
      return count
    }
  }

  static func read(_ path: String) throws(DatabaseError) -> [UInt8] {
    try notice { .read(path) }
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
    defer { Glibc.close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw .system(path: path, operation: "read", code: errno)
    }
    let size = Int(status.st_size)
    var failure: Int32 = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let part = unsafe Glibc.read(descriptor, buffer.baseAddress.map { unsafe $0 + count }, size - count)
        if part < 0 && errno == EINTR { continue }
        if part < 0 { failure = errno }
        if part <= 0 { return }
        count += part
      }
    }
    if failure != 0 { throw .system(path: path, operation: "read", code: failure) }
    return bytes
  }

  /// Writes a new file, in place of one that is there.
  static func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(DatabaseError) {
    let result = unsafe bytes.withUnsafeBytes { buffer -> Result<Void, DatabaseError> in
      do throws(DatabaseError) {
        return .success(try unsafe write(buffer, to: path, mode: mode))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  /// Writes a new file, in place of one that is there; a failed write leaves none.
  static func write(
    _ bytes: UnsafeRawBufferPointer, to path: String, mode: UInt32
  ) throws(DatabaseError) {
    // Most files are new: what is there is removed only where it is in the way.
    if kind(path) != nil { try removeFile(path) }
    try notice { .write(path, bytes: unsafe Array(bytes)) }
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
    guard descriptor >= 0 else { throw .system(path: path, operation: "create", code: errno) }
    do throws(DatabaseError) {
      try unsafe writeAll(bytes, to: descriptor, path: path)
    } catch {
      Glibc.close(descriptor)
      unsafe unlink(path)
      throw error
    }
    guard Glibc.close(descriptor) == 0 else {
      let code = errno
      unsafe unlink(path)
      throw .system(path: path, operation: "write", code: code)
    }
  }

  /// Adds bytes to the end of an open file.
  static func append(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
  ) throws(DatabaseError) {
    try notice { .append(path, bytes: unsafe Array(bytes)) }
    try unsafe writeAll(bytes, to: descriptor, path: path)
  }

  /// Writes all bytes to an open file.
  private static func writeAll(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
  ) throws(DatabaseError) {
    var done = 0
    while done < bytes.count {
      let part = unsafe Glibc.write(
        descriptor, bytes.baseAddress.map { unsafe $0 + done }, bytes.count - done)
      if part < 0 && errno == EINTR { continue }
      guard part > 0 else {
        throw .system(path: path, operation: "write", code: part < 0 ? errno : EIO)
      }
      done += part
    }
  }
}
