// SPDX-License-Identifier: Apache-2.0

import Arrays
import Networks
import Tensors

/// What a network sees of an image in one phase, between slices that the image lacks: every stride-th slice,
/// on the working grid.
///
/// Sizes in y and x are made multiples of the network's alignment by reflecting at the far end.
struct PhaseVolume: Sendable {
  let grid: WorkingGrid
  let phase: Int

  /// Which planes of the phase these are.
  let run: Range<Int>

  let alignment: [Int]

  /// What the network sees of each 8-bit value.
  let values: [Float]

  /// The preprocessed planes, `uint8` [y, x] of the grid's shape, of slices of the image.
  let planes: @Sendable ([Int]) throws -> [NDArray]

  /// z, y, x, with y and x enlarged to multiples of the alignment.
  var shape: [Int] { [run.count] + PhaseVolume.size(of: grid, alignment: alignment) }

  /// The shape of the longest run of any phase.
  static func largestShape(of grid: WorkingGrid, alignment: [Int]) -> [Int] {
    let depths = (0..<grid.stride).flatMap { grid.runs(phase: $0).map(\.count) }
    return [depths.max() ?? 0] + size(of: grid, alignment: alignment)
  }

  private static func size(of grid: WorkingGrid, alignment: [Int]) -> [Int] {
    (1..<3).map { (grid.extent[$0] + alignment[$0] - 1) / alignment[$0] * alignment[$0] }
  }

  /// The network's input for single planes.
  ///
  /// - Parameters:
  ///   - planes: Along z of ``shape``; read together.
  ///   - y: The rows of ``shape`` that are taken.
  ///   - x: Its columns.
  /// - Returns: For each plane 1, 1, 1, H, W.
  func inputs(_ planes: Range<Int>, y: Range<Int>, x: Range<Int>) throws -> [Tensor] {
    let whole = try input([planes, y, x])
    let area = y.count * x.count
    return planes.indices.map { plane in
      var one = Tensor(zeros: [1, 1, 1, y.count, x.count])
      let start = (plane - planes.lowerBound) * area
      whole.withSpan { source in
        one.withMutableSpan { target in
          for index in 0..<area { target[index] = source[start + index] }
        }
      }
      return one
    }
  }

  /// The network's input for a window.
  ///
  /// - Parameter window: Along z, y, x of ``shape``.
  /// - Returns: 1, 1, D, H, W.
  func input(_ window: [Range<Int>]) throws -> Tensor {
    let planes = try planes(window[0].map { phase + (run.lowerBound + $0) * grid.stride })
    var input = Tensor(zeros: [1, 1] + window.map(\.count))
    let rows = window[1].map { reflected($0, count: grid.extent[1]) }
    let columns = window[2].map { reflected($0, count: grid.extent[2]) }
    let (width, area) = (grid.extent[2], rows.count * columns.count)
    input.withMutableSpan { target in
      for (depth, plane) in planes.enumerated() {
        plane.withSpan(of: UInt8.self) { source in
          for (y, row) in rows.enumerated() {
            let start = depth * area + y * columns.count
            for x in columns.indices {
              target[start + x] = values[Int(source[row * width + columns[x]])]
            }
          }
        }
      }
    }
    return input
  }
}

/// A position beyond the far end of an axis, mirrored at the last voxel (which is not repeated).
func reflected(_ position: Int, count: Int) -> Int {
  if position < count { return position }
  if count == 1 { return 0 }
  let period = 2 * (count - 1)
  let rest = position % period
  return rest < count ? rest : period - rest
}
