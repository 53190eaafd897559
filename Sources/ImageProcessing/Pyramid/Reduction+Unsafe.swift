// SPDX-License-Identifier: Apache-2.0

import Arrays

/// The rows of a block that one row of the reduced block is made from.
///
/// Always four: where a factor is 1 or the end is ragged, rows occur twice, which changes neither
/// a mean nor a mode.
@unsafe struct SourceRows<Element: ArrayElement> {
  let a: UnsafePointer<Element>, b: UnsafePointer<Element>
  let c: UnsafePointer<Element>, d: UnsafePointer<Element>
}

/// Calls `row` for each row of the reduced block with its four source rows.
@inline(__always)
func reduceRows<Element: ArrayElement>(
  _ block: NDArray, _ factors: [Int], _ type: Element.Type,
  row: (SourceRows<Element>, UnsafeMutablePointer<Element>) -> Void
) -> NDArray {
  let extent = block.extent
  let reduced = Extent((0..<3).map { (extent[$0] + factors[$0] - 1) / factors[$0] })
  var result = NDArray(block.dataType, reduced)
  if reduced.isEmpty { return result }
  // SAFETY: rows are taken at z and y inside the block, the second of a pair clamped to the last.
  unsafe block.withElements(of: type) { source in
    unsafe result.withMutableElements(of: type) { target in
      guard let source = source.baseAddress, let target = target.baseAddress else { return }
      for z in 0..<reduced[0] {
        let first = z * factors[0]
        let second = min(first + factors[0] - 1, extent[0] - 1)
        for y in 0..<reduced[1] {
          let upper = y * factors[1]
          let lower = min(upper + factors[1] - 1, extent[1] - 1)
          let rows = unsafe SourceRows(
            a: source + (first * extent[1] + upper) * extent[2],
            b: source + (first * extent[1] + lower) * extent[2],
            c: source + (second * extent[1] + upper) * extent[2],
            d: source + (second * extent[1] + lower) * extent[2])
          unsafe row(rows, target + (z * reduced[1] + y) * reduced[2])
        }
      }
    }
  }
  return result
}

@inline(__always)
func meansOfIntegers<Element: ArrayElement & FixedWidthInteger, Sum: FixedWidthInteger>(
  _ block: NDArray, _ factors: [Int], _ type: Element.Type, sums: Sum.Type
) -> NDArray {
  let width = block.extent[2]
  let pairs = width / 2
  // SAFETY: each source row has `width` elements, the target row `width` of them or half of them
  // rounded up.
  return unsafe reduceRows(block, factors, type) { rows, target in
    if factors[2] == 1 {
      for x in 0..<width {
        let sum = unsafe column(rows, x, sums)
        unsafe target[x] = Element(truncatingIfNeeded: rounded(sum, shift: 2))
      }
    } else {
      for x in 0..<pairs {
        let sum = unsafe column(rows, 2 &* x, sums) &+ column(rows, 2 &* x &+ 1, sums)
        unsafe target[x] = Element(truncatingIfNeeded: rounded(sum, shift: 3))
      }
      if width > 2 * pairs {
        let sum = unsafe column(rows, width - 1, sums)
        unsafe target[pairs] = Element(truncatingIfNeeded: rounded(sum, shift: 2))
      }
    }
  }
}

@inline(__always)
private func column<Element: ArrayElement & FixedWidthInteger, Sum: FixedWidthInteger>(
  _ rows: SourceRows<Element>, _ x: Int, _: Sum.Type
) -> Sum {
  // SAFETY: the caller keeps `x` inside the rows.
  let upper = unsafe Sum(truncatingIfNeeded: rows.a[x]) &+ Sum(truncatingIfNeeded: rows.b[x])
  let lower = unsafe Sum(truncatingIfNeeded: rows.c[x]) &+ Sum(truncatingIfNeeded: rows.d[x])
  return upper &+ lower
}

/// `sum / 2^shift`, half to even; shifting right rounds down for negative sums too.
@inline(__always)
private func rounded<Sum: FixedWidthInteger>(_ sum: Sum, shift: Sum) -> Sum {
  let half: Sum = 1 &<< (shift &- 1)
  return (sum &+ (half &- 1) &+ ((sum &>> shift) & 1)) &>> shift
}

/// Means in `Double`, in one order; infinities and NaN go through.
@inline(__always)
func meansOfFloats<Element: ArrayElement & BinaryFloatingPoint>(
  _ block: NDArray, _ factors: [Int], _ type: Element.Type
) -> NDArray {
  let width = block.extent[2]
  let pairs = width / 2
  // SAFETY: as in `meansOfIntegers`. Quarters are summed, so that no sum overflows.
  return unsafe reduceRows(block, factors, type) { rows, target in
    if factors[2] == 1 {
      for x in 0..<width { unsafe target[x] = Element(quarterSum(rows, x)) }
    } else {
      for x in 0..<pairs {
        unsafe target[x] = Element(
          0.5 * quarterSum(rows, 2 &* x) + 0.5 * quarterSum(rows, 2 &* x &+ 1))
      }
      if width > 2 * pairs { unsafe target[pairs] = Element(quarterSum(rows, width - 1)) }
    }
  }
}

@inline(__always)
private func quarterSum<Element: ArrayElement & BinaryFloatingPoint>(
  _ rows: SourceRows<Element>, _ x: Int
) -> Double {
  // SAFETY: the caller keeps `x` inside the rows.
  unsafe (0.25 * Double(rows.a[x]) + 0.25 * Double(rows.b[x]))
    + (0.25 * Double(rows.c[x]) + 0.25 * Double(rows.d[x]))
}

@inline(__always)
func modes<Element: ArrayElement & FixedWidthInteger>(
  _ block: NDArray, _ factors: [Int], _ type: Element.Type
) -> NDArray {
  let width = block.extent[2]
  let step = factors[2]
  // SAFETY: the target row has `width / step` elements, rounded up; `next` is clamped to the row.
  return unsafe reduceRows(block, factors, type) { rows, target in
    for x in 0..<(width + step - 1) / step {
      let first = x &* step
      let next = min(first &+ step &- 1, width - 1)
      let a = unsafe rows.a[first]
      let b = unsafe rows.a[next]
      let c = unsafe rows.b[first]
      let d = unsafe rows.b[next]
      let e = unsafe rows.c[first]
      let f = unsafe rows.c[next]
      let g = unsafe rows.d[first]
      let h = unsafe rows.d[next]
      let different = (a ^ b) | (a ^ c) | (a ^ d) | (a ^ e) | (a ^ f) | (a ^ g) | (a ^ h)
      unsafe target[x] = different == 0 ? a : mode(of: (a, b, c, d, e, f, g, h))
    }
  }
}

/// The most frequent of eight values, the smallest of those that are equally frequent.
@inline(never)
private func mode<Element: ArrayElement & FixedWidthInteger>(
  of v: (Element, Element, Element, Element, Element, Element, Element, Element)
) -> Element {
  let values: InlineArray<8, Element> = [v.0, v.1, v.2, v.3, v.4, v.5, v.6, v.7]
  var best = values[0]
  var most = 0
  for index in 0..<8 {
    let value = values[index]
    var times = 0
    for other in 0..<8 where values[other] == value { times &+= 1 }
    if times > most || (times == most && value < best) {
      best = value
      most = times
    }
  }
  return best
}
