// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What tests put in the way of work on files, by the folders that these lie under. Costs next to nothing while
/// there is none.
final class FolderHooks<Hook: Sendable>: Sendable {
  private let hooks = Mutex<[String: Hook]>([:])
  private let isUsed = Atomic<Bool>(false)

  /// Sets the one hook of a folder; `nil` removes it.
  func set(_ hook: Hook?, under folder: String) {
    hooks.withLock { hooks in
      hooks[folder] = hook
      isUsed.store(!hooks.isEmpty, ordering: .releasing)
    }
  }

  /// Whether any folder has one.
  var isEmpty: Bool { !isUsed.load(ordering: .acquiring) }

  /// The hooks of a folder and of all around it.
  func hooks(for path: String) -> [Hook] {
    if isEmpty { return [] }
    return hooks.withLock { hooks in
      hooks.filter { path == $0.key || path.hasPrefix($0.key + "/") }.map(\.value)
    }
  }
}
