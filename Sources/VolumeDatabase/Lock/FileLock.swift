// SPDX-License-Identifier: Apache-2.0

/// An advisory lock on a file, between processes and within one; the system gives it back when the process
/// ends, however it ends.
///
/// Readers of a version share the lock on its manifest, which needs no permission to write. Who takes a
/// version from its place takes it alone, and so waits for nobody and disturbs nobody.
final class FileLock: Sendable {
  /// Who may have the lock besides.
  enum Kind { case shared, exclusive }

  let path: String
  private let descriptor: Int32

  /// Takes the lock of a file.
  ///
  /// - Parameters:
  ///   - waits: Whether to wait for those who have it.
  ///   - creates: Whether to make the file where there is none.
  /// - Returns: `nil` if somebody has it and nobody waits.
  /// - Throws: ``DatabaseError/system(path:operation:code:)``, as where there is no such file.
  init?(_ path: String, _ kind: Kind, waits: Bool = false, creates: Bool = false) throws(DatabaseError) {
    guard let descriptor = try Self.lock(path, kind, waits: waits, creates: creates) else { return nil }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { Self.unlock(descriptor) }
}
