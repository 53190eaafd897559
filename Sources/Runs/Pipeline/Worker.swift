// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Synchronization

/// A thread of its own for one stage of a pipeline.
final class Worker: Sendable {
  private let end = DispatchSemaphore(value: 0)
  private let failure = Mutex<(any Error)?>(nil)

  /// Begins at once.
  init(_ name: String, _ body: @escaping @Sendable () throws -> Void) {
    let thread = Thread { [end, self] in
      do { try body() } catch { failure.withLock { $0 = error } }
      end.signal()
    }
    thread.name = name
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Waits for the end.
  ///
  /// - Throws: What the body threw.
  func wait() throws {
    end.wait()
    end.signal()
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
