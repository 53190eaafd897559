// SPDX-License-Identifier: Apache-2.0

/// Why a training cannot go on.
public enum TrainingError: Error, Hashable, Sendable {
  /// The loss or the gradient is no number any more or far greater than before; the state is that after
  /// the step before.
  case diverged(step: Int, loss: Double, gradientNorm: Double)
  /// A batch has another shape than the trainer was made for.
  case batchShape(expected: [Int], found: [Int])
  /// A state was saved by a training of another network.
  case foreignState(path: String, reason: String)
}

extension TrainingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .diverged(let step, let loss, let norm):
      "training stopped at step \(step), because the loss (\(loss)) or the norm of the gradient "
        + "(\(norm)) is "
        + (loss.isFinite && norm.isFinite ? "far greater than before" : "no finite number")
        + ": \(step) good steps are kept in the run's checkpoints; try a lower --learning-rate"
    case .batchShape(let expected, let found):
      "a batch of shape \(found) came where \(expected) was expected"
    case .foreignState(let path, let reason):
      "\(path) is no state of this training: \(reason)"
    }
  }
}
