// SPDX-License-Identifier: Apache-2.0

/// What of a file of weights came into a network and what did not.
public struct LoadReport: Hashable, Sendable {
  /// A tensor whose shape in the file is not the network's.
  public struct Mismatch: Hashable, Sendable {
    /// Its name in the network.
    public let name: String
    /// The network's shape.
    public let expected: [Int]
    /// The file's shape.
    public let found: [Int]
  }

  /// Where the tensors came from.
  public let path: String
  /// What stands before the network's names in the file, as in `module.`; often nothing.
  public let prefix: String
  /// Names whose numbers were taken.
  public let loaded: [String]
  /// Names that the file lacks; these tensors are as they were.
  public let missing: [String]
  /// Names under the prefix that the network lacks; PyTorch's batch counters are not told.
  public let unexpected: [String]
  /// Names of another shape; these tensors are as they were.
  public let mismatched: [Mismatch]

  /// Whether every tensor of the network came from the file.
  public var isComplete: Bool { missing.isEmpty && mismatched.isEmpty }
}

extension LoadReport: CustomStringConvertible {
  /// A line for what was loaded, and one for each kind of what was not.
  public var description: String {
    let total = loaded.count + missing.count + mismatched.count
    var lines = ["loaded \(loaded.count) of \(total) tensors from \(path)"]
    if !prefix.isEmpty { lines[0] += " (names begin with '\(prefix)' there)" }
    if !isComplete { lines.append("  loaded: \(Self.grouped(loaded))") }
    if !missing.isEmpty { lines.append("  missing, left as they were: \(Self.grouped(missing))") }
    for one in mismatched {
      lines.append(
        "  another shape, left as it was: \(one.name) is \(one.expected), in the file \(one.found)")
    }
    if !unexpected.isEmpty {
      lines.append("  in the file but not in the network: \(Self.grouped(unexpected))")
    }
    return lines.joined(separator: "\n")
  }

  /// Names joined by their first part: `conv1 (17), conv9 (2)`.
  private static func grouped(_ names: [String]) -> String {
    var order: [String] = []
    var counts: [String: Int] = [:]
    for name in names {
      let group = String(name.prefix { $0 != "." })
      if counts[group] == nil { order.append(group) }
      counts[group, default: 0] += 1
    }
    return order.map { "\($0) (\(counts[$0] ?? 0))" }.joined(separator: ", ")
  }
}
