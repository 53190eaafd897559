// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Hands values from one thread to another, holding no more than a few of them.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
  /// Guards all that follows; hence safe to share.
  private let condition = NSCondition()
  private let capacity: Int
  private var waiting: [Element] = []
  private var isFinished = false

  init(capacity: Int) { self.capacity = max(1, capacity) }

  /// Waits for room and puts a value in.
  ///
  /// - Returns: Whether anybody will take it.
  func send(_ element: Element) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    while waiting.count >= capacity && !isFinished { condition.wait() }
    if isFinished { return false }
    waiting.append(element)
    condition.broadcast()
    return true
  }

  /// Waits for a value; `nil` once the queue is empty and finished.
  func receive() -> Element? {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty && !isFinished { condition.wait() }
    if waiting.isEmpty { return nil }
    defer { condition.broadcast() }
    return waiting.removeFirst()
  }

  /// Takes no more values; those that are there can still be received.
  func finish() {
    condition.lock()
    isFinished = true
    condition.broadcast()
    condition.unlock()
  }

  /// Takes no more values and forgets those that are there.
  func cancel() {
    condition.lock()
    waiting = []
    isFinished = true
    condition.broadcast()
    condition.unlock()
  }
}
