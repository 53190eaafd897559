// SPDX-License-Identifier: Apache-2.0

import Tensors

/// The kinds of network that are known by name.
public enum Architecture: String, Codable, CaseIterable, Sendable {
  /// ``RSUNet``: for stacks of thick or thin sections.
  case rsunet

  /// ``UNet2D``: for single sections.
  case unet2d

  /// The widths with which it was published.
  public var publishedWidths: [Int] {
    switch self {
    case .rsunet: RSUNet.publishedWidths
    case .unet2d: UNet2D.publishedWidths
    }
  }

  /// Widths that are fast on a CPU.
  public var fastWidths: [Int] {
    switch self {
    case .rsunet: RSUNet.fastWidths
    case .unet2d: UNet2D.fastWidths
    }
  }

  /// The network for images of one channel.
  ///
  /// - Parameter outputChannels: How many logits each voxel gets, one a class.
  /// - Throws: ``NetworkError/invalidGraph(reason:)`` for widths that make no network.
  public func graph(widths: [Int], outputChannels: Int) throws(NetworkError) -> Graph {
    switch self {
    case .rsunet: try RSUNet.graph(widths: widths, outputChannels: outputChannels)
    case .unet2d: try UNet2D.graph(widths: widths, outputChannels: outputChannels)
    }
  }

  /// The widths that the tensors of a file have, level by level; the published ones where it says nothing.
  public func widths(in found: Parameters) -> [Int] {
    var widths = publishedWidths
    for (name, tensor) in found {
      for level in widths.indices {
        let wanted = weightOfWidth(level)
        if name == wanted || name.hasSuffix(".\(wanted)"), tensor.shape.count == 5,
          (1...Self.widest).contains(tensor.shape[0])
        {
          widths[level] = tensor.shape[0]
        }
      }
    }
    return widths
  }

  /// More channels than any network of these kinds has; a file that says more is not believed.
  private static let widest = 4096

  /// The weight whose first axis is the width of a level.
  private func weightOfWidth(_ level: Int) -> String {
    switch self {
    case .rsunet: level == 0 ? "conv0.weight" : "conv\(level).conv1.weight"
    case .unet2d: "down\(level + 1).conv1.weight"
    }
  }
}
