// SPDX-License-Identifier: Apache-2.0

import Arrays
import CTIFF

/// One image of a TIFF file, as its directory describes it.
struct TIFFPage: SlicePage {
  /// Where its directory begins.
  let directory: UInt64

  let size: Extent
  let format: SampleFormat

  /// How it is cut into pieces that are decoded one at a time.
  let layout: TIFFLayout

  /// Where the samples begin, for a page that has no directory of its own: ImageJ writes large
  /// stacks as one directory followed by all slices, uncompressed.
  var rawOffset: Int?

  /// Reads the directory that the handle is at.
  ///
  /// - Parameter fileByteCount: Bounds what the directory may claim.
  init(_ handle: TIFFHandle, fileByteCount: Int) throws(ImageFileError) {
    directory = handle.directoryOffset
    let width = handle.value32(TIFFTAG_IMAGEWIDTH)
    let height = handle.value32(TIFFTAG_IMAGELENGTH)
    guard width > 0, height > 0 else {
      throw .damaged(path: handle.path, reason: "its header gives no width and height")
    }
    size = [height, width]
    format = try Self.format(handle)
    layout = try TIFFLayout(handle, size: size, bits: format.bits, fileByteCount: fileByteCount)
  }

  /// The bytes of the samples once decoded.
  var byteCount: Int { size.count * (format.dataType?.byteCount ?? 1) }

  private static func format(_ handle: TIFFHandle) throws(ImageFileError) -> SampleFormat {
    let samples = handle.value16(TIFFTAG_SAMPLESPERPIXEL, default: 1)
    let photometric = handle.value16(TIFFTAG_PHOTOMETRIC, default: UInt16(PHOTOMETRIC_MINISBLACK))
    switch Int32(photometric) {
    case PHOTOMETRIC_MINISBLACK, PHOTOMETRIC_MINISWHITE, PHOTOMETRIC_PALETTE, PHOTOMETRIC_MASK:
      break
    default:
      throw .unsupported(path: handle.path, reason: colourRefusal)
    }
    guard samples == 1 else {
      throw .unsupported(
        path: handle.path,
        reason: "has \(samples) samples a pixel: save it as gray with one sample (8 or 16 bit)")
    }
    guard handle.value32(TIFFTAG_IMAGEDEPTH, default: 1) == 1 else {
      throw .unsupported(
        path: handle.path, reason: "holds volumes inside its pages: save each slice as a page")
    }
    let bits = handle.value16(TIFFTAG_BITSPERSAMPLE, default: 1)
    let kind: SampleFormat.Kind
    switch Int32(handle.value16(TIFFTAG_SAMPLEFORMAT, default: UInt16(SAMPLEFORMAT_UINT))) {
    case SAMPLEFORMAT_UINT, SAMPLEFORMAT_VOID:
      kind = photometric == Int(PHOTOMETRIC_PALETTE) ? .palette : .unsigned
    case SAMPLEFORMAT_INT: kind = .signed
    case SAMPLEFORMAT_IEEEFP: kind = .float
    default:
      throw .unsupported(path: handle.path, reason: "holds complex numbers: save its real part")
    }
    let format = SampleFormat(kind: kind, bits: bits)
    guard format.dataType != nil else {
      throw .unsupported(
        path: handle.path,
        reason: "holds \(format) samples, which no voxel type holds: convert it to 8, 16 or 32 bit")
    }
    return format
  }
}

/// What to say of a colour image.
let colourRefusal =
  "is a colour image: save raw images as 8- or 16-bit gray, and labels as gray or palette whose"
  + " value or index is the label"
