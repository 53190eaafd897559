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
  static func inode(_ path: String) -> UInt64? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return UInt64(status.st_ino)
  }

  static func createFolder(_ path: String, existing: Bool) throws(DatabaseError) {
    if unsafe mkdir(path, 0o755) == 0 { return }
    let code = errno
    if existing && code == EEXIST { return }
    throw .system(path: path, operation: "create the folder", code: code)
  }

  static func removeFile(_ path: String) throws(DatabaseError) {
    if unsafe unlink(path) == 0 || errno == ENOENT { return }
    throw .system(path: path, operation: "remove", code: errno)
  }

  static func removeFolder(_ path: String) throws(DatabaseError) {
    if unsafe rmdir(path) == 0 || errno == ENOENT { return }
    throw .system(path: path, operation: "remove the folder", code: errno)
  }

  static func rename(_ path: String, to target: String) throws(DatabaseError) {
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

  /// Gives a file a second name; copies it where the file system cannot link.
  ///
  /// - Returns: Whether it was linked.
  @discardableResult
  static func link(_ path: String, to target: String) throws(DatabaseError) -> Bool {
    try removeFile(target)
    if unsafe Glibc.link(path, target) == 0 { return true }
    switch errno {
    case EXDEV, EMLINK, EPERM, EOPNOTSUPP, ENOSYS:
      try write(try read(path), to: target, mode: readOnlyMode)
      return false
    case let code: throw .system(path: target, operation: "link", code: code)
    }
  }

  /// Makes a file or a folder durable.
  static func synchronise(_ path: String) throws(DatabaseError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
    defer { close(descriptor) }
    // Some file systems cannot synchronise a folder and say so by EINVAL.
    guard fsync(descriptor) == 0 || errno == EINVAL else {
      throw .system(path: path, operation: "make durable", code: errno)
    }
  }

  static func read(_ path: String) throws(DatabaseError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
    defer { close(descriptor) }
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
    try removeFile(path)
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(mode))
    guard descriptor >= 0 else { throw .system(path: path, operation: "create", code: errno) }
    do throws(DatabaseError) {
      try unsafe append(bytes, to: descriptor, path: path)
    } catch {
      close(descriptor)
      unsafe unlink(path)
      throw error
    }
    guard close(descriptor) == 0 else {
      let code = errno
      unsafe unlink(path)
      throw .system(path: path, operation: "write", code: code)
    }
  }

  /// Writes all bytes to an open file.
  static func append(
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
