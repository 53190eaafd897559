// SPDX-License-Identifier: Apache-2.0

import Arrays

extension CLAHE {
  @inline(__always)
  func equalised<Element: ArrayElement & FixedWidthInteger & UnsignedInteger>(
    _ slice: NDArray, values: Int, as type: Element.Type
  ) -> NDArray {
    let tiling = tiling(of: slice.extent)
    var result = NDArray(slice.dataType, slice.extent)
    // SAFETY: both arrays have the shape of `slice` and live for the calls.
    unsafe slice.withElements(of: type) { source in
      unsafe result.withMutableElements(of: type) { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        let tables = unsafe tables(source, slice.extent, tiling, values: values)
        unsafe interpolate(source, to: target, slice.extent, tiling, tables, values: values)
      }
    }
    return result
  }

  /// One table of `values` new values for each tile, tile after tile.
  @inline(__always)
  private func tables<Element: FixedWidthInteger & UnsignedInteger>(
    _ source: UnsafePointer<Element>, _ extent: Extent, _ tiling: Tiling, values: Int
  ) -> [Element] {
    let pixels = tiling.height * tiling.width
    let scale = Float(values - 1) / Float(pixels)
    let limit = clip(values: values, pixels: pixels)
    let columns = (0..<tiling.width * tiling.columns).map { reflected($0, in: extent[1]) }
    var tables = [Element]()
    tables.reserveCapacity(tiling.rows * tiling.columns * values)
    for tile in 0..<tiling.rows * tiling.columns {
      let top = tile / tiling.columns * tiling.height
      let left = tile % tiling.columns * tiling.width
      var histogram = [Int32](repeating: 0, count: values)
      // SAFETY: `reflected` gives rows and columns inside the slice; a pixel is below `values`.
      unsafe histogram.withUnsafeMutableBufferPointer { counts in
        for y in top..<top + tiling.height {
          let row = unsafe source + reflected(y, in: extent[0]) * extent[1]
          for x in left..<left + tiling.width {
            unsafe counts[Int(row[columns[x]])] &+= 1
          }
        }
      }
      if let limit { Self.clip(&histogram, at: limit) }
      var sum: Int32 = 0
      for count in histogram {
        sum += count
        tables.append(Element(min((Float(sum) * scale).rounded(.toNearestOrEven), Float(Element.max))))
      }
    }
    return tables
  }

  @inline(__always)
  private func interpolate<Element: FixedWidthInteger & UnsignedInteger>(
    _ source: UnsafePointer<Element>, to target: UnsafeMutablePointer<Element>, _ extent: Extent,
    _ tiling: Tiling, _ tables: [Element], values: Int
  ) {
    let columns = neighbours(count: extent[1], tile: tiling.width, tiles: tiling.columns, step: values)
    let rows = neighbours(
      count: extent[0], tile: tiling.height, tiles: tiling.rows, step: values * tiling.columns)
    // SAFETY: `neighbours` gives offsets of tables of existing tiles, and a pixel is below `values`;
    // rows and columns run over the slice.
    unsafe tables.withUnsafeBufferPointer { tables in
      unsafe columns.withUnsafeBufferPointer { columns in
        for y in 0..<extent[0] {
          let row = rows[y]
          for x in 0..<extent[1] {
            let column = unsafe columns[x]
            let value = unsafe Int(source[y * extent[1] + x])
            let first = column.first + value
            let second = column.second + value
            let upper =
              unsafe Float(tables[row.first + first]) * column.firstWeight
              + Float(tables[row.first + second]) * column.weight
            let lower =
              unsafe Float(tables[row.second + first]) * column.firstWeight
              + Float(tables[row.second + second]) * column.weight
            let mean = upper * row.firstWeight + lower * row.weight
            unsafe target[y * extent[1] + x] = Element(
              min(max(mean.rounded(.toNearestOrEven), 0), Float(Element.max)))
          }
        }
      }
    }
  }

  private struct Neighbours {
    let first: Int, second: Int
    let firstWeight: Float, weight: Float
  }

  /// For each pixel of an axis the two tiles whose centres lie around it, as offsets of tables.
  private func neighbours(count: Int, tile: Int, tiles: Int, step: Int) -> [Neighbours] {
    let inverse = 1 / Float(tile)
    return (0..<count).map { index in
      let place = Float(index) * inverse - 0.5
      let first = place.rounded(.down)
      let weight = place - first
      return Neighbours(
        first: max(Int(first), 0) * step, second: min(Int(first) + 1, tiles - 1) * step,
        firstWeight: 1 - weight, weight: weight)
    }
  }
}
