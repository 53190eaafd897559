// SPDX-License-Identifier: Apache-2.0

/// The layout of a row-major array in bytes.
public struct StridedBytes: Sendable {
  /// Bytes between neighbours along each axis.
  public let strides: [Int]

  /// Bytes of one element.
  public let elementBytes: Int

  /// The layout of a dense array.
  public init(extent: Extent, elementBytes: Int) {
    strides = extent.strides.map { $0 * elementBytes }
    self.elementBytes = elementBytes
  }

  /// The byte at which the element at `position` begins.
  public func offset(of position: [Int]) -> Int {
    var offset = 0
    for axis in position.indices { offset += position[axis] * strides[axis] }
    return offset
  }
}
