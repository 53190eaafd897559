// SPDX-License-Identifier: Apache-2.0

/// How many elements an array or a box has along each axis; the last axis varies fastest.
public struct Extent: Hashable, Sendable {
  /// One size an axis, none negative.
  public let sizes: [Int]

  /// - Precondition: No size is negative.
  @inlinable public init(_ sizes: [Int]) {
    precondition(sizes.allSatisfy { $0 >= 0 }, "an extent has no negative size")
    self.sizes = sizes
  }

  /// The number of axes; 0 for a scalar.
  @inlinable public var rank: Int { sizes.count }

  /// The product of the sizes; 1 for a scalar.
  ///
  /// - Precondition: The product fits an `Int`; check sizes from files with ``checkedCount(of:)``.
  @inlinable public var count: Int { sizes.reduce(1, *) }

  /// Whether there is no element.
  @inlinable public var isEmpty: Bool { sizes.contains(0) }

  /// How far apart in a row-major array the neighbours along each axis are, in elements.
  @inlinable public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in sizes.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * sizes[axis + 1]
    }
    return strides
  }

  /// The size along one axis.
  @inlinable public subscript(axis: Int) -> Int { sizes[axis] }

  /// The product of sizes that come from a file, or `nil` if one is negative or the product
  /// does not fit an `Int`.
  public static func checkedCount(of sizes: [Int]) -> Int? {
    var count = 1
    for size in sizes {
      guard size >= 0 else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      count = product
    }
    return count
  }

  /// Whether sizes from a file are those of an array that can be: none negative, and so few elements, with
  /// empty axes counted as 1, that positions, strides and bytes can be computed without overflow.
  public static func isPossible(_ sizes: [Int]) -> Bool {
    guard let count = checkedCount(of: sizes.map { Swift.max($0, 1) }) else { return false }
    return sizes.allSatisfy { $0 >= 0 } && count <= 1 << 56
  }
}

extension Extent: ExpressibleByArrayLiteral {
  public init(arrayLiteral sizes: Int...) { self.init(sizes) }
}

extension Extent: CustomStringConvertible {
  public var description: String { sizes.map(String.init).joined(separator: " × ") }
}
