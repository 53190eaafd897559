// SPDX-License-Identifier: Apache-2.0

import COneDNN

/// A list of compiled operations over arrays whose place in memory is planned from their first and
/// last use.
///
/// Operations are appended (see the extensions), then `finish()` plans the memory, then phases are run.
/// Everything that touches oneDNN happens on ``OneDNNThread``.
package final class OneDNNProgram {
  /// An array of the program.
  package struct Buffer: Hashable, Sendable { let index: Int }

  /// When an operation runs.
  package enum Phase: Int, Sendable {
    /// Once for new parameters.
    case load

    /// For each input.
    case forward

    /// After `forward`.
    case backward
  }

  struct Record {
    let layout: OneDNNLayout
    let shape: [Int]

    /// Keeps its memory for good: parameters, what the caller writes or reads, and rings.
    let isPinned: Bool

    /// How many planes of the layout there are, written in turn: 1 for an array that is no ring.
    let ring: Int

    /// The array of which this one is a part, seen in place.
    let parent: Int?

    /// How many bytes behind the parent's beginning it begins.
    let offset: Int
  }

  /// What a step does.
  enum Work {
    case primitive(OneDNNPrimitive)
    /// Finds the mean and the variance of each channel.
    case statistics(NormalizationPasses)
    /// Normalises by them.
    case application(NormalizationPasses)
    /// Goes back through the normalisation.
    case gradient(NormalizationPasses)
  }

  struct Step {
    let phase: Phase
    let work: Work
    let bindings: [(argument: onednn_argument, buffer: Buffer)]

    /// How many planes the source lies beyond the plane that the step is run for.
    let sourceOffset: Int
  }

  /// How many threads compute.
  package let threads: Int

  /// In what numbers activations and weights are kept; what enters and leaves is single precision.
  package let precision: Precision

  let engine: OneDNNEngine
  var records: [Record] = []
  var steps: [Step] = []
  var memory: OneDNNMemory?

  /// An empty program.
  package init(threads: Int, precision: Precision = .float32) throws(TensorError) {
    self.threads = max(1, threads)
    self.precision = precision
    engine = try OneDNNThread.shared.run { () throws(TensorError) in try OneDNNEngine() }
  }

  /// How many bytes all arrays take.
  package var memoryBytes: Int { memory?.byteCount ?? 0 }

  /// Runs `body`, which appends operations, on the thread that oneDNN is called from.
  package func build<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
    try OneDNNThread.shared.run { () throws(Failure) in
      onednn_set_threads(Int32(threads))
      try body()
    }
  }

  /// An array in C order that keeps its memory: for parameters, input and output.
  package func plain(_ shape: [Int]) -> Buffer { add(OneDNNLayout(shape), shape, isPinned: true) }

  func add(
    _ layout: OneDNNLayout, _ shape: [Int], isPinned: Bool = false, ring: Int = 1, parent: Buffer? = nil,
    offset: Int = 0
  ) -> Buffer {
    records.append(
      Record(
        layout: layout, shape: shape, isPinned: isPinned || ring > 1, ring: ring, parent: parent?.index,
        offset: offset))
    return Buffer(index: records.count - 1)
  }

  func layout(of buffer: Buffer) -> OneDNNLayout { records[buffer.index].layout }

  /// N, C, D, H, W of an array.
  func shape(of buffer: Buffer) -> [Int] { records[buffer.index].shape }

  /// Appends an operation, with scratch memory where it wants some.
  func append(
    _ primitive: OneDNNPrimitive, _ phase: Phase,
    _ bindings: [(argument: onednn_argument, buffer: Buffer)], sourceOffset: Int = 0
  ) {
    var bindings = bindings
    if let scratch = primitive.layout(ONEDNN_SCRATCHPAD) {
      bindings.append((ONEDNN_SCRATCHPAD, add(scratch, [scratch.byteCount])))
    }
    steps.append(
      Step(phase: phase, work: .primitive(primitive), bindings: bindings, sourceOffset: sourceOffset))
  }

  /// Appends a pass of a normalisation.
  func append(
    _ work: Work, _ phase: Phase, _ bindings: [(argument: onednn_argument, buffer: Buffer)]
  ) {
    steps.append(Step(phase: phase, work: work, bindings: bindings, sourceOffset: 0))
  }

  /// The array in another layout: itself where it has it already.
  func reordered(
    _ buffer: Buffer, to layout: OneDNNLayout, _ phase: Phase
  ) throws(TensorError) -> Buffer {
    if self.layout(of: buffer) == layout { return buffer }
    let target = add(layout, shape(of: buffer), isPinned: phase == .load)
    try appendReorder(from: buffer, to: target, phase)
    return target
  }

  /// Copies an array into one of another layout.
  package func appendReorder(from source: Buffer, to target: Buffer, _ phase: Phase) throws(TensorError) {
    let primitive = try OneDNNPrimitive.reorder(engine, layout(of: source), layout(of: target))
    append(primitive, phase, [(ONEDNN_SOURCE, source), (ONEDNN_TARGET, target)])
  }
}
