// SPDX-License-Identifier: Apache-2.0

import COneDNN

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The memory of a finished program, and its steps bound to it.
@safe final class OneDNNMemory {
  let byteCount: Int
  private let engine: OneDNNEngine
  private let block: UnsafeMutableRawPointer
  private let offsets: [Int]

  /// The planes of each array; one for an array that is no ring.
  private var arrays: [[OpaquePointer]] = unsafe []

  init(_ program: OneDNNProgram) throws(TensorError) {
    (offsets, byteCount) = program.places()
    engine = program.engine
    var block: UnsafeMutableRawPointer?
    // SAFETY: the block is freed in `deinit`; page aligned, so that large pages can back it.
    guard unsafe posix_memalign(&block, 1 << 21, max(byteCount, 64)) == 0, let block = unsafe block else {
      throw .oneDNN(operation: "network", reason: "there is no room for \(byteCount) bytes")
    }
    unsafe self.block = unsafe block
    #if canImport(Glibc)
      // SAFETY: advice about the block's own pages.
      _ = unsafe madvise(block, byteCount, Int32(MADV_HUGEPAGE))
    #endif
    for (record, offset) in zip(program.records, offsets) {
      let owner = record.parent.map { program.records[$0] } ?? record
      unsafe arrays.append([])
      for slot in 0..<owner.ring {
        var array: OpaquePointer?
        // SAFETY: `places` leaves room for the planes' bytes at the offset.
        let result = unsafe onednn_memory_create(
          &array, engine.pointer, record.layout.pointer, block + offset + slot * owner.slotBytes)
        guard result == 0, let array = unsafe array else {
          throw .oneDNN(operation: "network", reason: OneDNNPrimitive.text(of: result))
        }
        unsafe arrays[arrays.count - 1].append(array)
      }
    }
  }

  deinit {
    // SAFETY: nothing runs any more; each object is given back once.
    unsafe arrays.joined().forEach { unsafe onednn_memory_destroy($0) }
    unsafe free(block)
  }

  /// Runs one step for a plane.
  ///
  /// - Parameter threads: Of passes that are not the library's.
  func run(_ step: OneDNNProgram.Step, plane: Int, threads: Int) throws(TensorError) {
    guard case .primitive(let primitive) = step.work else {
      return runNormalization(step, threads: threads)
    }
    let bindings = unsafe step.bindings.map { argument, buffer in
      let planes = unsafe arrays[buffer.index]
      let number = argument == ONEDNN_SOURCE ? plane + step.sourceOffset : plane
      return unsafe onednn_binding(
        argument: Int32(argument.rawValue), memory: planes[planes.count == 1 ? 0 : number % planes.count])
    }
    // SAFETY: the arrays live as long as `self`.
    let result = unsafe onednn_primitive_run(
      primitive.pointer, engine.pointer, bindings, Int32(bindings.count))
    guard result == 0 else {
      throw .oneDNN(operation: primitive.name, reason: OneDNNPrimitive.text(of: result))
    }
  }

