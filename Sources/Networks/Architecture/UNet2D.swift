// SPDX-License-Identifier: Apache-2.0

import Tensors

/// The U-Net for single sections: every plane is seen for itself.
///
/// Ronneberger et al. 2015, <https://doi.org/10.1007/978-3-319-24574-4_28>, with padding, batch
/// normalisation and exponential linear units. A convolution over two concatenated arrays is the sum of a
/// convolution over each, so a skip has weights of its own (`up1.skip`) and nothing is concatenated.
/// Parameters are called `down1.conv1…`, `up4.enlarge`, `up4.skip`, `up4.conv1…`, `head`; level 1 is the
/// finest.
public enum UNet2D {
  /// The published widths, of each level from fine to coarse.
  public static let publishedWidths = [64, 128, 256, 512, 1024]

  /// A quarter of the published widths: about 15 times as fast.
  public static let fastWidths = [16, 32, 64, 128, 256]

  /// The network, from grey values to logits of the same size; sizes in y and x must be multiples of
  /// 2^(levels − 1).
  ///
  /// - Parameters:
  ///   - widths: Of each level from fine to coarse.
  ///   - inputChannels: How many channels come in.
  ///   - outputChannels: How many logits each voxel gets, one a class.
  /// - Throws: ``NetworkError/invalidGraph(reason:)`` for fewer than two widths or one below 1.
  public static func graph(
    widths: [Int] = publishedWidths, inputChannels: Int = 1, outputChannels: Int = 1
  ) throws(NetworkError) -> Graph {
    guard widths.count >= 2, widths.allSatisfy({ $0 >= 1 }) else {
      throw .invalidGraph(reason: "widths \(widths) are not two or more positive numbers")
    }
    var builder = GraphBuilder()
    builder.append("input", .input(channels: inputChannels))
    var skips: [String] = []
    var channels = inputChannels
    for (level, width) in widths.enumerated() {
      let name = "down\(level + 1)"
      if level > 0 { builder.append("pool\(level + 1)", .maxPooling(kernel: [1, 2, 2])) }
      builder.convolve("\(name).conv1", channels, width, kernel: kernel)
      builder.normalize(name, 1, width)
      builder.convolve("\(name).conv2", width, width, kernel: kernel)
      builder.normalize(name, 2, width)
      skips.append(builder.last)
      channels = width
    }
    for level in widths.indices.dropLast().reversed() {
      let (name, width) = ("up\(level + 1)", widths[level])
      builder.enlarge("\(name).enlarge", channels, width, by: 2)
      let enlarged = builder.last
      builder.convolve("\(name).skip", width, width, kernel: kernel, of: skips[level])
      let skip = builder.last
      builder.convolve("\(name).conv1", width, width, kernel: kernel, of: enlarged)
      builder.append("\(name).add", .add, with: skip)
      builder.normalize(name, 1, width)
      builder.convolve("\(name).conv2", width, width, kernel: kernel)
      builder.normalize(name, 2, width)
      channels = width
    }
    builder.convolve("head", channels, outputChannels, kernel: [1, 1, 1])
    return try Graph(builder.nodes, output: builder.last)
  }

  private static let kernel = [1, 3, 3]
}
