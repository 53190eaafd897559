// SPDX-License-Identifier: Apache-2.0

import Foundation
import Networks
import Tensors

/// How long RS-UNet takes for one patch.
///
///     compute [DEPTH HEIGHT WIDTH [published|fast [THREADS [ROUNDS]]]]
///
/// Prints the best of the rounds, in seconds of the clock and of all processors; the second says more on a
/// machine that is busy with other things.
@main
struct ComputeBenchmark {
  static func main() throws {
    var arguments = CommandLine.arguments.dropFirst()
    func next<Value>(_ standard: Value, _ read: (String) -> Value?) -> Value {
      arguments.popFirst().flatMap(read) ?? standard
    }
    let size = [18, 160, 160].map { next($0) { Int($0) } }
    let widths = next("published") { $0 } == "fast" ? RSUNet.fastWidths : RSUNet.publishedWidths
    let threads = next(ProcessInfo.processInfo.activeProcessorCount) { Int($0) }
    let rounds = next(4) { Int($0) }

    let graph = try RSUNet.graph(widths: widths)
    let shape = [1, 1] + size
    let plan = try Plan(graph, inputShape: shape, mode: .inference, threads: threads)
    try plan.load(graph.initialParameters(seed: 1))
    var input = Tensor(zeros: shape)
    input.withMutableSpan { values in
      for index in values.indices { values[index] = Float(index * 37 % 255) / 127.5 - 1 }
    }
    var best = (clock: Double.infinity, processor: Double.infinity)
    for _ in 0..<rounds {
      let start = (clock: ContinuousClock.now, processor: processorSeconds())
      _ = try plan.forward(input)
      best.clock = min(best.clock, (ContinuousClock.now - start.clock) / .seconds(1))
      best.processor = min(best.processor, processorSeconds() - start.processor)
    }
    let voxels = Double(size.reduce(1, *))
    print(
      String(
        format: "forward %@ widths %@ threads %d: %.3f s, processors %.3f s, %.3f million voxels/s, %d MiB",
        size.map(String.init).joined(separator: "x"), widths.map(String.init).joined(separator: "/"),
        threads, best.clock, best.processor, voxels / best.clock / 1e6, plan.memoryBytes >> 20))
  }
}

/// The seconds that all processors together spent on this process so far.
private func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
