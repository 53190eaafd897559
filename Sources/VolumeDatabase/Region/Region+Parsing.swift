// SPDX-License-Identifier: Apache-2.0

import Arrays

extension Region {
  /// Reads `z=18:36,y=0:1000`; `z=18` is one slice, `z=18:` and `z=:36` have an open end, and
  /// bounds with a unit (`z=900nm:1.8um`) are physical.
  ///
  /// - Throws: ``DatabaseError/badRegion(_:reason:)``.
  public init(parsing text: String) throws(DatabaseError) {
    var axes = [Bounds](repeating: .all, count: 3)
    var seen: Set<Int> = []
    let compact = text.filter { $0 != " " }
    guard !compact.isEmpty else { throw .badRegion(text, reason: "it names no axis") }
    for part in compact.split(separator: ",", omittingEmptySubsequences: false) {
      guard let mark = part.firstIndex(of: "="),
        let axis = ["z", "y", "x"].firstIndex(of: part[..<mark].lowercased())
      else { throw .badRegion(text, reason: "'\(part)' does not begin with z=, y= or x=") }
      guard seen.insert(axis).inserted else {
        throw .badRegion(text, reason: "the axis \(part[..<mark]) stands there twice")
      }
      do throws(Malformed) {
        axes[axis] = try Self.bounds(String(part[part.index(after: mark)...]))
      } catch {
        throw .badRegion(text, reason: error.reason)
      }
    }
    self.init(axes: axes, text: compact)
  }

  private struct Malformed: Error {
    let reason: String
  }

  /// One bound: a count of voxels or a length.
  private enum Bound {
    case voxel(Int)
    case nanometres(Double)
  }

  private static func bounds(_ text: String) throws(Malformed) -> Bounds {
    let ends = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    switch ends.count {
    case 1:
      switch try bound(ends[0]) {
      case .voxel(let index): return .voxels(lower: index, upper: index + 1)
      case .nanometres(let position): return .position(position)
      }
    case 2:
      let lower = ends[0].isEmpty ? nil : try bound(ends[0])
      let upper = ends[1].isEmpty ? nil : try bound(ends[1])
      switch (lower, upper) {
      case (nil, nil): return .all
      case (.voxel(let lower), nil): return .voxels(lower: lower, upper: nil)
      case (nil, .voxel(let upper)): return .voxels(lower: nil, upper: upper)
      case (.voxel(let lower), .voxel(let upper)):
        guard lower < upper else {
          throw Malformed(reason: "'\(text)' holds no voxel: ranges are half-open")
        }
        return .voxels(lower: lower, upper: upper)
      case (.nanometres(let lower), nil): return .nanometres(lower: lower, upper: nil)
      case (nil, .nanometres(let upper)): return .nanometres(lower: nil, upper: upper)
      case (.nanometres(let lower), .nanometres(let upper)):
        guard lower < upper else { throw Malformed(reason: "'\(text)' ends before it begins") }
        return .nanometres(lower: lower, upper: upper)
      default:
        throw Malformed(reason: "'\(text)' has a unit at one end only: give it at both or neither")
      }
    default: throw Malformed(reason: "'\(text)' has more than two ends")
    }
  }

  private static func bound(_ text: String) throws(Malformed) -> Bound {
    if let index = Int(text) {
      guard abs(index) < 1 << 48 else { throw Malformed(reason: "'\(text)' is too large") }
      return .voxel(index)
    }
    if let digit = text.lastIndex(where: { $0.isASCII && $0.isNumber }) {
      let number = String(text[...digit])
      let symbol = String(text[text.index(after: digit)...])
      if let unit = LengthUnit(symbol: symbol), let length = unit.nanometres(decimal: number),
        length.isFinite, abs(length) < 1e15
      {
        return .nanometres(length)
      }
    }
    throw Malformed(reason: "'\(text)' is neither a voxel number nor a length such as 900nm")
  }
}
