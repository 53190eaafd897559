// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Foundation
import Runs

/// Turns SIGINT (Ctrl-C) and SIGTERM into a raised flag. The first asks the run to stop at its next safe
/// point, the second ends the program at once.
///
///     let stop = StopSignals()
///     try run.start(progress: TerminalProgress(), cancellation: stop.flag)
final class StopSignals {
  /// Raised by the first signal.
  let flag = CancellationFlag()
  private let sources: [any DispatchSourceSignal]

  /// Watches from now on, for as long as this value lives.
  init() {
    let queue = DispatchQueue(label: "vemdb.signals")
    let flag = flag
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        if flag.isCancelled { _exit(128 + number) }
        flag.cancel()
        StandardError.print("\nstopping at the next safe point; once more to stop at once")
      }
      source.resume()
      return source
    }
  }
}