  /// Runs a pass of a normalisation.
  private func runNormalization(_ step: OneDNNProgram.Step, threads: Int) {
    func place(_ argument: onednn_argument) -> UnsafeMutableRawPointer? {
      unsafe step.bindings.first { $0.argument == argument }
        .map { unsafe block + offsets[$0.buffer.index] }
    }
    func numbers(_ argument: onednn_argument) -> UnsafeMutableRawPointer {
      guard let place = unsafe place(argument) else {
        preconditionFailure("a normalisation has all its arrays")
      }
      return unsafe place
    }
    func floats(_ argument: onednn_argument, _ kernel: NormalizationPasses)
      -> UnsafeMutableBufferPointer<Float>
    {
      let start = unsafe numbers(argument).bindMemory(to: Float.self, capacity: kernel.channels)
      return unsafe UnsafeMutableBufferPointer(start: start, count: kernel.channels)
    }
    func channels(_ kernel: NormalizationPasses) -> NormalizationConstants.Channels {
      unsafe NormalizationConstants.Channels(
        mean: floats(ONEDNN_MEAN, kernel), variance: floats(ONEDNN_VARIANCE, kernel),
        scale: floats(ONEDNN_SCALE, kernel), shift: floats(ONEDNN_SHIFT, kernel))
    }
    // SAFETY: the program has given each array room for what the kernel counts.
    switch step.work {
    case .primitive: preconditionFailure("a primitive is run by the library")
    case .statistics(let kernel):
      unsafe kernel.findStatistics(
        of: numbers(ONEDNN_SOURCE), adding: place(ONEDNN_SECOND), mean: floats(ONEDNN_MEAN, kernel),
        variance: floats(ONEDNN_VARIANCE, kernel), threads: threads)
    case .application(let kernel):
      unsafe kernel.apply(
        to: numbers(ONEDNN_SOURCE), numbers(ONEDNN_TARGET), channels(kernel), threads: threads)
    case .gradient(let kernel):
      unsafe kernel.findGradients(
        of: numbers(ONEDNN_SOURCE), arriving: numbers(ONEDNN_TARGET_GRADIENT),
        leaving: numbers(ONEDNN_SOURCE_GRADIENT), channels(kernel),
        scale: floats(ONEDNN_SCALE_GRADIENT, kernel), shift: floats(ONEDNN_SHIFT_GRADIENT, kernel),
        threads: threads)
    }
  }

  /// The floats of an array that has no padding.
  func floats(of buffer: OneDNNProgram.Buffer, count: Int) -> UnsafeMutableBufferPointer<Float> {
    // SAFETY: the array has room for `count` floats at its offset.
    let start = unsafe (block + offsets[buffer.index]).bindMemory(to: Float.self, capacity: count)
    return unsafe UnsafeMutableBufferPointer(start: start, count: count)
  }
}

extension OneDNNProgram {
  /// Plans the memory; no operation may be appended afterwards.
  package func finish() throws(TensorError) {
    try build { () throws(TensorError) in memory = try OneDNNMemory(self) }
  }

  /// Runs the operations of a phase in order.
  package func run(_ phase: Phase) throws(TensorError) {
    guard let memory else { preconditionFailure("a program is finished before it runs") }
    try build { () throws(TensorError) in
      for step in steps where step.phase == phase { try memory.run(step, plane: 0, threads: threads) }
    }
  }

  /// Runs single steps, each for a plane (of all rings that it touches).
  package func run(_ list: [(step: Int, plane: Int)]) throws(TensorError) {
    guard let memory else { preconditionFailure("a program is finished before it runs") }
    try build { () throws(TensorError) in
      for (step, plane) in list { try memory.run(steps[step], plane: plane, threads: threads) }
    }
  }

  /// How many bytes the program would take if it were finished now.
  package var plannedBytes: Int { places().byteCount }

  /// Writes an array that keeps its memory and has no padding.
  ///
  /// - Precondition: The tensor has as many elements.
  package func write(_ tensor: Tensor, to buffer: Buffer) {
    let count = shape(of: buffer).reduce(1, *)
    precondition(tensor.count == count && records[buffer.index].isPinned, "the array takes the tensor")
    guard let memory else { preconditionFailure("a program is finished before it runs") }
    // SAFETY: both have `count` elements and do not overlap.
    unsafe tensor.withElements { elements in
      _ = unsafe memory.floats(of: buffer, count: count).update(fromContentsOf: elements)
    }
  }

  /// Reads an array that keeps its memory and has no padding.
  package func read(_ buffer: Buffer, shape: [Int]? = nil) -> Tensor {
    let shape = shape ?? self.shape(of: buffer)
    precondition(records[buffer.index].isPinned, "only arrays that keep their memory are read")
    guard let memory else { preconditionFailure("a program is finished before it runs") }
    var tensor = Tensor(zeros: shape)
    let count = tensor.count
    // SAFETY: both have `count` elements and do not overlap.
    unsafe tensor.withMutableElements { elements in
      _ = unsafe elements.update(fromContentsOf: memory.floats(of: buffer, count: count))
    }
    return tensor
  }
}
