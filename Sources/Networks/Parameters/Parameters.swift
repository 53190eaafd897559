// SPDX-License-Identifier: Apache-2.0

public import Tensors

/// What a network has learned, by name and in order: weights, biases and running statistics.
///
/// Names are those of a PyTorch state dict: `conv1.bn1.running_mean`. The same type carries
/// gradients and the optimiser's moments.
public struct Parameters: Sendable, Equatable {
  /// The names in the order in which they were added.
  public private(set) var names: [String] = []

  /// The tensors in the order of ``names``.
  private var tensors: [Tensor] = []

  private var positions: [String: Int] = [:]

  /// No parameters.
  public init() {}

  /// How many tensors there are.
  public var count: Int { names.count }

  /// How many numbers there are in all tensors.
  public var elementCount: Int { tensors.reduce(0) { $0 + $1.count } }

  /// Where the tensor of that name stands in the order.
  public func position(of name: String) -> Int? { positions[name] }

  /// The tensor at a position of the order, changed in place without a copy.
  public subscript(position position: Int) -> Tensor {
    _read { yield tensors[position] }
    _modify { yield &tensors[position] }
  }

  /// The tensor of a name; a new name goes to the end, nil takes the tensor out.
  public subscript(name: String) -> Tensor? {
    get { positions[name].map { tensors[$0] } }
    set {
      switch (positions[name], newValue) {
      case (let position?, let tensor?):
        tensors[position] = tensor
      case (nil, let tensor?):
        positions[name] = names.count
        names.append(name)
        tensors.append(tensor)
      case (let position?, nil):
        names.remove(at: position)
        tensors.remove(at: position)
        positions = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
      case (nil, nil):
        break
      }
    }
  }
}

extension Parameters: Sequence {
  /// The names and tensors in order.
  public func makeIterator() -> AnyIterator<(name: String, tensor: Tensor)> {
    var position = 0
    return AnyIterator {
      guard position < count else { return nil }
      defer { position += 1 }
      return (names[position], tensors[position])
    }
  }
}
