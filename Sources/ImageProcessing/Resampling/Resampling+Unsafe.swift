// SPDX-License-Identifier: Apache-2.0

import Arrays

/// Sums of products along x, then along y, in `Float` as OpenCV.
@inline(__always)
func weighted<Element: ArrayElement>(
  _ slice: NDArray, to extent: Extent, rows: AxisWeights, columns: AxisWeights, as type: Element.Type
) -> NDArray {
  let (sourceWidth, width) = (slice.extent[1], extent[1])
  var result = NDArray(slice.dataType, extent)
  var sums = [Float](repeating: 0, count: width)
  var latest = [Float](repeating: 0, count: width)
  var latestRow = -1
  // SAFETY: terms name rows and columns inside the slice; `sums`, `latest` and each row of the
  // target have `width` elements.
  unsafe slice.withElements(of: type) { source in
    unsafe result.withMutableElements(of: type) { target in
      unsafe columns.terms.withUnsafeBufferPointer { terms in
        unsafe columns.starts.withUnsafeBufferPointer { starts in
          for y in 0..<extent[0] {
            for x in 0..<width { sums[x] = 0 }
            for row in rows.terms[rows.starts[y]..<rows.starts[y + 1]] {
              if row.source != latestRow {
                let from = row.source * sourceWidth
                for x in 0..<width {
                  var sum: Float = 0
                  for index in unsafe starts[x]..<starts[x + 1] {
                    let term = unsafe terms[index]
                    sum += unsafe asFloat(source[from + term.source]) * term.weight
                  }
                  latest[x] = sum
                }
                latestRow = row.source
              }
              for x in 0..<width { sums[x] += row.weight * latest[x] }
            }
            for x in 0..<width { unsafe target[y * width + x] = fromFloat(sums[x]) }
          }
        }
      }
    }
  }
  return result
}

/// Means over boxes of whole pixels; 2 × 2 boxes of whole numbers round half up, as OpenCV's do.
@inline(__always)
func boxMeans<Element: ArrayElement>(
  _ slice: NDArray, to extent: Extent, factors: (y: Int, x: Int), as type: Element.Type
) -> NDArray {
  let (sourceWidth, width) = (slice.extent[1], extent[1])
  let halfUp = factors == (2, 2) && slice.dataType.isInteger
  let scale = 1 / Float(factors.y * factors.x)
  var result = NDArray(slice.dataType, extent)
  // SAFETY: `factors` times `extent` is the slice's shape.
  unsafe slice.withElements(of: type) { source in
    unsafe result.withMutableElements(of: type) { target in
      for y in 0..<extent[0] {
        for x in 0..<width {
          var sum: Float = 0
          for row in y * factors.y..<(y + 1) * factors.y {
            let from = row * sourceWidth + x * factors.x
            for index in from..<from + factors.x { sum += unsafe asFloat(source[index]) }
          }
          let mean = sum * scale
          unsafe target[y * width + x] = fromFloat(halfUp ? (mean + 0.5).rounded(.down) : mean)
        }
      }
    }
  }
  return result
}

/// The elements at the crossings of `rows` and `columns`, moved as words of their size.
@inline(__always)
func gathered<Word: BitwiseCopyable>(
  _ slice: NDArray, rows: [Int], columns: [Int], word: Word.Type
) -> NDArray {
  let (sourceWidth, width) = (slice.extent[1], columns.count)
  var result = NDArray(slice.dataType, [rows.count, width])
  // SAFETY: rows and columns lie inside the slice, whose elements have the word's size.
  unsafe slice.withBytes { bytes in
    unsafe result.withMutableBytes { targetBytes in
      let source = unsafe bytes.assumingMemoryBound(to: word)
      let target = unsafe targetBytes.assumingMemoryBound(to: word)
      for y in rows.indices {
        let from = rows[y] * sourceWidth
        for x in 0..<width { unsafe target[y * width + x] = source[from + columns[x]] }
      }
    }
  }
  return result
}

/// Exact for `uint8`, `uint16` and `float32`.
@inline(__always)
private func asFloat<Element: ArrayElement>(_ value: Element) -> Float { Float(value.doubleValue) }

@inline(__always)
private func fromFloat<Element: ArrayElement>(_ value: Float) -> Element { Element(nearest: Double(value)) }
