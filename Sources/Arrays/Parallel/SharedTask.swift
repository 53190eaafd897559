// SPDX-License-Identifier: Apache-2.0

import CPause
import Dispatch
import Synchronization

/// Numbered calls that several threads share.
///
/// `body` is set before any other thread knows of the task and cleared after all have left it; in between
/// it is only read, hence safe to share.
final class SharedTask: @unchecked Sendable {
  private let next = Atomic<Int>(0)
  private let count: Int
  /// Makes one call; `false` ends the task.
  private var body: ((Int) -> Bool)?
  /// Workers that have the task and have not left it.
  private let helpers = Atomic<Int>(0)
  private let isCallerAsleep = Atomic<Bool>(false)
  private let finished = DispatchSemaphore(value: 0)

  init(count: Int, _ body: @escaping (Int) -> Bool) {
    self.count = count
    self.body = body
  }

  /// Makes calls until there are none left.
  @inline(never)
  func work() {
    guard let body else { return }
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      if !body(index) { next.store(count, ordering: .relaxed) }
    }
  }

  /// Whether there are calls that no thread has begun.
  var hasMore: Bool { next.load(ordering: .relaxed) < count }

  /// A worker is about to be given the task.
  func helperEnters() { helpers.wrappingAdd(1, ordering: .relaxed) }

  /// A worker has nothing more to do with the task's body.
  func helperLeaves() {
    let left = helpers.wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue
    if left == 0, isCallerAsleep.exchange(false, ordering: .sequentiallyConsistent) { finished.signal() }
  }

  /// Waits until all workers have left, and lets the body go.
  func waitForHelpers() {
    for _ in 0..<Self.patience where helpers.load(ordering: .acquiring) > 0 { cpu_pause() }
    if helpers.load(ordering: .acquiring) > 0 {
      isCallerAsleep.store(true, ordering: .sequentiallyConsistent)
      // Whoever takes the flag back decides: a worker that did so signals.
      let areGone = helpers.load(ordering: .sequentiallyConsistent) == 0
      if !areGone || !isCallerAsleep.exchange(false, ordering: .sequentiallyConsistent) { finished.wait() }
    }
    body = nil
  }

  /// Pauses of about 30 ns before a thread that waits gives up its core: going to sleep and waking up
  /// costs tens of microseconds, on a busy machine milliseconds.
  static let patience = 5000
}
