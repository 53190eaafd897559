// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What was learned about a server from its answers, so that it need not be learned at each object.
final class ServerManners: Sendable {
  private let suffixes = Atomic<Bool>(true)

  /// Whether the last bytes of an object can be asked for without knowing its size (`bytes=-N`).
  var knowsSuffixes: Bool {
    get { suffixes.load(ordering: .relaxed) }
    set { suffixes.store(newValue, ordering: .relaxed) }
  }
}
