// SPDX-License-Identifier: Apache-2.0

import Arrays
import CTIFF

/// How the samples of a TIFF page are cut into strips or tiles.
struct TIFFLayout: Hashable, Sendable {
  /// Rows and columns of one piece; a strip is as wide as the page.
  let piece: Extent

  let isTiled: Bool

  /// Bytes of a decoded row of a piece; rows end at whole bytes.
  let rowBytes: Int

  /// Where the first piece begins in the file.
  let firstOffset: Int

  let isCompressed: Bool

  /// Reads the layout and checks each piece against the file.
  ///
  /// The size that a header claims is believed only if every piece lies inside the file and could
  /// decode to its claimed size, so that no allocation exceeds the file's size by more than the
  /// best ratio of its codec.
  init(_ handle: TIFFHandle, size: Extent, bits: Int, fileByteCount: Int) throws(ImageFileError) {
    let path = handle.path
    let compression = handle.value16(TIFFTAG_COMPRESSION, default: UInt16(COMPRESSION_NONE))
    isCompressed = compression != Int(COMPRESSION_NONE)
    guard TIFFIsCODECConfigured(UInt16(compression)) != 0 else {
      throw .unsupported(
        path: path,
        reason: "is compressed by method \(compression), which this libtiff cannot decode: save it"
          + " uncompressed or with LZW, Deflate or Zstd")
    }
    isTiled = handle.isTiled
    if isTiled {
      piece = [handle.value32(TIFFTAG_TILELENGTH), handle.value32(TIFFTAG_TILEWIDTH)]
    } else {
      piece = [min(size[0], handle.value32(TIFFTAG_ROWSPERSTRIP, default: .max)), size[1]]
    }
    guard !piece.isEmpty, let rowBits = Extent.checkedCount(of: [piece[1], bits]),
      let pieceBytes = Extent.checkedCount(of: [piece[0], (rowBits + 7) / 8])
    else { throw .damaged(path: path, reason: "its header gives strips or tiles without a size") }
    rowBytes = (rowBits + 7) / 8
    guard pieceBytes <= Int(Int32.max) || !isCompressed else {
      throw .unsupported(
        path: path,
        reason: "has strips or tiles of more than 2 GiB: save it with smaller ones")
    }
    let count =
      ((size[0] + piece[0] - 1) / piece[0]) * ((size[1] + piece[1] - 1) / piece[1])
    guard count > 0, count <= handle.pieceCount, count <= fileByteCount
    else { throw .damaged(path: path, reason: "it has too few strips or tiles for its size") }
    firstOffset = handle.pieceOffset(0)
    let ratio = Self.bestRatio(Int32(compression))
    for index in 0..<count {
      let offset = handle.pieceOffset(index)
      let stored = handle.pieceByteCount(index)
      guard offset > 0, offset <= fileByteCount, stored <= fileByteCount - offset else {
        throw .damaged(path: path, reason: "it ends before the data that its header names")
      }
      let rows = isTiled ? piece[0] : min(piece[0], size[0] - index * piece[0])
      guard stored > 0, (rows * rowBytes - 65_536) / ratio <= stored,
        isCompressed || rows * rowBytes <= stored
      else {
        throw .damaged(
          path: path,
          reason: "its header claims \(rows * rowBytes) bytes of image in \(stored) bytes of file")
      }
    }
  }

  /// The most bytes that one stored byte can decode to, from each method's own coding.
  private static func bestRatio(_ compression: Int32) -> Int {
    switch compression {
    case COMPRESSION_NONE: 1
    // Two bytes stand for at most 128.
    case COMPRESSION_PACKBITS: 64
    // A code of 9 to 12 bits stands for a text no longer than the table.
    case COMPRESSION_LZW: 4096
    // A match of 258 bytes takes at least two bits.
    case COMPRESSION_DEFLATE, COMPRESSION_ADOBE_DEFLATE: 1040
    // Zstd's run-length block: four bytes for 128 KiB; fax codes: a bit for a row; others alike.
    default: 65_536
    }
  }
}
