// SPDX-License-Identifier: Apache-2.0

internal import CXXHash
import Catalog

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A new file that is written part by part and hashed on the way; without ``finish()`` it is removed.
///
/// Used by one thread.
@safe final class ShardFile {
  private let path: String
  private let descriptor: Int32
  private let hash: OpaquePointer
  private var byteCount = 0
  private var isOpen = true

  /// Creates the file, of mode 0444, in place of one that is there.
  init(path: String) throws(DatabaseError) {
    if FileSystem.kind(path) != nil { try FileSystem.removeFile(path) }
    try FileSystem.notice { .write(path, bytes: []) }
    // SAFETY: the path lives while the call runs.
    let descriptor = unsafe open(
      path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t(FileSystem.readOnlyMode))
    guard descriptor >= 0 else { throw .system(path: path, operation: "create", code: errno) }
    // SAFETY: the state is freed in deinit alone.
    guard let hash = unsafe XXH3_createState() else {
      close(descriptor)
      throw .system(path: path, operation: "hash", code: ENOMEM)
    }
    unsafe XXH3_128bits_reset(hash)
    self.path = path
    self.descriptor = descriptor
    unsafe self.hash = unsafe hash
  }

  deinit {
    // SAFETY: the state is this object's own; the path lives while the call runs.
    unsafe XXH3_freeState(hash)
    guard isOpen else { return }
    close(descriptor)
    unsafe unlink(path)
  }

  func append(_ bytes: RawSpan) throws(DatabaseError) {
    var failure: DatabaseError?
    // SAFETY: the buffer lives for the call; the descriptor is open.
    unsafe bytes.withUnsafeBytes { buffer in
      unsafe XXH3_128bits_update(hash, buffer.baseAddress, buffer.count)
      do throws(DatabaseError) {
        try unsafe FileSystem.append(buffer, to: descriptor, path: path)
      } catch { failure = error }
    }
    if let failure { throw failure }
    byteCount += bytes.byteCount
  }

  /// Ends the file.
  func finish() throws(DatabaseError) -> (byteCount: Int, hash: Hash128) {
    isOpen = false
    guard close(descriptor) == 0 else {
      let code = errno
      // SAFETY: the path lives while the call runs.
      unsafe unlink(path)
      throw .system(path: path, operation: "write", code: code)
    }
    // SAFETY: the state was reset and is only read.
    let digest = unsafe XXH3_128bits_digest(hash)
    return (byteCount, Hash128(high: digest.high64, low: digest.low64))
  }
}
