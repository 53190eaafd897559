// SPDX-License-Identifier: Apache-2.0

import Arrays

/// The squared distance of every voxel to the nearest marked one, at most `limit`².
///
/// Axis after axis (Saito and Toriwaki 1994, doi:10.1016/0031-3203(94)90133-3): along x the distance to the
/// nearest mark of the row, along y and z the least sum over the neighbours within the limit. Whatever part
/// of a volume is given, a voxel has the same bits, as long as all marks nearer than the limit are in it.
///
/// - Parameters:
///   - marks: 1 at the marks, in C order of `extent`.
///   - extent: Along z, y, x.
///   - spacing: Between voxels along z, y, x.
/// - Complexity: O(voxels × limit / spacing), for one vector of rows at a time.
func squaredDistances(
  toMarks marks: [UInt8], extent: Extent, spacing: [Double], limit: Double
) -> [Float] {
  precondition(extent.rank == 3 && marks.count == extent.count && spacing.count == 3, "a mark a voxel")
  let (depth, height, width) = (extent[0], extent[1], extent[2])
  let most = Float(limit * limit)
  var result = [Float](repeating: most, count: extent.count)
  if extent.isEmpty { return result }
  alongRows(marks, width: width, spacing: spacing[2], most: most, into: &result)
  // Planes of x and y, then planes of x and z: rows lie `stride` elements apart.
  for plane in 0..<depth {
    spread(
      &result, first: plane * height * width, stride: width, count: height, width: width,
      steps: steps(spacing[1], limit, height))
  }
  if depth > 1 {
    for row in 0..<height {
      spread(
        &result, first: row * width, stride: height * width, count: depth, width: width,
        steps: steps(spacing[0], limit, depth))
    }
  }
  return result
}

/// The squares of 1, 2, … spacings that are below the limit and may occur.
private func steps(_ spacing: Double, _ limit: Double, _ count: Int) -> [Float] {
  var steps: [Float] = []
  while steps.count < count - 1, spacing * Double(steps.count + 1) < limit {
    let length = spacing * Double(steps.count + 1)
    steps.append(Float(length * length))
  }
  return steps
}

private func alongRows(
  _ marks: [UInt8], width: Int, spacing: Double, most: Float, into result: inout [Float]
) {
  let squares = (0...width).map { count in
    let length = spacing * Double(count)
    return min(most, Float(length * length))
  }
  // SAFETY: rows of `width` elements tile both arrays; a step is at most the width, and there is a square
  // for each.
  unsafe marks.withUnsafeBufferPointer { marks in
    unsafe result.withUnsafeMutableBufferPointer { result in
      unsafe squares.withUnsafeBufferPointer { squares in
        var row = 0
        while row < marks.count {
          var since = width
          for x in row..<row + width {
            since = unsafe marks[x] != 0 ? 0 : min(width, since + 1)
            if since < width { unsafe result[x] = squares[since] }
          }
          since = width
          for x in (row..<row + width).reversed() {
            since = unsafe marks[x] != 0 ? 0 : min(width, since + 1)
            if since < width { unsafe result[x] = min(result[x], squares[since]) }
          }
          row += width
        }
      }
    }
  }
}

/// Each row becomes the least of itself and of its neighbours plus the square of their distance.
private func spread(
  _ values: inout [Float], first: Int, stride: Int, count: Int, width: Int, steps: [Float]
) {
  if steps.isEmpty { return }
  var source = [Float](repeating: 0, count: count * width)
  // SAFETY: row r of the plane begins at `first + r · stride` and has `width` elements inside `values`;
  // `source` has `count` rows.
  unsafe values.withUnsafeMutableBufferPointer { values in
    unsafe source.withUnsafeMutableBufferPointer { source in
      for row in 0..<count {
        for x in 0..<width { unsafe source[row * width + x] = values[first + row * stride + x] }
      }
      for row in 0..<count {
        guard let target = unsafe values.baseAddress.map({ unsafe $0 + first + row * stride }),
          let base = source.baseAddress
        else { return }
        for (number, square) in steps.enumerated() {
          for other in [row - number - 1, row + number + 1] where other >= 0 && other < count {
            let near = unsafe base + other * width
            for x in 0..<width { unsafe target[x] = min(target[x], near[x] + square) }
          }
        }
      }
    }
  }
}
