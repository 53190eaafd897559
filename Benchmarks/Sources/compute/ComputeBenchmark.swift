// SPDX-License-Identifier: Apache-2.0

import Foundation
import Networks
import Tensors

/// How long RS-UNet takes, without reading and writing.
///
///     compute forward DEPTH HEIGHT WIDTH [published|fast [THREADS]]
///     compute stream  DEPTH HEIGHT WIDTH [published|fast [THREADS [MEBIBYTES [float32|bfloat16 [TILES]]]]]
///     compute step    DEPTH HEIGHT WIDTH [published|fast [BATCH [THREADS [REPEATS [RECOMPUTATION
///                     [float32|bfloat16]]]]]]
///
/// `forward` is one pass over a patch, the best of four. `stream` runs a volume plane by plane in the tiles
/// that the memory allows, or the first TILES of them, and prints the voxels of the volume that come out in a
/// second. `step` is one step of a training, the best of
/// REPEATS. The seconds of all processors say more on a machine that is busy with other things.
@main
struct ComputeBenchmark {
  let size: [Int]
  let graph: Graph
  let threads: Int

  static func main() throws {
    var arguments = CommandLine.arguments.dropFirst()
    func next<Value>(_ standard: Value, _ read: (String) -> Value?) -> Value {
      arguments.popFirst().flatMap(read) ?? standard
    }
    let mode = next("forward") { $0 }
    let size = [18, 160, 160].map { next($0) { Int($0) } }
    let widths = next("published") { $0 } == "fast" ? RSUNet.fastWidths : RSUNet.publishedWidths
    let batch = mode == "step" ? next(1) { Int($0) } : 1
    let threads = next(ProcessInfo.processInfo.activeProcessorCount) { Int($0) }
    let benchmark = ComputeBenchmark(size: size, graph: try RSUNet.graph(widths: widths), threads: threads)
    print(
      "\(mode) \(size.map(String.init).joined(separator: "×")), widths "
        + "\(widths.map(String.init).joined(separator: "/")), \(threads) threads")
    if mode == "stream" {
      let memory = next(4096) { Int($0) }
      try benchmark.stream(
        memory: memory << 20, precision: next(.float32) { Precision(rawValue: $0) },
        tiles: next(Int.max) { Int($0) })
    } else if mode == "step" {
      let steps = TrainingSteps(graph: benchmark.graph, shape: [batch, 1] + size, threads: threads)
      let best = try steps.best(
        of: next(3) { Int($0) }, recomputation: next(.none) { Recomputation(rawValue: $0) },
        precision: next(.float32) { Precision(rawValue: $0) })
      benchmark.report(
        (best.clock, best.processor), voxels: batch * size.reduce(1, *), bytes: best.bytes)
    } else {
      try benchmark.forward()
    }
  }

  private func forward() throws {
    let shape = [1, 1] + size
    let plan = try Plan(graph, inputShape: shape, mode: .inference, threads: threads)
    try plan.load(graph.initialParameters(seed: 1))
    let input = texture(shape)
    var best = (clock: Double.infinity, processor: Double.infinity)
    for _ in 0..<4 {
      let time = try measure { _ = try plan.forward(input) }
      best = (min(best.clock, time.clock), min(best.processor, time.processor))
    }
    report(best, voxels: size.reduce(1, *), bytes: plan.memoryBytes)
  }

  private func stream(memory: Int, precision: Precision, tiles limit: Int) throws {
    let (y, x) = (0..<size[1], 0..<size[2])
    let tiling = try StreamTiling.best(
      graph, size: size, y: y, x: x, budget: memory, precision: precision, threads: threads)
    let tiles = Array(StreamTiling.tiles(tiling.core, y: y, x: x).prefix(limit))
    print(
      "tiles of \(tiling.core[0])×\(tiling.core[1]), windows of \(tiling.window[0])×\(tiling.window[1]),",
      String(format: "%.2f times the work of one pass", tiling.overhead))
    var voxels = 0
    let time = try measure {
      for tile in tiles {
        let plan = try StreamPlan(
          graph, size: size, y: tile.y, x: tile.x, precision: precision, threads: threads)
        try plan.load(graph.initialParameters(seed: 1))
        let plane = texture([1, 1, 1, plan.window.y.count, plan.window.x.count])
        try plan.run(planes: 0..<size[0]) { _ in
          plane
        } output: { _, _ in
        }
        voxels += size[0] * tile.y.count * tile.x.count
      }
    }
    report(time, voxels: voxels, bytes: tiling.bytes)
  }

  private func report(_ time: (clock: Double, processor: Double), voxels: Int, bytes: Int) {
    print(
      String(
        format: "%.3f s, processors %.3f s, %.3f million voxels/s, %d MiB counted", time.clock,
        time.processor, Double(voxels) / time.clock / 1e6, bytes >> 20))
  }
}
