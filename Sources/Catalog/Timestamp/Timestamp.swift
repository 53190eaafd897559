// SPDX-License-Identifier: Apache-2.0

internal import Foundation

/// A moment as it is stored and printed: UTC, ISO 8601, to the millisecond.
public struct Timestamp: RawRepresentable, Hashable, Sendable {
  /// As in `2026-11-25T09:20:56.123Z`.
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  /// A moment by the clock of files.
  public init(secondsSince1970 seconds: Double) {
    self.init(rawValue: Date(timeIntervalSince1970: seconds).formatted(Self.style))
  }

  /// The present.
  public static var now: Timestamp {
    Timestamp(rawValue: Date.now.formatted(style))
  }

  /// Seconds from `earlier` to this moment; `nil` if one of the two is no time.
  public func seconds(since earlier: Timestamp) -> Double? {
    guard let end = try? Timestamp.style.parse(rawValue),
      let start = try? Timestamp.style.parse(earlier.rawValue)
    else { return nil }
    // Times are whole milliseconds; their difference in binary is not.
    return (end.timeIntervalSince(start) * 1000).rounded() / 1000
  }

  private static let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}

extension Timestamp: Comparable {
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.rawValue < b.rawValue }
}

extension Timestamp: CustomStringConvertible {
  public var description: String { rawValue }
}
