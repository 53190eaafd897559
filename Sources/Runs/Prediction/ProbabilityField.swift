// SPDX-License-Identifier: Apache-2.0

import Arrays
import Networks
import Tensors

/// Probabilities on the working grid around a block, read on the image's grid: linear in y and x, each
/// slice its own.
struct ProbabilityField: Sendable {
  let grid: WorkingGrid

  /// Of each phase the first slice of ``values`` (counted in the phase), and C, D, H, W.
  let phases: [Int: (first: Int, values: Tensor)]

  /// Where ``phases`` begin along y and x of the working grid.
  let origin: (y: Int, x: Int)

  /// The rows or columns of the working grid that a range of the image's needs.
  static func needed(_ range: Range<Int>, axis: Int, grid: WorkingGrid) -> Range<Int> {
    let first = Place(range.lowerBound, axis: axis, grid: grid)
    let last = Place(range.upperBound - 1, axis: axis, grid: grid)
    return first.lower..<last.upper + 1
  }

  /// A position of the image between two of the working grid; centres of the whole field coincide.
  private struct Place {
    let lower: Int
    let upper: Int
    let weight: Float

    init(_ position: Int, axis: Int, grid: WorkingGrid) {
      let count = grid.extent[axis]
      let scaled = (Double(position) + 0.5) * Double(count) / Double(grid.source[axis]) - 0.5
      let clamped = min(max(scaled, 0), Double(count - 1))
      lower = Int(clamped)
      weight = Float(clamped - Double(lower))
      upper = weight > 0 ? lower + 1 : lower
    }
  }

  /// Calls `body` for each row of a box of the image: with channel, z, y and the probabilities along x.
  ///
  /// - Parameter box: In voxels of the image; its neighbourhood was computed.
  func forEachRow(in box: Box, _ body: (Int, Int, Int, [Float]) -> Void) {
    let rows = box.range(1).map { Place($0, axis: 1, grid: grid) }
    let columns = box.range(2).map { Place($0, axis: 2, grid: grid) }
    var line = [Float](repeating: 0, count: columns.count)
    for z in box.range(0) {
      guard let (first, values) = phases[z % grid.stride] else {
        preconditionFailure("every phase of a block is computed")
      }
      let shape = values.shape
      values.withSpan { values in
        for channel in 0..<shape[0] {
          let plane = (channel * shape[1] + z / grid.stride - first) * shape[2]
          for (number, row) in rows.enumerated() {
            let upper = (plane + row.lower - origin.y) * shape[3] - origin.x
            let lower = (plane + row.upper - origin.y) * shape[3] - origin.x
            for (index, column) in columns.enumerated() {
              let above = mixed(values[upper + column.lower], values[upper + column.upper], column.weight)
              let below = mixed(values[lower + column.lower], values[lower + column.upper], column.weight)
              line[index] = mixed(above, below, row.weight)
            }
            body(channel, z, box.lower[1] + number, line)
          }
        }
      }
    }
  }
}

private func mixed(_ a: Float, _ b: Float, _ weight: Float) -> Float { a + (b - a) * weight }
