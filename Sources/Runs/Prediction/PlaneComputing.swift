// SPDX-License-Identifier: Apache-2.0

import Arrays
import Networks
import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Computes the planes of streams, while another thread reads and preprocesses those to come.
struct PlaneComputing {
  let setup: PredictionSetup

  /// Throws where the work is to stop.
  let check: () throws -> Void

  /// The plan of the stream before.
  private var known: (stream: PlaneStream, plan: StreamPlan)?

  init(setup: PredictionSetup, check: @escaping () throws -> Void) {
    self.setup = setup
    self.check = check
  }

  /// Runs a stream over planes.
  ///
  /// - Parameter take: Gets each plane of the tile, C, H, W, in 65,535 steps of probability.
  mutating func compute(
    _ stream: PlaneStream, _ planes: Range<Int>, _ take: (Int, [UInt16]) throws -> Void
  ) throws {
    let volume = setup.volume(phase: stream.phase, run: stream.run)
    let shape = volume.shape
    let plan = try plan(for: stream, shape)
    let size = (height: shape[1], width: shape[2])
    let window = stream.symmetry.original(plan.window.y, plan.window.x, in: size)
    let first = stream.run.lowerBound
    let inRun = planes.lowerBound - first..<planes.upperBound - first
    let wanted = plan.inputPlanes(for: inRun)
    let queue = BoundedQueue<Tensor>(capacity: 4)
    let reader = Worker("reading") {
      defer { queue.finish() }
      // As many at once as lie in a layer of chunks or so.
      for start in Swift.stride(from: wanted.lowerBound, to: wanted.upperBound, by: 8) {
        let batch = start..<min(start + 8, wanted.upperBound)
        for input in try volume.inputs(batch, y: window.y, x: window.x) {
          if !queue.send(stream.symmetry.turned(input)) { return }
        }
      }
    }
    do {
      try plan.run(planes: inRun) { _ in
        try check()
        guard let input = queue.receive() else {
          try reader.wait()
          preconditionFailure("the reader gives all planes or fails")
        }
        return input
      } output: { plane, logits in
        let part = stream.symmetry.original(logits)
        var values = [UInt16](repeating: 0, count: part.count)
        part.withSpan { logits in
          for index in logits.indices {
            values[index] = UInt16((65535 / (1 + expf(-logits[index]))).rounded())
          }
        }
        try take(first + plane, values)
      }
    } catch {
      queue.cancel()
      try? reader.wait()
      throw error
    }
    try reader.wait()
  }

  /// The plan of the stream before where it does as well.
  private mutating func plan(for stream: PlaneStream, _ shape: [Int]) throws -> StreamPlan {
    if let (other, plan) = known, other.model == stream.model, other.symmetry == stream.symmetry,
      other.y == stream.y, other.x == stream.x, plan.depth == shape[0]
    {
      return plan
    }
    // The memory of the old plan goes before that of the new one comes.
    known = nil
    let (height, width) = stream.symmetry.size(shape[1], shape[2])
    let core = stream.symmetry.turned(stream.y, stream.x, in: (shape[1], shape[2]))
    let network = setup.networks[stream.model]
    let plan = try StreamPlan(
      network.graph, size: [shape[0], height, width], y: core.y, x: core.x,
      precision: setup.request.precision, threads: setup.request.threads)
    try plan.load(network.weights)
    known = (stream, plan)
    return plan
  }
}
