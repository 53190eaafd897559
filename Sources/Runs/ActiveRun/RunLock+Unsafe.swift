// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The lock of a run's folder, held by the process that works on it.
///
/// The system gives it back when the process ends, however it ends: a lock that can be taken belongs to
/// a run that nobody works on.
final class RunLock: Sendable {
  private let descriptor: Int32

  /// Takes the lock in a file, which is made if need be; `nil` if somebody holds it or the file cannot
  /// be opened.
  init?(path: String) {
    // SAFETY: a C string for the call; the descriptor is closed here or by deinit.
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return nil }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Whether a process holds the lock in a file.
  static func isHeld(path: String) -> Bool {
    // SAFETY: a C string for the call; the descriptor is closed below.
    let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) != 0
  }
}
