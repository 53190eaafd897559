// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Replaces the file at `path` by `parts`, one after the other: a reader, or a run after a power
/// cut, finds the old file or the new one and never a mixture.
///
/// Written beside it under a hidden name, synced, renamed over it, and the folder synced.
package func writeAtomically(_ parts: [[UInt8]], to path: String) throws(CheckpointError) {
  let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  let name = path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  let partial = "\(folder.isEmpty ? "/" : folder)/.\(name).partial"
  func fail(_ what: String) -> CheckpointError {
    // SAFETY: strerror gives a C string that is copied at once.
    let reason = unsafe String(cString: strerror(errno))
    return .unwritable(path: path, reason: "\(what): \(reason)")
  }
  // SAFETY: plain system calls; the file descriptor is closed on every way out.
  let file = unsafe open(partial, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  guard file >= 0 else { throw fail("opening") }
  for part in parts {
    var written = 0
    while written < part.count {
      // SAFETY: the pointer is used within the call, from `written` to the end of the part.
      let count = unsafe part.withUnsafeBytes { bytes -> Int in
        guard let base = bytes.baseAddress else { return 0 }
        return unsafe write(file, base + written, bytes.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else {
        let error = fail("writing")
        close(file)
        // SAFETY: the path is passed as a C string for the call.
        _ = unsafe unlink(partial)
        throw error
      }
      written += count
    }
  }
  // SAFETY: the paths are passed as C strings for the calls.
  guard fsync(file) == 0, close(file) == 0, unsafe rename(partial, path) == 0 else {
    let error = fail("syncing")
    _ = unsafe unlink(partial)
    throw error
  }
  // SAFETY: a C string for the call.
  let directory = unsafe open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY)
  if directory >= 0 {
    fsync(directory)
    close(directory)
  }
}
