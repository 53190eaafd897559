// SPDX-License-Identifier: Apache-2.0

import Foundation
import Runs
import Synchronization

/// Shows progress on standard error: a bar with rate and time left on a terminal, a plain line now and
/// then elsewhere.
final class TerminalProgress: ProgressReporter {
  private struct State {
    var stage: ProgressStage?
    var meter = ProgressMeter()
    var shownAt = ContinuousClock.now
    var isBarDrawn = false
  }

  private let state = Mutex(State())
  private let isTerminal: Bool
  private let width: Int

  /// - Parameter isTerminal: Whether a bar can be redrawn in place; by default, whether standard error
  ///   is a terminal that says it can.
  init(isTerminal: Bool = TerminalSize.standardErrorCanRedraw, width: Int = TerminalSize.columns) {
    self.isTerminal = isTerminal
    self.width = width
  }

  func begin(_ stage: ProgressStage) {
    state.withLock { state in
      finish(&state)
      state.stage = stage
      state.meter = ProgressMeter()
      show(&state)
    }
  }

  func advance(to done: Int, detail: String?) {
    state.withLock { state in
      guard let stage = state.stage else { return }
      state.meter.advance(to: done, detail: detail)
      let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
      if state.shownAt.duration(to: .now) >= pause, done < stage.total ?? .max { show(&state) }
    }
  }

  func end() {
    state.withLock { finish(&$0) }
  }

  func note(_ line: String) {
    state.withLock { state in
      if state.isBarDrawn { StandardError.write("\r\u{1B}[K") }
      state.isBarDrawn = false
      StandardError.print(line)
      if isTerminal, state.stage != nil { show(&state) }
    }
  }

  private func show(_ state: inout State) {
    guard let stage = state.stage else { return }
    state.shownAt = .now
    if isTerminal {
      StandardError.write("\r" + state.meter.bar(stage, width: width) + "\u{1B}[K")
      state.isBarDrawn = true
    } else {
      StandardError.print(state.meter.line(stage))
    }
  }

  private func finish(_ state: inout State) {
    guard let stage = state.stage else { return }
    let line = state.meter.summary(stage)
    StandardError.write(state.isBarDrawn ? "\r\(line)\u{1B}[K\n" : line + "\n")
    state.stage = nil
    state.isBarDrawn = false
  }
}
