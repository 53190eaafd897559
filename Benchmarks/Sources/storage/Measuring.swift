// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
  let clock = ContinuousClock()
  return try clock.measure(body) / .seconds(1)
}

/// The seconds that all processors together spent on this process so far.
func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

/// The shortest of some runs.
func best(_ count: Int, _ body: () throws -> Void) rethrows -> Double {
  var shortest = Double.infinity
  for _ in 0..<count { shortest = min(shortest, try seconds(body)) }
  return shortest
}

/// The most memory that this process had so far, in MiB.
func peakMemory() -> Double {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
  let kibibytes = line?.split(separator: " ").compactMap { Double($0) }.first
  return (kibibytes ?? .nan) / 1024
}

/// Prints a line of figures behind a name, as the peers' script does.
func report(_ name: String, _ figures: String) {
  print(name.padding(toLength: 14, withPad: " ", startingAt: 0), figures)
}

/// A number with so many digits behind the point, in a field of so many characters.
func field(_ value: Double, _ width: Int, _ digits: Int) -> String {
  String(format: "%\(width).\(digits)f", value)
}
