// SPDX-License-Identifier: Apache-2.0

import Tensors

extension OneDNNExecutor {
  /// The positions of all results that do not outlive the forward pass.
  var givenUp: Set<Int> {
    guard mode == .training, recomputation != .none else { return [] }
    var positions: Set<Int> = []
    for (index, entry) in entries.enumerated() {
      guard case .normalization(let record) = entry, record.joinsNeighbors else { continue }
      let source = graph.position(of: graph.nodes[index].inputs[0])
      let results =
        [index] + users(of: index).filter { if case .joined = entries[$0] { true } else { false } }
      guard recomputation == .blocks else {
        positions.formUnion(results)
        continue
      }
      let ends = results.flatMap { users(of: $0) }.filter { !results.contains($0) }
      if ends.allSatisfy(isInsideBlock) { positions.formUnion(results) }
      // What it takes, if that has no other use.
      var chain = [source]
      if let sum = joinedSums[source] { chain.append(sum.overwritten) }
      for position in chain {
        switch entries[position] {
        case .convolution, .sum: if users(of: position).count == 1 { positions.insert(position) }
        default: break
        }
      }
    }
    return positions
  }

  /// Whether a user of a normalised result belongs to the same block: a convolution, or a sum in front of the
  /// next normalisation.
  private func isInsideBlock(_ user: Int) -> Bool {
    switch graph.nodes[user].operation {
    case .convolution: true
    case .add: joinedSums[user] != nil
    default: false
    }
  }

  private func users(of position: Int) -> [Int] {
    let name = graph.nodes[position].name
    return graph.nodes.indices.filter { graph.nodes[$0].inputs.contains(name) }
  }

  /// A node's result for a gradient: as the forward pass left it, or computed again from what it left.
  func value(at position: Int, _ givenUp: Set<Int>) throws(TensorError) -> Buffer {
    if let buffer = again[position] { return buffer }
    guard givenUp.contains(position) else { return values[position] }
    let sources = graph.nodes[position].inputs.map { graph.position(of: $0) }
    let buffer: Buffer
    switch entries[position] {
    case .convolution(let record, _):
      buffer = try program.appendAgain(record, of: value(at: sources[0], givenUp))
    case .normalization(let record):
      buffer = try program.appendAgain(record, of: value(at: sources[0], givenUp))
    case .joined:
      buffer = try value(at: sources[0], givenUp)
    case .sum:
      guard let sum = joinedSums[position] else { return values[position] }
      let first = try value(at: sum.overwritten, givenUp)
      buffer = try program.appendSum(
        of: first, value(at: sum.added, givenUp), .backward, isFree: true)
    case .input, .unit, .pooling: return values[position]
    }
    again[position] = buffer
    return buffer
  }
}
