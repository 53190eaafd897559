// SPDX-License-Identifier: Apache-2.0

public import Tensors

/// What a plan for training gives up after the forward pass and computes again in the backward pass; less
/// memory for more work, and the same bytes.
///
/// Chen et al. 2016, <https://doi.org/10.48550/arXiv.1604.06174>.
public enum Recomputation: String, Codable, CaseIterable, Sendable {
  /// Nothing.
  case none

  /// What batch normalisations give, from what they take: a few hundredths more work.
  case activations

  /// All that lies within a block: between results that are pooled, enlarged or added elsewhere. About a
  /// third more work.
  case blocks
}

extension Recomputation {
  /// The least that lets a network train within some memory.
  ///
  /// - Parameters:
  ///   - inputShape: N, C, D, H, W of a batch.
  ///   - bytes: For activations, gradients and weights.
  /// - Throws: ``NetworkError/tooLittleMemory(given:needed:)`` if nothing does.
  public static func least(
    for graph: Graph, inputShape: [Int], backend: BackendKind, precision: Precision = .float32, threads: Int,
    within bytes: Int
  ) throws(NetworkError) -> Recomputation {
    var needed = Int.max
    for choice in allCases {
      let plan = try Plan(
        graph, inputShape: inputShape, mode: .training, backend: backend, precision: precision,
        threads: threads, recomputation: choice)
      if plan.memoryBytes <= bytes { return choice }
      needed = min(needed, plan.memoryBytes)
      if backend == .openBLAS { break }
    }
    throw .tooLittleMemory(given: bytes, needed: needed)
  }
}
