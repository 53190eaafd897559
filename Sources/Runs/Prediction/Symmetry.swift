// SPDX-License-Identifier: Apache-2.0

import Tensors

/// One of the eight ways in which a square plane can be turned and mirrored.
struct Symmetry: Codable, Hashable, Sendable {
  /// Whether y and x change places, before the mirrors.
  var isTransposed = false

  /// Whether rows are counted from the end.
  var mirrorsY = false

  /// Whether columns are counted from the end.
  var mirrorsX = false

  /// All eight, the plane as it is first.
  static let all = (0..<8).map {
    Symmetry(isTransposed: $0 & 4 != 0, mirrorsY: $0 & 2 != 0, mirrorsX: $0 & 1 != 0)
  }

  /// Height and width of a turned plane.
  func size(_ height: Int, _ width: Int) -> (height: Int, width: Int) {
    isTransposed ? (width, height) : (height, width)
  }

  /// Where a part of the plane lies in the turned one.
  func turned(
    _ y: Range<Int>, _ x: Range<Int>, in size: (height: Int, width: Int)
  ) -> (y: Range<Int>, x: Range<Int>) {
    let (rows, columns) = isTransposed ? (x, y) : (y, x)
    let (height, width) = self.size(size.height, size.width)
    return (
      mirrorsY ? height - rows.upperBound..<height - rows.lowerBound : rows,
      mirrorsX ? width - columns.upperBound..<width - columns.lowerBound : columns
    )
  }

  /// Where a part of the turned plane lies in the plane as it is.
  func original(
    _ y: Range<Int>, _ x: Range<Int>, in size: (height: Int, width: Int)
  ) -> (y: Range<Int>, x: Range<Int>) {
    let (height, width) = self.size(size.height, size.width)
    let rows = mirrorsY ? height - y.upperBound..<height - y.lowerBound : y
    let columns = mirrorsX ? width - x.upperBound..<width - x.lowerBound : x
    return isTransposed ? (columns, rows) : (rows, columns)
  }

  /// Planes as the turned network sees them.
  ///
  /// - Parameter planes: Any number of axes, the last two y and x.
  func turned(_ planes: Tensor) -> Tensor { mapped(planes, isBack: false) }

  /// Planes that the turned network made, as they lie in the plane as it is.
  func original(_ planes: Tensor) -> Tensor { mapped(planes, isBack: true) }

  private func mapped(_ planes: Tensor, isBack: Bool) -> Tensor {
    if self == Symmetry() { return planes }
    let outer = Array(planes.shape.dropLast(2))
    let (height, width) = (planes.shape[outer.count], planes.shape[outer.count + 1])
    // The shape is turned the same way in both directions, since transposing is its own inverse.
    let (rows, columns) = size(height, width)
    var result = Tensor(zeros: outer + [rows, columns])
    planes.withSpan { source in
      result.withMutableSpan { target in
        var index = 0
        for plane in 0..<outer.reduce(1, *) {
          for y in 0..<rows {
            for x in 0..<columns {
              let from: (y: Int, x: Int)
              if isBack {
                // Mirrors act on the turned plane, which is the source.
                let (a, b) = isTransposed ? (x, y) : (y, x)
                from = (mirrorsY ? height - 1 - a : a, mirrorsX ? width - 1 - b : b)
              } else {
                let (a, b) = (mirrorsY ? rows - 1 - y : y, mirrorsX ? columns - 1 - x : x)
                from = isTransposed ? (b, a) : (a, b)
              }
              target[index] = source[(plane * height + from.y) * width + from.x]
              index += 1
            }
          }
        }
      }
    }
    return result
  }
}
