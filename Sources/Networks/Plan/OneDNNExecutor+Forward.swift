// SPDX-License-Identifier: Apache-2.0

import Tensors

extension OneDNNExecutor {
  /// Appends all operations in order.
  func appendForward(_ input: Buffer) throws(TensorError) {
    let isTraining = mode == .training
    let users = userCounts
    let joints = isTraining ? self.joints : [:]
    let freeSums = Set(joints.values.compactMap(\.sum))
    /// Units that a normalisation does itself.
    var joined: Set<Int> = []
    for (index, node) in graph.nodes.enumerated() {
      let sources = node.inputs.map { graph.position(of: $0) }
      /// Whether the result may overwrite the n-th input: nobody else takes it, now or in a gradient.
      func isFree(_ number: Int) -> Bool {
        users[sources[number]] == 1 && sources[number] > 0 && !isKept(sources[number])
      }
      switch node.operation {
      case .input:
        record(.input, input)
      case .convolution(let convolution):
        try appendConvolution(convolution, isTransposed: false, values[sources[0]], index)
      case .transposedConvolution(let convolution):
        try appendConvolution(convolution, isTransposed: true, values[sources[0]], index)
      case .fusedConvolution(let fused):
        try appendFused(fused, sources.map { values[$0] }, index)
      case .batchNormalization(_, let epsilon):
        let joint = joints[index].flatMap { program.joinsNeighbors(of: values[sources[0]]) ? $0 : nil }
        let made = try program.appendNormalization(
          of: values[sources[0]], adding: joinedSums[sources[0]].map { values[$0.added] }, epsilon: epsilon,
          alpha: joint?.alpha,
          isTraining: isTraining)
        if let unit = joint?.unit { joined.insert(unit) }
        record(.normalization(made), made.target)
      case .elu where joined.contains(index):
        record(.joined, values[sources[0]])
      case .elu(let alpha):
        let made = try program.appendUnit(
          of: values[sources[0]], alpha: alpha, isTraining: isTraining, isFree: isFree(0))
        record(.unit(made), made.target)
      case .maxPooling(let kernel):
        let made = try program.appendPooling(
          of: values[sources[0]], kernel: kernel, shape: shapes[index], isTraining: isTraining)
        record(.pooling(made), made.target)
      case .add:
        let order = isFree(0) ? [0, 1] : isFree(1) ? [1, 0] : [0, 1]
        let first = values[sources[order[0]]]
        if freeSums.contains(index), isFree(order[0]), program.joinsNeighbors(of: first) {
          joinedSums[index] = (sources[order[0]], sources[order[1]])
          record(.sum, first)
          continue
        }
        let sum = try program.appendSum(
          of: values[sources[order[0]]], values[sources[order[1]]], .forward, isFree: isFree(order[0]))
        record(.sum, sum)
      }
    }
  }

  /// What a normalisation can do in its own passes.
  private struct Joint {
    /// The sum in front of it that nobody else takes.
    var sum: Int?
    /// The unit behind it where nobody else takes what it normalised.
    var unit: Int?
    var alpha: Float?
  }

  /// By the position of the normalisation.
  private var joints: [Int: Joint] {
    let users = userCounts
    var joints: [Int: Joint] = [:]
    for (index, node) in graph.nodes.enumerated() {
      if case .batchNormalization = node.operation {
        let source = graph.position(of: node.inputs[0])
        let isSum = graph.nodes[source].operation == .add && users[source] == 1
        joints[index, default: Joint()].sum = isSum ? source : nil
      } else if case .elu(let alpha) = node.operation {
        let source = graph.position(of: node.inputs[0])
        guard joints[source] != nil, users[source] == 1 else { continue }
        joints[source]?.unit = index
        joints[source]?.alpha = alpha
      }
    }
    return joints
  }

  private func record(_ entry: Entry, _ value: Buffer) {
    entries.append(entry)
    values.append(value)
  }

  /// Whether a gradient needs the node's own result: a unit's does.
  private func isKept(_ position: Int) -> Bool {
    if case .elu = graph.nodes[position].operation { return mode == .training }
    return false
  }

  /// How many nodes take each node's result; the output is taken once more.
  var userCounts: [Int] {
    var counts = Array(repeating: 0, count: graph.nodes.count)
    for node in graph.nodes { for input in node.inputs { counts[graph.position(of: input)] += 1 } }
    counts[graph.position(of: graph.output)] += 1
    return counts
  }

  private func appendConvolution(
    _ convolution: Convolution, isTransposed: Bool, _ source: Buffer, _ index: Int
  ) throws(TensorError) {
    let made = try program.appendConvolution(
      convolution, isTransposed: isTransposed, of: source, shape: shapes[index],
      isTraining: mode == .training)
    record(.convolution(made, fused: nil), made.target)
  }

  private func appendFused(
    _ fused: FusedConvolution, _ sources: [Buffer], _ index: Int
  ) throws(TensorError) {
    let shape = shapes[index]
    let tail = scalings.tail(of: fused, adding: sources.dropFirst().first, channels: shape[1], in: program)
    // oneDNN's transposed convolution adds nothing in its own pass.
    let isApart = fused.isTransposed && !fused.convolution.isPointwise && !tail.isEmpty
    let made = try program.appendConvolution(
      fused.convolution, isTransposed: fused.isTransposed, of: sources[0], shape: shape,
      isTraining: false, tail: isApart ? [] : tail)
    var value = made.target
    if isApart {
      for step in tail {
        switch step {
        case .sum(let addend):
          value = try program.appendSum(of: value, addend, .forward, isFree: true)
        case .elu(let alpha):
          value = try program.appendUnit(of: value, alpha: alpha, isTraining: false, isFree: true).target
        case .scale: preconditionFailure("a scaling is not taken into a transposed convolution")
        }
      }
    }
    record(.convolution(made, fused: fused), value)
  }
}
