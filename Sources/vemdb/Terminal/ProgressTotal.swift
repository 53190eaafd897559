// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Whether a stage whose size is told with its first step has begun.
final class ProgressTotal: Sendable {
  private let hasBegun = Atomic(false)

  /// True once.
  var begins: Bool { !hasBegun.exchange(true, ordering: .relaxed) }
}
