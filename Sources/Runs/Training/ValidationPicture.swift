// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import ImageFiles
import Tensors

/// A picture of one plane at a validation: what was found and labelled green, only found orange, only
/// labelled blue; where nobody knows, darker.
final class ValidationPicture {
  private var picture: NDArray?

  private static let found: [Double] = [0, 158, 115]
  private static let wrong: [Double] = [230, 159, 0]
  private static let missed: [Double] = [0, 114, 178]

  /// Draws the first class in the middle plane of a tile.
  ///
  /// - Parameter cell: The part of the tile that is measured.
  func draw(input: Tensor, logits: Tensor, target: Tensor, mask: Tensor, cell: Box) {
    let (height, width) = (input.shape[3], input.shape[4])
    let start = (cell.lower[0] + cell.upper[0]) / 2 * height * width
    var colours: [UInt8] = []
    colours.reserveCapacity(3 * height * width)
    input.withSpan { input in
      logits.withSpan { logits in
        target.withSpan { target in
          mask.withSpan { mask in
            for index in start..<start + height * width {
              let grey = Double(input[index]) * 127.5 + 127.5
              let isKnown = mask[index] != 0
              let tint: [Double]? =
                switch (logits[index] > 0, target[index] != 0) {
                case (true, true): isKnown ? Self.found : nil
                case (true, false): Self.wrong
                case (false, true): Self.missed
                case (false, false): nil
                }
              for channel in 0..<3 {
                let colour = tint.map { 0.55 * grey + 0.45 * $0[channel] } ?? grey
                colours.append(UInt8(nearest: isKnown ? colour : 0.6 * colour))
              }
            }
          }
        }
      }
    }
    picture = NDArray(colours, [height, width, 3])
  }

  /// Writes it as `step-000100.png` into a folder, which is made.
  ///
  /// - Throws: `ImageFileError`, or what making the folder throws.
  func write(to folder: String, step: Int) throws {
    guard let picture else { return }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try PNGWriter.write(picture, to: "\(folder)/step-\(String(format: "%06d", step)).png")
  }
}
