// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Where a run happens; every run records it.
enum Machine {
  /// The name of the machine.
  static var host: String { ProcessInfo.processInfo.hostName }

  /// The model of the CPU and how many cores the program may use, as in "AMD EPYC 7763, 2 cores".
  static let cpu: String = {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    return "\(model ?? "unknown CPU"), \(cores) \(cores == 1 ? "core" : "cores")"
  }()

  /// How many threads compute at once when nobody says.
  static var threads: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

  /// As Linux tells it.
  private static var model: String? {
    guard let facts = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else { return nil }
    let line = facts.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").dropFirst().first.map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }
}
