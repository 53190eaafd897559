// SPDX-License-Identifier: Apache-2.0

/// Where given slices belong along z, one position for each in the order of the slices.
public struct SlicePositions: Codable, Hashable, Sendable {
  /// Positions from 0, as they were written.
  public let values: [Int]

  public init(_ values: [Int]) { self.values = values }

  /// Reads `z=18`, `z=1,30,60,116`, `z=0:20` (half-open) and lists of these.
  ///
  /// - Throws: ``IngestError/badPositions(_:)``.
  public init(parsing text: String) throws(IngestError) {
    guard text.hasPrefix("z=") else { throw .badPositions(text) }
    var values: [Int] = []
    for part in text.dropFirst(2).split(separator: ",", omittingEmptySubsequences: false) {
      let bounds = part.split(separator: ":", omittingEmptySubsequences: false)
        .map { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int($0) : nil }
      switch bounds.count {
      case 1:
        guard let z = bounds[0] else { throw .badPositions(text) }
        values.append(z)
      case 2:
        guard let lower = bounds[0], let upper = bounds[1], lower < upper, upper - lower < 1 << 24 else {
          throw .badPositions(text)
        }
        values += lower..<upper
      default: throw .badPositions(text)
      }
    }
    self.values = values
  }
}

extension SlicePositions: CustomStringConvertible {
  /// As ``init(parsing:)`` reads it, neighbours as ranges.
  public var description: String {
    var parts: [String] = []
    var place = 0
    while place < values.count {
      var end = place + 1
      while end < values.count && values[end] == values[end - 1] + 1 { end += 1 }
      parts.append(
        end - place > 1 ? "\(values[place]):\(values[end - 1] + 1)" : "\(values[place])")
      place = end
    }
    return "z=" + parts.joined(separator: ",")
  }

  public init(from decoder: any Decoder) throws {
    try self.init(parsing: decoder.singleValueContainer().decode(String.self))
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
