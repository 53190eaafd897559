// SPDX-License-Identifier: Apache-2.0

import Tensors

/// The arrays of a tile that is streamed, and how many planes of each are kept.
struct StreamValues {
  /// Planes of a node's result, or of a part of it that a later node takes.
  struct Value {
    /// Whose result it is.
    let node: Int

    let y: Range<Int>
    let x: Range<Int>

    /// Whether it is a copy of a part, not the result itself.
    let isCopy: Bool

    /// The value whose planes it overwrites.
    var overwritten: Int?

    /// A plane is last read this many planes of the input after its own.
    var lastRead: Int

    /// How many planes are kept.
    var ring = 1

    var area: Int { y.count * x.count }
  }

  /// The nodes' own results in order, then the copies.
  private(set) var values: [Value]

  /// The values that each node takes.
  private(set) var sources: [[Int]]

  init(_ stream: StreamGraph, y: StreamWindows, x: StreamWindows) {
    let nodes = stream.graph.nodes
    values = nodes.indices.map {
      Value(node: $0, y: y.windows[$0], x: x.windows[$0], isCopy: false, lastRead: stream.lags[$0])
    }
    sources = nodes.map { _ in [] }
    values[stream.output].lastRead = stream.lags[stream.output]
    for index in nodes.indices where !y.windows[index].isEmpty {
      for (number, source) in stream.sources(of: index).enumerated() {
        let (rows, columns) = (y.taken[index][number], x.taken[index][number])
        let isOverwritten = number == 1 && nodes[index].operation.overwritesSecond
        var value = source
        if rows != y.windows[source] || columns != x.windows[source]
          || isOverwritten && !stream.isLast(index, toRead: source)
        {
          let known = values.indices.first { other in
            let value = values[other]
            return !isOverwritten && value.isCopy && value.overwritten == nil && value.node == source
              && value.y == rows && value.x == columns
              && !sources.indices.contains { taker in
                sources[taker].count > 1 && sources[taker][1] == other
                  && nodes[taker].operation.overwritesSecond
              }
          }
          if known == nil {
            values.append(
              Value(node: source, y: rows, x: columns, isCopy: true, lastRead: stream.lags[source]))
          }
          value = known ?? values.count - 1
        }
        sources[index].append(value)
        let lastRead = stream.lags[index] + (number == 0 ? stream.reaches[index] : 0)
        values[value].lastRead = max(values[value].lastRead, lastRead)
        if isOverwritten { values[index].overwritten = value }
      }
    }
    // A value lives on in what overwrites it.
    for index in nodes.indices.reversed() {
      if let root = values[index].overwritten {
        values[root].lastRead = max(values[root].lastRead, values[index].lastRead)
      }
    }
    for index in values.indices where values[index].overwritten == nil {
      values[index].ring = values[index].lastRead - stream.lags[values[index].node] + 1
    }
  }
}

extension StreamGraph {
  /// Whether `node` reads each plane of `source` after all others that read it have done so.
  fileprivate func isLast(_ node: Int, toRead source: Int) -> Bool {
    if source == output || source == 0 { return false }
    return graph.nodes.indices.allSatisfy { other in
      guard other != node, sources(of: other).contains(source) else { return true }
      return lags[other] + reaches[other] <= lags[node] && other < node
    }
  }
}

extension Operation {
  /// Whether the result takes the place of what is added to it.
  var overwritesSecond: Bool {
    guard case .fusedConvolution(let fused) = self, fused.tail.first == .sum else { return false }
    return !fused.isTransposed || fused.convolution.isPointwise
  }
}
