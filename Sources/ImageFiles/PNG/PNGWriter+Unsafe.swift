// SPDX-License-Identifier: Apache-2.0

public import Arrays
import CPNG

/// Writes one picture as PNG.
public enum PNGWriter {
  /// Writes a slice as gray of its own depth, or a picture in red, green and blue.
  ///
  /// - Parameter picture: `uint8` or `uint16` of shape [y, x], or `uint8` of shape [y, x, 3].
  /// - Throws: ``ImageFileError/unsupported(path:reason:)`` for another type or shape,
  ///   ``ImageFileError/inaccessible(path:reason:)`` if the file cannot be written.
  public static func write(_ picture: NDArray, to path: String) throws(ImageFileError) {
    let isColour = picture.rank == 3 && picture.extent[2] == 3 && picture.dataType == .uint8
    let isGray = picture.rank == 2 && [.uint8, .uint16].contains(picture.dataType)
    guard isGray || isColour, !picture.extent.isEmpty,
      picture.extent[0] <= Int(Int32.max), picture.extent[1] <= Int(Int32.max)
    else {
      throw .unsupported(
        path: path,
        reason: "cannot be a PNG: PNG holds gray of 8 or 16 bit or 8-bit colour, not"
          + " \(picture.dataType) of shape \(picture.extent); write TIFF or NPY instead")
    }
    var image = CPNGImage()
    image.width = UInt32(picture.extent[1])
    image.height = UInt32(picture.extent[0])
    image.bitDepth = UInt8(picture.dataType.byteCount * 8)
    image.colorType = UInt8(isColour ? CPNG_RGB : CPNG_GRAY)
    let file = NewFile(at: path)
    let isWritten = unsafe picture.withBytes { bytes in
      // SAFETY: the buffer has as many bytes as are passed, which the function checks first.
      unsafe cpng_write(
        file.partialPath, &image, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
        bytes.count)
    }
    guard isWritten != 0 else {
      throw .inaccessible(path: path, reason: "it cannot be written: \(PNGFile.message(&image))")
    }
    try file.publish()
  }
}
