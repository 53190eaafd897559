// SPDX-License-Identifier: Apache-2.0

extension FileSystem {
  /// Called before an operation is done; what it throws is thrown in place of doing it.
  typealias Watcher = @Sendable (FileOperation) throws(DatabaseError) -> Void

  private static let watchers = FolderHooks<Watcher>()

  /// Shows every operation under a folder to `watcher`, which may record it, or throw to make it fail.
  ///
  /// For tests of crashes, full disks and broken ones.
  ///
  /// - Parameters:
  ///   - folder: One watcher a folder; `nil` ends the watching.
  static func watch(under folder: String, _ watcher: Watcher?) {
    watchers.set(watcher, under: folder)
  }

  /// Shows an operation to whoever watches its path.
  ///
  /// - Parameter operation: Only made if anything is watched, because it may copy what is written.
  static func notice(_ operation: () -> FileOperation) throws(DatabaseError) {
    if watchers.isEmpty { return }
    let found = operation()
    for watcher in watchers.hooks(for: found.path) { try watcher(found) }
  }
}
