// SPDX-License-Identifier: Apache-2.0

/// The lock of one staging folder, held by its writer; recovery and gc take it first.
///
/// An advisory lock on the file `<uuid>.lock`. The system gives it back when the process ends, however
/// it ends, so that a lock that can be taken belongs to nobody.
final class StagingLock: Sendable {
  let path: String
  private let descriptor: Int32

  /// Takes the lock.
  ///
  /// - Returns: `nil` if somebody else holds it.
  init?(path: String) throws(DatabaseError) {
    guard let descriptor = try Self.lock(path) else { return nil }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { Self.unlock(descriptor) }
}
