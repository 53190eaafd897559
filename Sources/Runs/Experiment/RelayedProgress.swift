// SPDX-License-Identifier: Apache-2.0

/// Passes on the progress of a run inside another one, and the wish to stop the outer one to the inner.
final class RelayedProgress: ProgressReporter {
  private let outer: any ProgressReporter
  private let run: ActiveRun
  private let cancellation: CancellationFlag

  init(_ outer: any ProgressReporter, run: ActiveRun, cancellation: CancellationFlag) {
    self.outer = outer
    self.run = run
    self.cancellation = cancellation
  }

  func begin(_ stage: ProgressStage) { outer.begin(stage) }

  func advance(to done: Int, detail: String?) {
    if run.isStopRequested(cancellation) { cancellation.cancel() }
    outer.advance(to: done, detail: detail)
  }

  func end() { outer.end() }

  func note(_ line: String) { outer.note(line) }
}
