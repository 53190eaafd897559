// SPDX-License-Identifier: Apache-2.0

public import Tensors

/// Patches for one step; all three of shape N, C, D, H, W.
public struct Batch: Sendable {
  /// Preprocessed grey values.
  public var input: Tensor
  /// Ones where a voxel belongs to the class of its channel, else zeros.
  public var target: Tensor
  /// Ones where a label is known, zeros where it is to be ignored.
  public var mask: Tensor

  /// - Precondition: `target` and `mask` have one shape, and that of `input` but for the channels.
  public init(input: Tensor, target: Tensor, mask: Tensor) {
    precondition(target.shape == mask.shape, "a mask for every target")
    precondition(
      input.shape.count == 5 && target.shape.count == 5 && input.shape[0] == target.shape[0]
        && input.shape[2...] == target.shape[2...], "targets of the input's shape")
    self.input = input
    self.target = target
    self.mask = mask
  }
}
