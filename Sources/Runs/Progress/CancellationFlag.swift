// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Says whether a run was asked to stop. A run looks at it at every safe point: between slabs, steps and
/// blocks.
public final class CancellationFlag: Sendable {
  private let raised = Atomic<Bool>(false)

  /// A flag that is down.
  public init() {}

  /// Asks the run to stop at its next safe point. Can be called from any thread, any number of times.
  public func cancel() { raised.store(true, ordering: .releasing) }

  /// Whether somebody asked.
  public var isCancelled: Bool { raised.load(ordering: .acquiring) }

  /// Leaves the work where somebody asked for it.
  ///
  /// - Throws: ``StoppedOnRequest``.
  public func check() throws(StoppedOnRequest) {
    if isCancelled { throw StoppedOnRequest() }
  }
}
