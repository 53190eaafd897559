// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A file that appears under its name only once it is whole.
///
/// Until ``publish()`` it is called `.NAME.partial` beside its place; if it is never published it is
/// deleted.
final class NewFile {
  /// Where the file will be.
  let path: String

  /// Where it is being written.
  let partialPath: String

  init(at path: String) {
    self.path = path
    let nameStart = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
    partialPath = "\(path[..<nameStart]).\(path[nameStart...]).\(getpid()).partial"
  }

  deinit { if !isPublished { _ = unsafe unlink(partialPath) } }

  /// Gives the file its name, replacing what had it.
  func publish() throws(ImageFileError) {
    // SAFETY: both paths are zero-terminated texts for the call.
    guard unsafe rename(partialPath, path) == 0 else { throw failure() }
    isPublished = true
  }

  /// What the system said of the last call.
  func failure() -> ImageFileError {
    // SAFETY: strerror returns a zero-terminated text, copied at once.
    .inaccessible(path: path, reason: unsafe String(cString: strerror(errno)))
  }

  private var isPublished = false
}
