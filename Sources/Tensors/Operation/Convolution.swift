// SPDX-License-Identifier: Apache-2.0

/// The shape of a convolution or of a transposed convolution; axes D, H, W.
///
/// Its parameters are `weight` and `bias`.
public struct Convolution: Codable, Hashable, Sendable {
  /// How many channels come in.
  public var inputChannels: Int

  /// How many channels go out.
  public var outputChannels: Int

  /// How many voxels the kernel spans along each axis.
  public var kernel: [Int]

  /// By how many voxels the kernel moves along each axis (transposed: the enlargement).
  public var stride: [Int]

  /// How many zeros stand before and after the array along each axis.
  public var padding: [Int]

  /// A convolution.
  public init(
    inputChannels: Int, outputChannels: Int, kernel: [Int], stride: [Int] = [1, 1, 1], padding: [Int]
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  /// A convolution of odd kernel that keeps the size of the array.
  public static func same(_ inputChannels: Int, _ outputChannels: Int, kernel: [Int]) -> Convolution {
    Convolution(
      inputChannels: inputChannels, outputChannels: outputChannels, kernel: kernel,
      padding: kernel.map { $0 / 2 })
  }

  enum CodingKeys: String, CodingKey {
    case inputChannels = "input_channels"
    case outputChannels = "output_channels"
    case kernel, stride, padding
  }
}
