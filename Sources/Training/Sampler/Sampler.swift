// SPDX-License-Identifier: Apache-2.0

/// Where batches come from.
public protocol Sampler: Sendable {
  /// N, C, D, H, W of every batch's input.
  var inputShape: [Int] { get }

  /// The batch of a step: a pure function of the purpose, the step and the sampler's seed, so that a
  /// resumed training sees what the uninterrupted one would have seen.
  ///
  /// - Throws: Whatever reading the patches throws.
  func batch(_ purpose: BatchPurpose, step: Int) throws -> Batch
}

/// What a batch is drawn for; each purpose has its own random numbers.
public enum BatchPurpose: UInt64, Codable, Sendable {
  /// A step of the optimiser.
  case training = 1
  /// The statistics of batch normalisation; not augmented.
  case statistics = 2
}
