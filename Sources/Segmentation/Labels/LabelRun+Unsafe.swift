// SPDX-License-Identifier: Apache-2.0

import Arrays

extension LabelRun {
  /// Replaces `runs` by those of one row of a label array: the last axis at one place of the others.
  ///
  /// - Precondition: Integers or `bool`, and `row` lies inside the array.
  static func read(_ labels: NDArray, row: Int, into runs: inout [LabelRun]) {
    switch labels.dataType {
    case .bool, .uint8: read(labels, row, &runs, UInt8.self)
    case .int8: read(labels, row, &runs, Int8.self)
    case .uint16: read(labels, row, &runs, UInt16.self)
    case .int16: read(labels, row, &runs, Int16.self)
    case .uint32: read(labels, row, &runs, UInt32.self)
    case .int32: read(labels, row, &runs, Int32.self)
    case .uint64: read(labels, row, &runs, UInt64.self)
    case .int64: read(labels, row, &runs, Int64.self)
    case .float16, .float32, .float64:
      preconditionFailure("\(labels.dataType) is not a type of labels")
    }
  }

  @inline(__always)
  private static func read<Element: ArrayElement & FixedWidthInteger>(
    _ labels: NDArray, _ row: Int, _ runs: inout [LabelRun], _ type: Element.Type
  ) {
    runs.removeAll(keepingCapacity: true)
    let width = labels.extent.sizes.last ?? 1
    if width == 0 { return }
    precondition(row >= 0 && (row + 1) * width <= labels.count, "a row lies inside its array")
    // SAFETY: the row's `width` elements lie inside the array, as checked above.
    unsafe labels.withElements(of: type) { elements in
      guard let base = elements.baseAddress else { return }
      let values = unsafe base + row * width
      var start = 0
      var value = unsafe values[0]
      for x in 1..<max(width, 1) {
        let next = unsafe values[x]
        if next != value {
          runs.append(LabelRun(start: start, end: x, value: UInt64(truncatingIfNeeded: value)))
          start = x
          value = next
        }
      }
      runs.append(LabelRun(start: start, end: width, value: UInt64(truncatingIfNeeded: value)))
    }
  }
}

extension NDArray {
  /// How many rows the last axis has: the product of the other sizes.
  var rowCount: Int { extent.sizes.dropLast().reduce(1, *) }
}

/// Calls `body` for each stretch of a row along which both arrays have one value.
///
/// - Precondition: Equal shapes; integers or `bool`.
func forEachCommonRun(
  _ a: NDArray, _ b: NDArray, _ body: (_ a: UInt64, _ b: UInt64, _ length: Int) -> Void
) {
  precondition(a.extent == b.extent, "arrays of one shape are compared")
  var first = [LabelRun]()
  var second = [LabelRun]()
  for row in 0..<a.rowCount {
    LabelRun.read(a, row: row, into: &first)
    LabelRun.read(b, row: row, into: &second)
    var place = 0
    var i = 0
    var j = 0
    while i < first.count && j < second.count {
      let end = min(first[i].end, second[j].end)
      body(first[i].value, second[j].value, end - place)
      place = end
      if first[i].end == end { i += 1 }
      if second[j].end == end { j += 1 }
    }
  }
}
