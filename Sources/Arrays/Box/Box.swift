// SPDX-License-Identifier: Apache-2.0

/// A half-open, axis-aligned box of array elements: `lower[i] ≤ position[i] < upper[i]`.
public struct Box: Hashable, Sendable {
  /// The position of the first element.
  public let origin: [Int]

  /// How many elements there are along each axis.
  public let extent: Extent

  /// - Precondition: `origin` has as many axes as `extent`.
  @inlinable public init(origin: [Int], extent: Extent) {
    precondition(origin.count == extent.rank, "origin and extent of a box have one rank")
    self.origin = origin
    self.extent = extent
  }

  /// A box from its bounds; an axis whose upper bound lies below its lower one is empty.
  ///
  /// - Precondition: The bounds have one rank.
  @inlinable public init(lower: [Int], upper: [Int]) {
    precondition(lower.count == upper.count, "the bounds of a box have one rank")
    self.init(
      origin: lower, extent: Extent(lower.indices.map { Swift.max(0, upper[$0] - lower[$0]) }))
  }

  /// The whole of an array of shape `extent`.
  @inlinable public init(_ extent: Extent) {
    self.init(origin: [Int](repeating: 0, count: extent.rank), extent: extent)
  }

  /// The number of axes.
  @inlinable public var rank: Int { origin.count }

  /// The first position; the same as ``origin``.
  @inlinable public var lower: [Int] { origin }

  /// One past the last position along each axis.
  @inlinable public var upper: [Int] { origin.indices.map { origin[$0] + extent[$0] } }

  /// The number of elements.
  @inlinable public var count: Int { extent.count }

  /// Whether there is no element.
  @inlinable public var isEmpty: Bool { extent.isEmpty }

  /// The positions along one axis.
  @inlinable public func range(_ axis: Int) -> Range<Int> {
    origin[axis]..<(origin[axis] + extent[axis])
  }

  /// Whether every element of `other` is one of this box; true of an empty `other`.
  public func contains(_ other: Box) -> Bool {
    precondition(rank == other.rank, "boxes of one rank")
    return other.isEmpty
      || origin.indices.allSatisfy {
        origin[$0] <= other.origin[$0]
          && other.origin[$0] + other.extent[$0] <= origin[$0] + extent[$0]
      }
  }

  /// Whether the two boxes have an element in common.
  public func intersects(_ other: Box) -> Bool { !intersection(other).isEmpty }

  /// The elements that both boxes have; empty where they have none.
  public func intersection(_ other: Box) -> Box {
    precondition(rank == other.rank, "boxes of one rank")
    return Box(
      lower: origin.indices.map { Swift.max(origin[$0], other.origin[$0]) },
      upper: origin.indices.map {
        Swift.min(origin[$0] + extent[$0], other.origin[$0] + other.extent[$0])
      })
  }

  /// The smallest box that contains both; an empty box adds nothing.
  public func union(_ other: Box) -> Box {
    precondition(rank == other.rank, "boxes of one rank")
    if isEmpty { return other }
    if other.isEmpty { return self }
    return Box(
      lower: origin.indices.map { Swift.min(origin[$0], other.origin[$0]) },
      upper: origin.indices.map { Swift.max(upper[$0], other.upper[$0]) })
  }

  /// The box moved by `offset`.
  public func translated(by offset: [Int]) -> Box {
    Box(origin: origin.indices.map { origin[$0] + offset[$0] }, extent: extent)
  }

  /// The box widened by `margin` at both ends of each axis.
  public func expanded(by margin: [Int]) -> Box {
    Box(
      lower: origin.indices.map { origin[$0] - margin[$0] },
      upper: origin.indices.map { upper[$0] + margin[$0] })
  }
}

extension Box: CustomStringConvertible {
  public var description: String {
    let names = rank == 3 ? ["z", "y", "x"] : origin.indices.map { "axis\($0)" }
    return origin.indices.map { "\(names[$0])=\(origin[$0]):\(origin[$0] + extent[$0])" }
      .joined(separator: ",")
  }
}
