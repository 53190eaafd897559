// SPDX-License-Identifier: Apache-2.0

import Arrays

/// One of a block's six outermost layers: what a neighbouring block must know.
struct BlockSurface: Hashable, Sendable {
  /// Voxels of one label that follow each other in C order of the layer.
  struct Run: Hashable, Sendable {
    let start: UInt32
    let count: UInt32
    let label: UInt32
  }

  private(set) var runs: [Run] = []
  /// Of a watershed: the heights of the labelled voxels, in their order.
  private(set) var heights: [Float] = []
  /// Of a watershed: to which neighbour each labelled voxel leads.
  private(set) var directions: [UInt8] = []

  init(runs: [Run] = [], heights: [Float] = [], directions: [UInt8] = []) {
    self.runs = runs
    self.heights = heights
    self.directions = directions
  }

  /// The layer of a block across `axis`, the last one if `isHigh`.
  init(of block: BlockLabels, axis: Int, isHigh: Bool) {
    let extent = block.box.extent
    let strides = extent.strides
    let (p, q) = Self.axes(across: axis)
    let fixed = (isHigh ? extent[axis] - 1 : 0) * strides[axis]
    var last: UInt32 = 0
    var start = 0
    func close(_ end: Int) {
      if last != 0 { runs.append(Run(start: UInt32(start), count: UInt32(end - start), label: last)) }
    }
    for i in 0..<extent[p] {
      for j in 0..<extent[q] {
        let place = fixed + i * strides[p] + j * strides[q]
        let label = block.labels[place]
        let here = i * extent[q] + j
        if label != last {
          close(here)
          (last, start) = (label, here)
        }
        if label != 0, let field = block.field {
          heights.append(field.height(at: place))
          directions.append(field.direction(at: place))
        }
      }
    }
    close(extent[p] * extent[q])
  }

  /// The two axes that span a layer, in C order.
  static func axes(across axis: Int) -> (Int, Int) {
    axis == 0 ? (1, 2) : axis == 1 ? (0, 2) : (0, 1)
  }
}

/// A layer with one value a voxel.
struct DenseSurface {
  private(set) var labels: [UInt32]
  private(set) var heights: [Float] = []
  private(set) var directions: [UInt8] = []

  init(_ surface: BlockSurface, count: Int) {
    labels = [UInt32](repeating: 0, count: count)
    let hasHeights = !surface.heights.isEmpty
    if hasHeights {
      heights = [Float](repeating: 0, count: count)
      directions = [UInt8](repeating: 0, count: count)
    }
    var number = 0
    for run in surface.runs {
      for place in Int(run.start)..<Int(run.start + run.count) {
        labels[place] = run.label
        if hasHeights {
          heights[place] = surface.heights[number]
          directions[place] = surface.directions[number]
          number += 1
        }
      }
    }
  }
}
