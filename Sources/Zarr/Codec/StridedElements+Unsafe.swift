// SPDX-License-Identifier: Apache-2.0

import Arrays

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Elements in memory at regular distances: a box inside a larger array.
@safe struct StridedElements: @unchecked Sendable {
  // SAFETY: whoever makes one keeps the memory alive while it is used, and gives no two threads boxes
  // that overlap for writing.
  let base: UnsafeMutableRawPointer
  /// Bytes between neighbours along each axis.
  let strides: [Int]

  init(base: UnsafeMutableRawPointer, strides: [Int]) {
    unsafe self.base = base
    self.strides = strides
  }

  /// A dense array.
  init(dense base: UnsafeMutableRawPointer, _ extent: Extent, elementBytes: Int) {
    unsafe self.base = base
    strides = extent.strides.map { $0 * elementBytes }
  }

  /// A dense array that is only read.
  init(reading base: UnsafeRawPointer, _ extent: Extent, elementBytes: Int) {
    // SAFETY: the one who made it from memory that may only be read does not pass it on as a target.
    unsafe self.base = UnsafeMutableRawPointer(mutating: base)
    strides = extent.strides.map { $0 * elementBytes }
  }

  /// The elements from `position` on.
  func advanced(to position: [Int]) -> StridedElements {
    var offset = 0
    for axis in position.indices { offset += position[axis] * strides[axis] }
    // SAFETY: a position inside the box stays inside its memory.
    return unsafe StridedElements(base: base + offset, strides: strides)
  }

  /// The same elements with the axes in another order.
  func permuted(_ order: [Int]?) -> StridedElements {
    guard let order else { return self }
    return unsafe StridedElements(base: base, strides: order.map { strides[$0] })
  }

  /// Whether a box of this extent is one run of bytes.
  func isDense(_ extent: Extent, elementBytes: Int) -> Bool {
    var run = elementBytes
    for axis in (0..<extent.rank).reversed() where extent[axis] != 1 {
      if strides[axis] != run { return false }
      run *= extent[axis]
    }
    return true
  }

  /// Copies a box of `extent` elements to another place.
  func copy(_ extent: Extent, to target: StridedElements, elementBytes: Int) {
    if extent.isEmpty { return }
    // Axes of one element drop out; then the innermost ones that are dense on both sides merge.
    var axes = (0..<extent.rank).filter { extent[$0] != 1 }
    var run = elementBytes
    while let axis = axes.last, strides[axis] == run, target.strides[axis] == run {
      run *= extent[axis]
      axes.removeLast()
    }
    let loop = CopyLoop(
      sizes: axes.map { extent[$0] }, strides: axes.map { strides[$0] },
      targetStrides: axes.map { target.strides[$0] }, run: run)
    unsafe loop.run(from: base, to: target.base)
  }

  /// Sets a box of `extent` elements to one value.
  func fill(_ extent: Extent, with value: FillValue, _ type: DataType) {
    if extent.isEmpty { return }
    let bytes = value.bytes(type)
    if bytes.allSatisfy({ $0 == bytes[0] }), isDense(extent, elementBytes: type.byteCount) {
      // SAFETY: a dense box is one run of bytes.
      unsafe memset(base, Int32(bytes[0]), extent.count * type.byteCount)
      return
    }
    // One row is set, then copied to all others.
    let last = extent.rank - 1
    let length = extent.rank == 0 ? 1 : extent[last]
    let stride = extent.rank == 0 ? 0 : strides[last]
    for index in 0..<length {
      // SAFETY: the row lies inside the box.
      let element = unsafe base + index * stride
      switch type.byteCount {
      case 1: unsafe element.storeBytes(of: UInt8(truncatingIfNeeded: value.bits), as: UInt8.self)
      case 2: unsafe element.storeBytes(of: UInt16(truncatingIfNeeded: value.bits), as: UInt16.self)
      case 4: unsafe element.storeBytes(of: UInt32(truncatingIfNeeded: value.bits), as: UInt32.self)
      default: unsafe element.storeBytes(of: value.bits, as: UInt64.self)
      }
    }
    guard extent.rank > 1 else { return }
    let rows = Extent(extent.sizes.dropLast() + [1])
    for position in Box(rows).positions.dropFirst() {
      let row = advanced(to: position)
      copy(Extent([Int](repeating: 1, count: last) + [length]), to: row, elementBytes: type.byteCount)
    }
  }
}

/// Nested loops over runs of bytes.
private struct CopyLoop {
  let sizes: [Int]
  let strides: [Int]
  let targetStrides: [Int]
  let run: Int

  func run(from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
    unsafe step(0, source, target)
  }

  private func step(_ axis: Int, _ source: UnsafeRawPointer, _ target: UnsafeMutableRawPointer) {
    // SAFETY: every place reached is an element of the two boxes, which the callers checked.
    guard axis < sizes.count else {
      unsafe target.copyMemory(from: source, byteCount: run)
      return
    }
    let (size, stride, targetStride) = (sizes[axis], strides[axis], targetStrides[axis])
    if axis < sizes.count - 1 {
      for index in 0..<size {
        unsafe step(axis + 1, source + index * stride, target + index * targetStride)
      }
      return
    }
    switch run {
    case 1: unsafe elements(UInt8.self, size, source, stride, target, targetStride)
    case 2: unsafe elements(UInt16.self, size, source, stride, target, targetStride)
    case 4: unsafe elements(UInt32.self, size, source, stride, target, targetStride)
    case 8: unsafe elements(UInt64.self, size, source, stride, target, targetStride)
    case 16...256 where run % 16 == 0:
      // Rows of a chunk: vectors in line are faster than a call of memmove.
      for index in 0..<size {
        for offset in Swift.stride(from: 0, to: run, by: 16) {
          let part = unsafe (source + index * stride + offset).loadUnaligned(as: SIMD16<UInt8>.self)
          unsafe (target + index * targetStride + offset).storeBytes(of: part, as: SIMD16<UInt8>.self)
        }
      }
    default:
      var from = unsafe source
      var to = unsafe target
      for _ in 0..<size {
        unsafe to.copyMemory(from: from, byteCount: run)
        unsafe from += stride
        unsafe to += targetStride
      }
    }
  }

  private func elements<Element: BitwiseCopyable>(
    _ type: Element.Type, _ size: Int, _ source: UnsafeRawPointer, _ stride: Int,
    _ target: UnsafeMutableRawPointer, _ targetStride: Int
  ) {
    for index in 0..<size {
      // SAFETY: as in `step`.
      let value = unsafe (source + index * stride).loadUnaligned(as: type)
      unsafe (target + index * targetStride).storeBytes(of: value, as: type)
    }
  }
}
