// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization

/// Calls `body` with 0, 1, … `count - 1` on at most `threads` threads and waits for all.
///
/// The calls are handed out in rising order. After the first error no further call begins; that
/// error is thrown once the calls under way have ended. Never call it from inside another such
/// call: there is one level of parallelism at a time.
///
/// - Parameters:
///   - threads: How many calls run at once; 1 runs them on the calling thread.
public func concurrentForEach<Failure: Error>(
  count: Int, threads: Int, _ body: @Sendable (Int) throws(Failure) -> Void
) throws(Failure) {
  if threads <= 1 || count <= 1 {
    for index in 0..<count { try body(index) }
    return
  }
  let next = Atomic<Int>(0)
  let failure = Mutex<Failure?>(nil)
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      do throws(Failure) {
        try body(index)
      } catch {
        next.store(count, ordering: .relaxed)
        failure.withLock { $0 = $0 ?? error }
        return
      }
    }
  }
  if let error = failure.withLock({ $0 }) { throw error }
}
