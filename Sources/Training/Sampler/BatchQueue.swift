// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// Makes batches ahead of their use, in order, on a thread of its own, so that the network never waits
/// for reading.
///
/// What a batch holds depends on its index alone, so that reading ahead changes no result.
final class BatchQueue: Sendable {
  /// What the thread and the queue share; the thread keeps it alive, not the queue.
  private final class Core: Sendable {
    let ready = Mutex<[Result<Batch, any Error>]>([])
    let isEnded = Atomic<Bool>(false)
    let places: DispatchSemaphore
    let made = DispatchSemaphore(value: 0)

    init(ahead: Int) {
      // Raised afterwards: a semaphore may not be freed below the value it began with.
      places = DispatchSemaphore(value: 0)
      for _ in 0..<ahead { places.signal() }
    }
  }

  private let core: Core

  /// - Parameters:
  ///   - indices: Of the batches that will be asked for, in their order.
  ///   - ahead: How many are made before they are asked for.
  init(
    _ indices: Range<Int>, ahead: Int = 2, make: @escaping @Sendable (Int) throws -> Batch
  ) {
    let core = Core(ahead: ahead)
    self.core = core
    let thread = Thread {
      for index in indices {
        core.places.wait()
        if core.isEnded.load(ordering: .acquiring) { return }
        let result = Result { try make(index) }
        core.ready.withLock { $0.append(result) }
        core.made.signal()
        if case .failure = result { return }
      }
    }
    thread.name = "vemdb.batches"
    thread.stackSize = 8 << 20
    thread.start()
  }

  deinit {
    core.isEnded.store(true, ordering: .releasing)
    core.places.signal()
  }

  /// The next batch.
  ///
  /// - Returns: The batch, and how many seconds it was waited for.
  /// - Throws: What making it threw; nothing can be asked for after that.
  /// - Precondition: There is one.
  func next() throws -> (batch: Batch, waited: Double) {
    let clock = ContinuousClock()
    let began = clock.now
    core.made.wait()
    let waited = began.duration(to: clock.now).components
    let result = core.ready.withLock { $0.removeFirst() }
    core.places.signal()
    return (try result.get(), Double(waited.seconds) + Double(waited.attoseconds) * 1e-18)
  }
}
