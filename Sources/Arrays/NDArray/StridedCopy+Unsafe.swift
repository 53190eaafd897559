// SPDX-License-Identifier: Apache-2.0

/// Copies a box of elements between two row-major arrays, in the longest runs that both have.
///
/// - Parameters:
///   - extent: The shape of the box.
///   - position: Where the box begins in the source.
///   - targetPosition: Where it begins in the target.
/// - Precondition: The box lies inside both arrays; equal element sizes; no overlap.
public func copyStrided(
  _ extent: Extent,
  from source: UnsafeRawBufferPointer, _ sourceLayout: StridedBytes, at position: [Int],
  to target: UnsafeMutableRawBufferPointer, _ targetLayout: StridedBytes,
  at targetPosition: [Int]
) {
  precondition(sourceLayout.elementBytes == targetLayout.elementBytes, "equal element sizes")
  if extent.isEmpty { return }
  var axis = extent.rank
  var run = sourceLayout.elementBytes
  while axis > 0, sourceLayout.strides[axis - 1] == run, targetLayout.strides[axis - 1] == run {
    run *= extent[axis - 1]
    axis -= 1
    // Rows of the box that do not fill both arrays' rows end the run.
  }
  let outer = Array(extent.sizes[..<axis])
  let first = sourceLayout.offset(of: position)
  let firstTarget = targetLayout.offset(of: targetPosition)
  precondition(
    lastByte(extent, sourceLayout, first) <= source.count
      && lastByte(extent, targetLayout, firstTarget) <= target.count,
    "the copied box lies inside both arrays")
  guard let sourceBase = source.baseAddress, let targetBase = target.baseAddress else { return }
  var index = [Int](repeating: 0, count: axis)
  var from = first
  var to = firstTarget
  while true {
    // SAFETY: offsets run from the first byte of the box to the last, both checked above.
    unsafe (targetBase + to).copyMemory(from: sourceBase + from, byteCount: run)
    var turning = axis - 1
    while turning >= 0 {
      index[turning] += 1
      from += sourceLayout.strides[turning]
      to += targetLayout.strides[turning]
      if index[turning] < outer[turning] { break }
      from -= outer[turning] * sourceLayout.strides[turning]
      to -= outer[turning] * targetLayout.strides[turning]
      index[turning] = 0
      turning -= 1
    }
    if turning < 0 { return }
  }
}

/// One past the last byte that a box touches.
private func lastByte(_ extent: Extent, _ layout: StridedBytes, _ first: Int) -> Int {
  var last = first
  for axis in 0..<extent.rank { last += (extent[axis] - 1) * layout.strides[axis] }
  return last + layout.elementBytes
}
