// SPDX-License-Identifier: Apache-2.0

public import Tensors

/// How a volume is cut in y and x into tiles that are streamed along z, within a budget of memory.
public struct StreamTiling: Codable, Hashable, Sendable {
  /// By how many positions a window may be wider than needed to spare a copy.
  public static let slack = StreamWindows.slack

  /// How many rows and columns a tile has at most, without its context.
  public let core: [Int]

  /// How many rows and columns of the input the largest tile takes.
  public let window: [Int]

  /// How many bytes the largest tile takes, counted before anything runs.
  public let bytes: Int

  /// How much is computed for all tiles, compared with one pass over the whole.
  public let overhead: Double

  /// Whether a network can be run plane by plane.
  public static func isStreamable(_ graph: Graph) -> Bool { (try? StreamGraph(graph)) != nil }

  /// The tiles, rows first: cores that share nothing and fill the box.
  public static func tiles(_ core: [Int], y: Range<Int>, x: Range<Int>) -> [(y: Range<Int>, x: Range<Int>)] {
    pieces(of: y, size: core[0]).flatMap { rows in pieces(of: x, size: core[1]).map { (rows, $0) } }
  }

  static func pieces(of range: Range<Int>, size: Int) -> [Range<Int>] {
    stride(from: range.lowerBound, to: range.upperBound, by: size).map {
      $0..<min($0 + size, range.upperBound)
    }
  }

  /// The cheapest tiles of a box whose memory stays within a budget.
  ///
  /// - Parameters:
  ///   - size: D, H, W of the whole array; H and W multiples of the network's alignment.
  ///   - y: The rows that are wanted.
  ///   - x: The columns that are wanted.
  ///   - budget: Bytes for one tile.
  /// - Throws: ``NetworkError/tooLittleMemory(given:needed:)`` if the smallest tile does not fit; as ``StreamPlan/init(_:size:y:x:precision:threads:slack:)``.
  public static func best(
    _ graph: Graph, size: [Int], y: Range<Int>, x: Range<Int>, budget: Int, precision: Precision,
    threads: Int
  ) throws(NetworkError) -> StreamTiling {
    let stream = try StreamGraph(graph)
    guard case .input(let channels) = graph.nodes[0].operation else {
      throw .invalidGraph(reason: "the first node is not the input")
    }
    let shapes = try stream.graph.shapes(inputShape: [1, channels] + size)
    let alignment = graph.receptiveField.alignment
    /// Windows of all tiles along an axis, for each size that cuts the range into equal parts.
    func choices(_ axis: Int, _ range: Range<Int>) -> [(size: Int, pieces: [StreamWindows])] {
      let counts = shapes.map { $0[3 + axis] }
      let steps = (range.count + alignment[axis + 1] - 1) / alignment[axis + 1]
      let sizes = Set((1...steps).map { (steps + $0 - 1) / $0 * alignment[axis + 1] })
      return sizes.sorted(by: >).filter { $0 >= 4 * alignment[axis + 1] || $0 * 2 > range.count }.map {
        size in
        (
          size,
          pieces(of: range, size: size).map {
            StreamWindows(stream, core: $0, axis: axis + 1, counts: counts)
          }
        )
      }
    }
    let work = stream.workPerPosition(shapes)
    var found: [(core: [Int], bytes: Int, work: Double)] = []
    let columns = choices(1, x)
    for (height, rows) in choices(0, y) {
      for (width, pieces) in columns {
        let (tallest, widest) = (rows.largest, pieces.largest)
        let bytes = stream.bytes(StreamValues(stream, y: tallest, x: widest), shapes, precision)
        var total = 0.0
        for (node, each) in work.enumerated() {
          let (high, wide) = (
            rows.reduce(0) { $0 + $1.windows[node].count }, pieces.reduce(0) { $0 + $1.windows[node].count }
          )
          total += each * Double(high * wide)
        }
        found.append(([height, width], bytes, total))
      }
    }
    let whole = zip(work, shapes).reduce(0) { $0 + $1.0 * Double($1.1[3] * $1.1[4]) }
    let share = Double(y.count * x.count) / Double(size[1] * size[2])
    func planned(_ core: [Int], work: Double) throws(NetworkError) -> StreamTiling {
      let (rows, columns) = (pieces(of: y, size: core[0]), pieces(of: x, size: core[1]))
      let plan = try StreamPlan(
        graph, size: size, y: rows[rows.count / 2], x: columns[columns.count / 2], precision: precision,
        threads: threads)
      return StreamTiling(
        core: core, window: [plan.window.y.count, plan.window.x.count], bytes: plan.memoryBytes,
        overhead: work / (whole * share))
    }
    // What oneDNN needs besides is known only of a plan that is made.
    for choice in found.sorted(by: { ($0.work, $0.bytes) < ($1.work, $1.bytes) })
    where choice.bytes <= budget {
      let tiling = try planned(choice.core, work: choice.work)
      if tiling.bytes <= budget { return tiling }
    }
    guard let smallest = found.min(by: { ($0.bytes, $0.work) < ($1.bytes, $1.work) }) else {
      throw .shapeMismatch(node: graph.output, reason: "there is nothing to be computed")
    }
    let tiling = try planned(smallest.core, work: smallest.work)
    guard tiling.bytes <= budget else { throw .tooLittleMemory(given: budget, needed: tiling.bytes) }
    return tiling
  }
}

extension [StreamWindows] {
  /// The piece that takes most.
  fileprivate var largest: StreamWindows {
    self.max { $0.windows[0].count < $1.windows[0].count } ?? self[0]
  }
}

extension StreamGraph {
  /// Multiply-accumulate operations of each node for one position of its window.
  fileprivate func workPerPosition(_ shapes: [[Int]]) -> [Double] {
    graph.nodes.indices.map { index in
      guard let (convolution, isTransposed) = graph.nodes[index].operation.planarConvolution else {
        // Memory traffic, in the time of as many multiplications.
        return 20 * Double(shapes[index][1])
      }
      let taps = isTransposed ? 1 : convolution.kernel.reduce(1, *)
      return Double(convolution.inputChannels * convolution.outputChannels * taps)
    }
  }

  /// About how many bytes the planes of a tile take.
  fileprivate func bytes(_ values: StreamValues, _ shapes: [[Int]], _ precision: Precision) -> Int {
    let element = precision == .bfloat16 ? 2 : 4
    var (kept, transient) = (0, 0)
    for value in values.values where value.overwritten == nil {
      let plane = value.area * shapes[value.node][1] * element
      if value.ring > 1 { kept += plane * value.ring } else { transient = max(transient, plane) }
    }
    return kept + 2 * transient
  }
}
