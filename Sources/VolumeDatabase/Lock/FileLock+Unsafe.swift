// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension FileLock {
  /// Opens and locks a file that stays under its name.
  ///
  /// - Returns: Its descriptor, or `nil` if another has a lock that forbids this one.
  static func lock(_ path: String, _ kind: Kind, waits: Bool, creates: Bool) throws(DatabaseError) -> Int32? {
    let calls = calls(for: path)
    while true {
      let flags = O_CLOEXEC | (creates ? O_CREAT : 0)
      var descriptor = calls.openFile(path, (kind == .shared ? O_RDONLY : O_RDWR) | flags)
      if descriptor < 0, kind == .exclusive, errno == EACCES {
        descriptor = openUnwritable(path, flags, calls)
      }
      guard descriptor >= 0 else { throw .system(path: path, operation: "open", code: errno) }
      var result: Int32
      repeat {
        result = calls.lockFile(descriptor, (kind == .shared ? LOCK_SH : LOCK_EX) | (waits ? 0 : LOCK_NB))
      } while result != 0 && errno == EINTR
      if result != 0 {
        let code = errno
        // Lustre and NFS may be mounted without locks; what is there can be read all the same.
        if kind == .shared, [ENOSYS, EOPNOTSUPP, ENOLCK].contains(code) { return descriptor }
        close(descriptor)
        if code == EWOULDBLOCK { return nil }
        throw .system(path: path, operation: "lock", code: code)
      }
      // The file may have been moved or replaced between opening and locking.
      var held = stat()
      var named = stat()
      // SAFETY: both structures live for the calls.
      if unsafe fstat(descriptor, &held) == 0, unsafe stat(path, &named) == 0, held.st_ino == named.st_ino {
        return descriptor
      }
      close(descriptor)
    }
  }

  /// Opens a file that nobody may write, as those of committed versions are, for a lock that excludes others.
  ///
  /// A local file system locks alone also what is open for reading. NFS does so only with what is open for
  /// writing (flock(2): EBADF), so the owner gives the permission as long as opening takes. Another process
  /// that does the same may take it back in between: then it is given again.
  private static func openUnwritable(_ path: String, _ flags: Int32, _ calls: Calls) -> Int32 {
    var facts = stat()
    // SAFETY: the structure and the string's C copy live for the call.
    if unsafe stat(path, &facts) == 0 {
      // Not what was found: that may be the permission that another process has just given.
      let mode = UInt32(facts.st_mode) & 0o7777 & ~0o200
      for _ in 0..<100 where calls.changeMode(path, mode | 0o200) == 0 {
        let descriptor = calls.openFile(path, O_RDWR | flags)
        let code = errno
        _ = calls.changeMode(path, mode)
        if descriptor >= 0 { return descriptor }
        if code != EACCES { break }
      }
    }
    return calls.openFile(path, O_RDONLY | flags)
  }

  static func unlock(_ descriptor: Int32) { close(descriptor) }
}

extension FileLock.Calls {
  /// The system's own.
  static let system = Self(
    // SAFETY: the strings' C copies live for the calls.
    openFile: { unsafe open($0, $1, 0o644) },
    lockFile: { flock($0, $1) },
    changeMode: { unsafe chmod($0, mode_t($1)) })
}
