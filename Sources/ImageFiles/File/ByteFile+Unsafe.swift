// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file opened for reading at any offset from any thread.
final class ByteFile: Sendable {
  let path: String

  /// The size when the file was opened.
  let byteCount: Int

  init(reading path: String) throws(ImageFileError) {
    // SAFETY: the path is a zero-terminated text for the call, the status is ours to fill.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(path) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      let error = Self.failure(path)
      close(descriptor)
      throw error
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw .notAnImage(path: path)
    }
    self.path = path
    self.descriptor = descriptor
    byteCount = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Reads just `count` bytes.
  func read(_ count: Int, at offset: Int) throws(ImageFileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let outcome: Result<Void, ImageFileError> = unsafe bytes.withUnsafeMutableBytes { buffer in
      Result { () throws(ImageFileError) in try unsafe read(into: buffer, at: offset) }
    }
    try outcome.get()
    return bytes
  }

  /// Fills a buffer with the bytes that begin at `offset`.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(ImageFileError) {
    guard offset >= 0, offset <= byteCount, buffer.count <= byteCount - offset else {
      throw .damaged(path: path, reason: "it ends before the data that its header names")
    }
    guard let base = buffer.baseAddress else { return }
    var done = 0
    while done < buffer.count {
      // SAFETY: `done < buffer.count`, so that base + done and the count lie inside the buffer.
      let count = unsafe pread(descriptor, base + done, buffer.count - done, offset + done)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw Self.failure(path) }
      guard count > 0 else {
        throw .damaged(path: path, reason: "it ends before the data that its header names")
      }
      done += count
    }
  }

  private let descriptor: Int32

  private static func failure(_ path: String) -> ImageFileError {
    let code = errno
    if code == ENOENT { return .missing(path: path) }
    // SAFETY: strerror returns a zero-terminated text, copied at once.
    return .inaccessible(path: path, reason: unsafe String(cString: strerror(code)))
  }
}
