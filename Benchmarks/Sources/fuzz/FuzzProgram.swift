// SPDX-License-Identifier: Apache-2.0

import CFuzzing
import Foundation
import ZarrFuzzing

/// Damages small Zarr hierarchies and reads them, and watches what memory is asked for meanwhile.
///
///     fuzz [INPUTS [SEED [FIRST]]]
///
/// An input depends on the seed and its number alone: `fuzz 1 SEED NUMBER` runs one again. Exits with 1 where
/// an input asked for a block much larger than what its metadata declare; a trap ends the process after its
/// input is named.
@main
struct FuzzProgram {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    let count = arguments.first ?? 1_000_000
    let seed = arguments.dropFirst().first ?? 1
    let first = arguments.dropFirst(2).first ?? 0
    let fuzzer = try ZarrFuzzer(seed: UInt64(truncatingIfNeeded: seed))
    fuzzing_watch_signals()
    let start = ContinuousClock.now
    var (opened, read, excesses, slowest, largest) = (0, 0, 0, Duration.zero, 0)
    for number in first..<(first + count) {
      fuzzing_begin(number)
      _ = fuzzing_take_largest_allocation()
      let begun = ContinuousClock.now
      let outcome = fuzzer.run(number)
      slowest = max(slowest, ContinuousClock.now - begun)
      let block = fuzzing_take_largest_allocation()
      largest = max(largest, outcome.declaredBytes <= floor ? block : 0)
      // Two chunks, for a codec between two others, and room for buffers that grow by half.
      if block > 4 * max(outcome.declaredBytes, floor) {
        excesses += 1
        print("input \(number): \(block) bytes asked for, \(outcome.declaredBytes) declared")
      }
      opened += outcome.isOpened ? 1 : 0
      read += outcome.isRead ? 1 : 0
    }
    print(
      "\(count) inputs from \(first) of seed \(seed): \(opened) opened, \(read) read, no trap,",
      "\(excesses) beyond what they declare; in \(ContinuousClock.now - start), the slowest in \(slowest);",
      "largest block \(largest) bytes where at most \(floor) are declared")
    if excesses > 0 { exit(1) }
  }

  /// Below this an allocation is no matter for concern: 2 MiB.
  private static let floor = 2 << 20
}
