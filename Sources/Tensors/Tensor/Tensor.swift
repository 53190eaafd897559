// SPDX-License-Identifier: Apache-2.0

/// Dense single-precision numbers in C order: what enters and leaves a network.
///
/// Activations have the axes N, C, D, H, W (batch, channel, z, y, x); weights of a convolution O, I,
/// D, H, W, those of a transposed convolution I, O, D, H, W, as PyTorch keeps them. A value: copies
/// share memory until one of them is written to.
public struct Tensor: Sendable {
  /// How many elements there are along each axis; no axes for a single number.
  public let shape: [Int]

  var storage: Storage

  /// A tensor of zeros.
  ///
  /// - Precondition: No axis is negative.
  public init(zeros shape: [Int]) {
    precondition(shape.allSatisfy { $0 >= 0 }, "a tensor has no negative axis")
    self.shape = shape
    storage = Storage(count: shape.reduce(1, *))
  }

  /// A tensor of the given elements in C order.
  ///
  /// - Precondition: There are as many elements as `shape` says.
  public init(_ elements: [Float], shape: [Int]) {
    precondition(elements.count == shape.reduce(1, *), "as many elements as the shape says")
    self.init(zeros: shape)
    withMutableSpan { target in
      for index in elements.indices { target[index] = elements[index] }
    }
  }

  /// A tensor of one value.
  public init(repeating value: Float, shape: [Int]) {
    self.init(zeros: shape)
    withMutableSpan { target in
      for index in target.indices { target[index] = value }
    }
  }

  /// The number of elements.
  public var count: Int { storage.count }

  /// The elements in C order.
  public var elements: [Float] {
    withSpan { span in span.indices.map { span[$0] } }
  }

  /// The same elements under another shape.
  ///
  /// - Precondition: `shape` has as many elements.
  public func reshaped(_ shape: [Int]) -> Tensor {
    precondition(shape.reduce(1, *) == count, "a reshaped tensor keeps its number of elements")
    return Tensor(shape: shape, storage: storage)
  }

  private init(shape: [Int], storage: Storage) {
    self.shape = shape
    self.storage = storage
  }
}
