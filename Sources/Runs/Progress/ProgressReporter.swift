// SPDX-License-Identifier: Apache-2.0

/// Where a run tells how far it is.
///
///     progress.begin(ProgressStage("ingesting ratliver/em@1", total: 219, unit: "slices"))
///     for slice in 0..<219 {
///       …
///       progress.advance(to: slice + 1)
///     }
///     progress.end()
///
/// One stage at a time. Every function may be called from any thread and returns at once; how often
/// something is really shown is the reporter's business, so callers need not thin out their calls.
public protocol ProgressReporter: Sendable {
  /// Opens a stage; closes the one before it where that is still open.
  func begin(_ stage: ProgressStage)
  /// Tells how many units of the open stage are done, with a short remark such as "loss 0.312".
  func advance(to done: Int, detail: String?)
  /// Closes the open stage.
  func end()
  /// A line for the person that stays on the screen: "run 12", "3 of 57 parameters missing".
  func note(_ line: String)
}

extension ProgressReporter {
  /// Tells how many units of the open stage are done.
  public func advance(to done: Int) { advance(to: done, detail: nil) }
}
