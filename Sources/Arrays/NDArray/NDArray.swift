// SPDX-License-Identifier: Apache-2.0

/// A dense, row-major array of voxels whose type is known at run time.
///
/// A value: copies share memory until one of them is written to. The elements are reached through
/// closures: ``withSpan(of:_:)`` and ``withMutableSpan(of:_:)``, bounds checked, or the faster
/// ``withElements(of:_:)`` and ``withMutableElements(of:_:)``.
public struct NDArray: Sendable {
  /// The type of one element.
  public let dataType: DataType

  /// How many elements there are along each axis.
  public let extent: Extent

  var storage: Storage

  /// An array of zeros.
  public init(_ dataType: DataType, _ extent: Extent) {
    self.dataType = dataType
    self.extent = extent
    storage = Storage(byteCount: extent.count * dataType.byteCount, zeroed: true)
  }

  /// An array whose elements are all about to be set: until then they have any value.
  ///
  /// - Returns: The array, and whether it happens to hold nothing but zeros.
  public static func unfilled(_ dataType: DataType, _ extent: Extent) -> (array: NDArray, isZeroed: Bool) {
    let storage = Storage(byteCount: extent.count * dataType.byteCount, zeroed: false)
    return (NDArray(dataType: dataType, extent: extent, storage: storage), storage.wasZeroed)
  }

  /// An array of the given elements in C order.
  ///
  /// - Precondition: There are as many elements as `extent` says.
  public init<Element: ArrayElement>(_ elements: [Element], _ extent: Extent) {
    precondition(elements.count == extent.count, "as many elements as the extent says")
    self.init(Element.dataType, extent)
    copy(elements)
  }

  /// The number of axes.
  public var rank: Int { extent.rank }

  /// The number of elements.
  public var count: Int { extent.count }

  /// The size of the elements in bytes.
  public var byteCount: Int { extent.count * dataType.byteCount }

  /// The same elements under another shape.
  ///
  /// - Precondition: `extent` has as many elements.
  public func reshaped(_ extent: Extent) -> NDArray {
    precondition(extent.count == count, "a reshaped array keeps its number of elements")
    return NDArray(dataType: dataType, extent: extent, storage: storage)
  }

  private init(dataType: DataType, extent: Extent, storage: Storage) {
    self.dataType = dataType
    self.extent = extent
    self.storage = storage
  }
}
