// SPDX-License-Identifier: Apache-2.0

import Arrays
import Dispatch
import Synchronization
import Testing

@Suite("Calls shared by threads")
struct ConcurrentForEachTests {
  struct Stop: Error, Equatable { let number: Int }

  @Test("every number is called once", arguments: [1, 2, 3, 8])
  func everyNumber(threads: Int) {
    for count in [0, 1, 2, 3, 100] {
      let calls = Guarded([Int](repeating: 0, count: count))
      concurrentForEach(count: count, threads: threads) { number in
        calls.withLock { $0[number] += 1 }
      }
      #expect(calls.withLock { $0 } == [Int](repeating: 1, count: count))
    }
  }

  @Test("an error ends the calls and is thrown once those under way have ended", arguments: [1, 2, 4])
  func failure(threads: Int) {
    let begun = Atomic<Int>(0)
    let ended = Atomic<Int>(0)
    #expect(throws: Stop(number: 3)) {
      try concurrentForEach(count: 1_000_000, threads: threads) { (number) throws(Stop) in
        begun.wrappingAdd(1, ordering: .relaxed)
        defer { ended.wrappingAdd(1, ordering: .relaxed) }
        if number == 3 { throw Stop(number: number) }
      }
    }
    let calls = begun.load(ordering: .relaxed)
    #expect(calls == ended.load(ordering: .relaxed) && calls < 1_000_000)
  }

  @Test("many short tasks of many callers, one inside the other too, all end with the right sum")
  func manyCallers() {
    let sum = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: 4) { _ in
      for _ in 0..<2000 {
        concurrentForEach(count: 5, threads: 3) { number in
          sum.wrappingAdd(number, ordering: .relaxed)
        }
      }
    }
    concurrentForEach(count: 20, threads: 4) { _ in
      concurrentForEach(count: 20, threads: 4) { number in sum.wrappingAdd(number, ordering: .relaxed) }
    }
    #expect(sum.load(ordering: .relaxed) == 4 * 2000 * 10 + 20 * 190)
  }
}
