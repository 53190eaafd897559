// SPDX-License-Identifier: Apache-2.0

import Runs
import Synchronization
import Testing

@testable import vemdb

@Suite("Progress")
struct ProgressMeterTests {
  final class Clock: Sendable {
    let start = ContinuousClock.now
    let passed = Mutex(Duration.zero)
    func advance(by duration: Duration) { passed.withLock { $0 += duration } }
    var now: ContinuousClock.Instant { start + passed.withLock { $0 } }
  }

  let stage = ProgressStage("ingesting a/em@1", total: 200, unit: "slices")

  @Test("half of the work in ten seconds leaves ten seconds")
  func timeLeft() {
    let clock = Clock()
    var meter = ProgressMeter(clock: { clock.now })
    clock.advance(by: .seconds(10))
    meter.advance(to: 0, detail: nil)
    meter.advance(to: 100, detail: "12 MB")
    #expect(meter.line(stage) == "ingesting a/em@1: 100 of 200 slices, 10.0/s, 10 s left, 12 MB")
  }

  @Test("what a resumed run had done before does not count into the rate")
  func resumed() {
    let clock = Clock()
    var meter = ProgressMeter(clock: { clock.now })
    meter.advance(to: 150, detail: nil)
    clock.advance(by: .seconds(5))
    meter.advance(to: 160, detail: nil)
    #expect(meter.line(stage) == "ingesting a/em@1: 160 of 200 slices, 2.00/s, 20 s left")
  }

  @Test("work that is told in large pieces counts from its beginning")
  func largePieces() {
    let clock = Clock()
    var meter = ProgressMeter(clock: { clock.now })
    clock.advance(by: .seconds(4))
    meter.advance(to: 16, detail: nil)
    #expect(meter.summary(stage) == "ingesting a/em@1: 16 slices in 4.0 s, 4.00 slices/s")
  }

  @Test("a bar never fills the last column", arguments: [20, 40, 60, 80, 200])
  func width(columns: Int) {
    var meter = ProgressMeter()
    meter.advance(to: 100, detail: nil)
    #expect(meter.bar(stage, width: columns).count < columns)
  }

  @Test(
    "times are worded in the largest unit",
    arguments: [(3.21, "3.2 s"), (59, "59 s"), (185, "3:05"), (3723, "1:02:03")])
  func clock(seconds: Double, words: String) {
    #expect(ProgressMeter.clock(seconds) == words)
  }
}
