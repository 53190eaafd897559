// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Calls `body` with 0, 1, … `count - 1` on at most `threads` threads and waits for all.
///
/// The calls are handed out in rising order. After the first error no further call begins; that
/// error is thrown once the calls under way have ended. Never call it from inside another such
/// call: there is one level of parallelism at a time.
///
/// The calling thread takes part. The others belong to one pool of the process, see ``WorkerPool``: where
/// all of them are busy the caller does their share.
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
  let failure = Guarded<Failure?>(nil)
  withoutActuallyEscaping(body) { body in
    let task = SharedTask(count: count) { index in
      do throws(Failure) {
        try body(index)
        return true
      } catch {
        failure.withLock { $0 = $0 ?? error }
        return false
      }
    }
    WorkerPool.shared.run(task, helpers: min(threads, count) - 1)
  }
  if let error = failure.withLock({ $0 }) { throw error }
}
