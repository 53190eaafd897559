// SPDX-License-Identifier: Apache-2.0

import Arrays
import CPNG

/// A PNG file whose header has been read and checked.
struct PNGFile: SliceFile {
  /// The one image of the file.
  struct Page: SlicePage {
    let size: Extent
    let format: SampleFormat
    let hasAlpha: Bool
  }

  let source: SourceFile
  let channels: [[Page]]

  /// Never known: PNG's resolution says nothing of the distance between slices.
  var voxelSize: VoxelSize? { nil }

  init(opening path: String) throws(ImageFileError) {
    let byteCount = try ByteFile(reading: path).byteCount
    source = SourceFile(path: path, byteCount: byteCount)
    var image = CPNGImage()
    // SAFETY: path and header live for the call.
    guard unsafe cpng_read_header(path, &image) != 0 else { throw Self.damaged(path, &image) }
    let kind: SampleFormat.Kind
    switch Int32(image.colorType) {
    case CPNG_GRAY, CPNG_GRAY_ALPHA: kind = .unsigned
    case CPNG_PALETTE: kind = .palette
    default: throw .unsupported(path: path, reason: colourRefusal)
    }
    let page = Page(
      size: [Int(image.height), Int(image.width)],
      format: SampleFormat(kind: kind, bits: Int(image.bitDepth)),
      hasAlpha: Int32(image.colorType) == CPNG_GRAY_ALPHA)
    // Deflate decodes a byte to at most 1032 bytes.
    let rowBits = Extent.checkedCount(of: [page.size[1], page.format.bits])
    guard let packed = Extent.checkedCount(of: [page.size[0], ((rowBits ?? .max / 8) + 7) / 8]),
      packed / 1040 <= byteCount
    else {
      throw .damaged(
        path: path,
        reason: "its header claims \(page.size) pixels, too many for \(byteCount) bytes of file")
    }
    channels = [[page]]
  }

  func read(_ page: Page) throws(ImageFileError) -> NDArray {
    guard let dataType = page.format.dataType else {
      preconditionFailure("PNG samples have at most 16 bits")
    }
    let columns = page.size[1] * (page.hasAlpha ? 2 : 1)
    var samples = NDArray(dataType, [page.size[0], columns])
    var image = CPNGImage()
    image.width = UInt32(page.size[1])
    image.height = UInt32(page.size[0])
    image.bitDepth = UInt8(page.format.bits)
    image.colorType = UInt8(
      page.format.kind == .palette ? CPNG_PALETTE : page.hasAlpha ? CPNG_GRAY_ALPHA : CPNG_GRAY)
    let isRead = unsafe samples.withMutableBytes { bytes in
      // SAFETY: the buffer has as many bytes as are passed, which the function checks first.
      unsafe cpng_read(
        source.path, &image, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
    }
    guard isRead != 0 else { throw Self.damaged(source.path, &image) }
    guard page.hasAlpha else { return samples }
    return dataType == .uint8
      ? try withoutAlpha(UInt8.self, samples, page.size)
      : try withoutAlpha(UInt16.self, samples, page.size)
  }

  /// The gray samples of gray and alpha, if no pixel is even partly transparent.
  private func withoutAlpha<Element: ArrayElement & FixedWidthInteger>(
    _: Element.Type, _ samples: NDArray, _ size: Extent
  ) throws(ImageFileError) -> NDArray {
    var gray = NDArray(samples.dataType, size)
    let isOpaque = samples.withSpan(of: Element.self) { source in
      gray.withMutableSpan(of: Element.self) { target in
        for index in target.indices {
          guard source[2 * index + 1] == Element.max else { return false }
          target[index] = source[2 * index]
        }
        return true
      }
    }
    guard isOpaque else {
      throw .unsupported(
        path: source.path,
        reason: "has transparent pixels, whose value is unknown: save it as gray without alpha")
    }
    return gray
  }

  /// What libpng said.
  static func message(_ image: inout CPNGImage) -> String {
    // SAFETY: the message is zero-terminated and copied while the header lives.
    unsafe withUnsafePointer(to: &image.message) { pointer in
      unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
        unsafe String(cString: $0)
      }
    }
  }

  private static func damaged(_ path: String, _ image: inout CPNGImage) -> ImageFileError {
    .damaged(path: path, reason: "libpng says: \(message(&image))")
  }
}
