// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension StagingLock {
  /// Opens and locks a file.
  ///
  /// - Returns: Its descriptor, or `nil` if another holds the lock.
  static func lock(_ path: String) throws(DatabaseError) -> Int32? {
    while true {
      // SAFETY: the string's C copy lives for the call.
      let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
      guard descriptor >= 0 else { throw .system(path: path, operation: "open the lock", code: errno) }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        let code = errno
        close(descriptor)
        if code == EWOULDBLOCK { return nil }
        throw .system(path: path, operation: "lock", code: code)
      }
      // The file may have been removed and made anew between opening and locking: then the lock is
      // on a file that nobody else will find.
      var held = stat()
      var named = stat()
      // SAFETY: both structures live for the calls.
      if unsafe fstat(descriptor, &held) == 0, unsafe stat(path, &named) == 0, held.st_ino == named.st_ino {
        return descriptor
      }
      close(descriptor)
    }
  }

  static func unlock(_ descriptor: Int32) {
    close(descriptor)
  }
}
