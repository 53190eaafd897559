// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation

/// The one thread of the process that calls oneDNN.
///
/// OpenMP keeps a pool of workers for every thread that calls it; calls from many threads would make
/// many pools, and more workers than cores.
@safe final class OneDNNThread: @unchecked Sendable {
  /// Sent between threads only through the semaphores below, one request at a time.
  static let shared = OneDNNThread()

  private let turn = NSLock()
  private let request = DispatchSemaphore(value: 0)
  private let completion = DispatchSemaphore(value: 0)
  private var work: (() -> Void)?

  private init() {
    let thread = Thread { [unowned self] in
      while true {
        request.wait()
        work?()
        completion.signal()
      }
    }
    thread.name = "oneDNN"
    thread.stackSize = 16 << 20
    thread.start()
  }

  /// Runs `body` on the thread and waits for it.
  ///
  /// - Precondition: Not called from `body` itself.
  func run<Result, Failure: Error>(
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var outcome: Swift.Result<Result, Failure>?
    turn.lock()
    withoutActuallyEscaping(body) { body in
      // The caller waits for the completion, hence nothing outlives this call.
      work = {
        do throws(Failure) { outcome = .success(try body()) } catch { outcome = .failure(error) }
      }
      request.signal()
      completion.wait()
      work = nil
    }
    turn.unlock()
    guard let outcome else { preconditionFailure("the thread has run the request") }
    return try outcome.get()
  }
}
