// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension LocalStore {
  public func read(
    _ request: ByteRangeRequest, into target: UnsafeMutableRawBufferPointer
  ) throws(ZarrError) -> Int? {
    let path = try filePath(of: request.key)
    guard let file = try Self.open(path) else { return nil }
    defer { _ = close(file) }
    let (offset, length) = try Self.resolve(request.range, file, path)
    let count = min(length, target.count)
    // SAFETY: `count` bytes fit the target.
    return try unsafe Self.read(
      file, path, UnsafeMutableRawBufferPointer(rebasing: target[..<count]), at: offset)
  }

  func bytes(_ request: ByteRangeRequest) throws(ZarrError) -> [UInt8]? {
    let path = try filePath(of: request.key)
    guard let file = try Self.open(path) else { return nil }
    defer { _ = close(file) }
    let (offset, length) = try Self.resolve(request.range, file, path)
    var failure: ZarrError?
    // SAFETY: the buffer has `length` bytes, of which `count` are written before they count as there.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, count in
      do throws(ZarrError) {
        count = try unsafe Self.read(
          file, path, UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: length), at: offset)
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  public func size(of key: String) throws(ZarrError) -> Int? {
    try Self.status(try filePath(of: key)).map { Int($0.st_size) }
  }

  public func stamp(of key: String) throws(ZarrError) -> ObjectStamp? {
    try Self.status(try filePath(of: key)).map {
      #if canImport(Glibc)
        let changed = $0.st_mtim
      #else
        let changed = $0.st_mtimespec
      #endif
      return ObjectStamp([
        UInt64(truncatingIfNeeded: $0.st_ino), UInt64(truncatingIfNeeded: $0.st_size),
        UInt64(truncatingIfNeeded: changed.tv_sec), UInt64(truncatingIfNeeded: changed.tv_nsec),
      ])
    }
  }

  public func write(_ bytes: RawSpan, to key: String) throws(ZarrError) {
    let file = try UnfinishedFile(path: try filePath(of: key))
    try file.append(bytes)
    try file.finish()
  }

  public func write(
    to key: String, _ body: (_ append: (RawSpan) throws(ZarrError) -> Void) throws(ZarrError) -> Bool
  ) throws(ZarrError) -> Bool {
    let path = try filePath(of: key)
    // Made at the first part, so that a shard of nothing but the fill value makes none.
    var file: UnfinishedFile?
    func opened() throws(ZarrError) -> UnfinishedFile {
      if let file { return file }
      let new = try UnfinishedFile(path: path)
      file = new
      return new
    }
    let isComplete = try body { (bytes) throws(ZarrError) in try opened().append(bytes) }
    if isComplete { try opened().finish() }
    return isComplete
  }

  public func erase(_ key: String) throws(ZarrError) {
    let path = try filePath(of: key)
    // SAFETY: the path lives while the call runs.
    if unsafe unlink(path) != 0, errno != ENOENT, errno != ENOTDIR {
      throw .system(path: path, operation: "remove", code: errno)
    }
  }

  /// By `flock` on the folder itself, so that no file is left behind.
  public func withLock<Result>(
    below prefix: String, exclusive: Bool, _ body: () throws(ZarrError) -> Result
  ) throws(ZarrError) -> Result {
    let path = prefix.isEmpty ? self.path : try filePath(of: prefix)
    guard let folder = try Self.open(path) else {
      throw .system(path: path, operation: "open", code: ENOENT)
    }
    defer { _ = close(folder) }
    while flock(folder, exclusive ? LOCK_EX : LOCK_SH) != 0 {
      guard errno == EINTR else { throw .system(path: path, operation: "lock", code: errno) }
    }
    return try body()
  }

  // MARK: Files

  /// A file opened for reading, `nil` if there is none.
  private static func open(_ path: String) throws(ZarrError) -> Int32? {
    let file = openFile(path, O_RDONLY | O_CLOEXEC, 0)
    if file >= 0 { return file }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw .system(path: path, operation: "open", code: errno)
  }

  /// Where a range begins and how many bytes of it the file has.
  private static func resolve(
    _ range: ByteRangeRequest.Range, _ file: Int32, _ path: String
  ) throws(ZarrError) -> (offset: Int, length: Int) {
    var status = stat()
    // SAFETY: the structure lives while the call fills it.
    guard unsafe fstat(file, &status) == 0 else {
      throw .system(path: path, operation: "look at", code: errno)
    }
    let size = status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
    switch range {
    case .all: return (0, size)
    case .bytes(let offset, let length):
      return (offset, max(0, min(length, size - min(offset, size))))
    case .suffix(let length):
      let count = max(0, min(length, size))
      return (size - count, count)
    }
  }

  private static func read(
    _ file: Int32, _ path: String, _ target: UnsafeMutableRawBufferPointer, at offset: Int
  ) throws(ZarrError) -> Int {
    var done = 0
    while done < target.count {
      // SAFETY: `target.count - done` bytes lie behind `done`.
      let count = unsafe pread(
        file, target.baseAddress.map { unsafe $0 + done }, target.count - done, off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw .system(path: path, operation: "read", code: errno) }
      if count == 0 { break }
      done += count
    }
    return done
  }

  private static func status(_ path: String) throws(ZarrError) -> stat? {
    var status = stat()
    // SAFETY: path and structure live while the call runs.
    if unsafe stat(path, &status) == 0 { return status.st_mode & S_IFMT == S_IFREG ? status : nil }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw .system(path: path, operation: "look at", code: errno)
  }
}

/// `open(2)` by a name that the store's own methods do not hide.
private func openFile(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  // SAFETY: the path lives while the call runs.
  unsafe open(path, flags, mode)
}
