// SPDX-License-Identifier: Apache-2.0

extension Tensor {
  /// Adds another tensor element by element.
  ///
  /// - Precondition: The shapes are equal.
  public static func += (a: inout Tensor, b: Tensor) {
    precondition(a.shape == b.shape, "tensors that are added have one shape")
    a.withMutableSpan { a in
      b.withSpan { b in
        for index in b.indices { a[index] += b[index] }
      }
    }
  }
}
