// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that only grows; each append is one write.
final class AppendingFile: Sendable {
  private let path: String
  private let descriptor: Int32

  init(path: String) throws(DatabaseError) {
    self.path = path
    // SAFETY: the string's C copy lives for the call.
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
  }

  deinit { close(descriptor) }

  func append(_ bytes: [UInt8]) throws(DatabaseError) {
    // SAFETY: the buffer lives for the call; the descriptor is open as long as `self` lives.
    let result = unsafe bytes.withUnsafeBytes { buffer -> Result<Void, DatabaseError> in
      do throws(DatabaseError) {
        return .success(try unsafe FileSystem.append(buffer, to: descriptor, path: path))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }
}
