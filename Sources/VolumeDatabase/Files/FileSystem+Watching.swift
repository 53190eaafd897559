// SPDX-License-Identifier: Apache-2.0

import Synchronization

extension FileSystem {
  /// Called before an operation is done; what it throws is thrown in place of doing it.
  typealias Watcher = @Sendable (FileOperation) throws(DatabaseError) -> Void

  private static let watchers = Mutex<[String: Watcher]>([:])
  private static let isWatched = Atomic<Bool>(false)

  /// Shows every operation under a folder to `watcher`, which may record it, or throw to make it fail.
  ///
  /// For tests of crashes, full disks and broken ones.
  ///
  /// - Parameters:
  ///   - folder: One watcher a folder; `nil` ends the watching.
  static func watch(under folder: String, _ watcher: Watcher?) {
    watchers.withLock { watchers in
      watchers[folder] = watcher
      isWatched.store(!watchers.isEmpty, ordering: .releasing)
    }
  }

  /// Shows an operation to whoever watches its path.
  ///
  /// - Parameter operation: Only made if anything is watched, because it may copy what is written.
  static func notice(_ operation: () -> FileOperation) throws(DatabaseError) {
    guard isWatched.load(ordering: .acquiring) else { return }
    let found = operation()
    let path = found.path
    let called = watchers.withLock { watchers in
      watchers.filter { path == $0.key || path.hasPrefix($0.key + "/") }.map(\.value)
    }
    for watcher in called { try watcher(found) }
  }
}
