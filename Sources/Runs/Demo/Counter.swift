// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Counts what several threads have done.
final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  /// One more; how many there are now.
  func next() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}
