// SPDX-License-Identifier: Apache-2.0

import Foundation
import Runs

/// Counts one stage and words it: done of total, rate, time left.
struct ProgressMeter {
  private(set) var done = 0
  private var detail: String?
  private let clock: @Sendable () -> ContinuousClock.Instant
  private let startedAt: ContinuousClock.Instant
  /// Where counting began: what is done within the first moment was done before, by a run that is resumed.
  private var first = 0

  init(clock: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }) {
    self.clock = clock
    startedAt = clock()
  }

  mutating func advance(to done: Int, detail: String?) {
    if elapsed < Self.moment { first = done }
    self.done = done
    if let detail { self.detail = detail }
  }

  /// A bar that fits into `width` columns.
  func bar(_ stage: ProgressStage, width: Int) -> String {
    let facts = facts(stage)
    guard let total = stage.total, total > 0 else {
      return String("\(stage.title)  \(facts)".prefix(width - 1))
    }
    let room = min(30, width - 1 - stage.title.count - facts.count - 6)
    guard room >= 8 else { return String("\(stage.title)  \(facts)".prefix(width - 1)) }
    let filled = room * min(done, total) / total
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: room - filled)
    return "\(stage.title)  \(bar)  \(facts)"
  }

  /// A plain line.
  func line(_ stage: ProgressStage) -> String {
    done == 0 ? "\(stage.title) …" : "\(stage.title): \(facts(stage))"
  }

  /// What is said once the stage is over.
  func summary(_ stage: ProgressStage) -> String {
    var text = "\(stage.title): "
    text += done > 0 ? "\(done) \(stage.unit) in \(Self.clock(elapsed))" : Self.clock(elapsed)
    if let rate, done > 1 { text += ", \(Self.rounded(rate)) \(stage.unit)/s" }
    if let detail { text += ", \(detail)" }
    return text
  }

  private func facts(_ stage: ProgressStage) -> String {
    var parts = [stage.total.map { "\(done) of \($0) \(stage.unit)" } ?? "\(done) \(stage.unit)"]
    if let rate {
      parts.append("\(Self.rounded(rate))/s")
      if let total = stage.total, total > done {
        parts.append("\(Self.clock(Double(total - done) / rate)) left")
      }
    }
    if let detail { parts.append(detail) }
    return parts.joined(separator: ", ")
  }

  private var elapsed: Double {
    let (seconds, attoseconds) = startedAt.duration(to: clock()).components
    return Double(seconds) + Double(attoseconds) * 1e-18
  }

  /// Units a second, once there is something to divide.
  private var rate: Double? {
    done > first && elapsed > Self.moment ? Double(done - first) / elapsed : nil
  }

  /// In seconds.
  private static let moment = 0.05

  /// Seconds as 12 s, 3:05 or 1:02:03.
  static func clock(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e7 else { return "?" }
    if seconds < 10 { return String(format: "%.1f s", seconds) }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
  }

  /// Three figures: 0.123, 4.56, 78.9, 1234.
  static func rounded(_ value: Double) -> String {
    String(format: value < 1 ? "%.3f" : value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value)
  }
}
