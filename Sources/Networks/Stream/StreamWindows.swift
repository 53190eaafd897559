// SPDX-License-Identifier: Apache-2.0

import Tensors

/// Along y or x: which part of each node is computed so that the output is right in a tile's core.
///
/// Towards the output less and less is needed, but nodes that are added to each other must have one window.
/// Hence nodes that follow each other at one resolution share theirs; windows change where the resolution
/// does and where a skip connection joins. What lies in a window beyond what is needed is computed from
/// zeros at the window's edge and never used; where the window ends at the array's true face, the zeros are
/// those of one pass over the whole.
struct StreamWindows: Hashable, Sendable {
  /// For each node what is computed.
  let windows: [Range<Int>]

  /// For each node and input the part of the input's window that is taken.
  let taken: [[Range<Int>]]

  /// The part of the output that is right.
  let core: Range<Int>

  /// How much wider than needed a window may become to spare a copy.
  static let slack = 12

  /// - Parameters:
  ///   - core: What is wanted of the output.
  ///   - axis: 1 for y, 2 for x.
  ///   - counts: How many positions each node has along the axis.
  init(_ stream: StreamGraph, core: Range<Int>, axis: Int, counts: [Int], slack: Int = slack) {
    self.core = core
    let nodes = stream.graph.nodes
    var edges: [Edge] = []
    var groups = Array(nodes.indices)
    var steps = Array(repeating: 1, count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for (number, source) in stream.sources(of: index).enumerated() {
        let edge = Edge(
          consumer: index, source: source, number: number,
          change: number == 0 ? node.operation.change(axis) : .none)
        edges.append(edge)
        guard edge.isSameGroup else { continue }
        let (from, to) = (groups[index], groups[source])
        for member in nodes.indices where groups[member] == from { groups[member] = to }
      }
    }
    // What a window must be a multiple of: of all enlargements up to the finest level that leads there.
    let finest = counts.max() ?? 1
    for index in nodes.indices {
      steps[index] = max(1, largestScale(counts) / max(1, finest / counts[index]))
    }

    var windows = stream.needs(of: core, axis: axis, counts: counts)
    var isChanging = true
    while isChanging {
      isChanging = false
      func grow(_ node: Int, to range: Range<Int>) {
        let step = steps[node]
        let joined = windows[node].joined(range)
        if joined.isEmpty { return }
        let lower = joined.lowerBound / step * step
        let upper = min(counts[node], (joined.upperBound + step - 1) / step * step)
        if lower..<upper != windows[node] {
          windows[node] = lower..<upper
          isChanging = true
        }
      }
      for node in nodes.indices where !windows[node].isEmpty {
        grow(node, to: 0..<0)
        for other in nodes.indices where groups[other] == groups[node] { grow(node, to: windows[other]) }
      }
      for edge in edges where !windows[edge.consumer].isEmpty {
        let wanted = edge.change.source(of: windows[edge.consumer])
        let there = windows[edge.source]
        if !there.covers(wanted) {
          grow(edge.source, to: wanted)
        } else if edge.isSoft, there != wanted, there.count - wanted.count <= slack {
          grow(edge.consumer, to: edge.change.target(of: there))
        }
      }
    }
    self.windows = windows
    let final = windows
    taken = nodes.indices.map { index in
      edges.filter { $0.consumer == index }.map { $0.change.source(of: final[index]) }
    }
  }

  /// How positions of a node follow from those of its input.
  enum Change {
    case none
    case reduced(Int)
    case enlarged(Int)

    func source(of range: Range<Int>) -> Range<Int> {
      switch self {
      case .none: range
      case .reduced(let factor): range.lowerBound * factor..<range.upperBound * factor
      case .enlarged(let factor): range.lowerBound / factor..<(range.upperBound + factor - 1) / factor
      }
    }

    func target(of range: Range<Int>) -> Range<Int> {
      switch self {
      case .none: range
      case .reduced(let factor): range.lowerBound / factor..<range.upperBound / factor
      case .enlarged(let factor): range.lowerBound * factor..<range.upperBound * factor
      }
    }
  }

  private struct Edge {
    let consumer: Int
    let source: Int
    let number: Int
    let change: Change

    /// Whether both ends have one window.
    var isSameGroup: Bool {
      if case .none = change { number == 0 } else { false }
    }

    /// Whether the consumer may rather take a little more than have its input cut.
    var isSoft: Bool {
      if case .enlarged = change { false } else { !isSameGroup }
    }
  }
}

/// By how much the coarsest node is coarser than the finest.
private func largestScale(_ counts: [Int]) -> Int {
  guard let finest = counts.max(), let coarsest = counts.min(), coarsest > 0 else { return 1 }
  return finest / coarsest
}

extension Operation {
  /// How the operation changes the resolution along an axis.
  fileprivate func change(_ axis: Int) -> StreamWindows.Change {
    if case .maxPooling(let kernel) = self { return kernel[axis] == 1 ? .none : .reduced(kernel[axis]) }
    guard let (convolution, isTransposed) = planarConvolution, isTransposed, convolution.stride[axis] > 1
    else {
      return .none
    }
    return .enlarged(convolution.stride[axis])
  }
}
