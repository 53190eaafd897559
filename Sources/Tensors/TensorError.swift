// SPDX-License-Identifier: Apache-2.0

/// What can go wrong in a backend.
public enum TensorError: Error, Hashable, Sendable {
  /// oneDNN cannot make or run an operation.
  case oneDNN(operation: String, reason: String)
}

extension TensorError: CustomStringConvertible {
  /// One sentence: what failed and what to do.
  public var description: String {
    switch self {
    case .oneDNN(let operation, let reason):
      "oneDNN cannot do the \(operation): \(reason); try the OpenBLAS backend"
    }
  }
}
