// SPDX-License-Identifier: Apache-2.0

import Arrays
import CTIFF

extension TIFFFile {
  /// Reads the samples of one page, in native byte order and never scaled or inverted.
  func read(_ page: TIFFPage) throws(ImageFileError) -> NDArray {
    guard let dataType = page.format.dataType else {
      preconditionFailure("pages of a type that no voxel has are refused when the file is opened")
    }
    if let offset = page.rawOffset { return try readRaw(page, dataType, at: offset) }
    let handle = try TIFFHandle(source.path, mode: "rmch")
    guard handle.readDirectory(at: page.directory) else {
      throw handle.damaged()
    }
    let now = try TIFFPage(handle, fileByteCount: source.byteCount)
    guard now.size == page.size, now.format == page.format, now.layout == page.layout else {
      throw .inaccessible(path: source.path, reason: "it changed while it was read")
    }
    var slice = NDArray(dataType, page.size)
    if !page.layout.isTiled && page.format.isUnpacked {
      try readStrips(handle, page, into: &slice)
    } else {
      try readPieces(handle, page, into: &slice)
    }
    return slice
  }

  /// Decodes strips right into the slice.
  private func readStrips(
    _ handle: TIFFHandle, _ page: TIFFPage, into slice: inout NDArray
  ) throws(ImageFileError) {
    let rowsOfStrip = page.layout.piece[0]
    try unsafe slice.withMutableBytes { bytes throws(ImageFileError) in
      for (strip, row) in stride(from: 0, to: page.size[0], by: rowsOfStrip).enumerated() {
        let start = row * page.layout.rowBytes
        let count = min(rowsOfStrip, page.size[0] - row) * page.layout.rowBytes
        // SAFETY: start + count ≤ rows × row bytes, the size of the slice; libtiff writes at most
        // `count` bytes.
        let target = unsafe bytes[start..<start + count]
        let read = unsafe TIFFReadEncodedStrip(
          handle.tiff, UInt32(strip), UnsafeMutableRawBufferPointer(rebasing: target).baseAddress,
          tmsize_t(count))
        guard read == count else { throw handle.damaged() }
      }
    }
  }

  /// Decodes strips or tiles one after the other, unpacks their samples and copies what lies inside
  /// the page.
  private func readPieces(
    _ handle: TIFFHandle, _ page: TIFFPage, into slice: inout NDArray
  ) throws(ImageFileError) {
    let layout = page.layout
    let grid = ChunkGrid(shape: page.size, chunk: layout.piece)
    for index in 0..<grid.counts.count {
      let box = grid.box(at: grid.index(ofOrdinal: index))
      let rows = layout.isTiled ? layout.piece[0] : box.extent[0]
      var bytes = [UInt8](repeating: 0, count: rows * layout.rowBytes)
      let read = unsafe bytes.withUnsafeMutableBytes { buffer in
        // SAFETY: libtiff writes at most as many bytes as the buffer has.
        layout.isTiled
          ? unsafe TIFFReadEncodedTile(
            handle.tiff, UInt32(index), buffer.baseAddress, tmsize_t(buffer.count))
          : unsafe TIFFReadEncodedStrip(
            handle.tiff, UInt32(index), buffer.baseAddress, tmsize_t(buffer.count))
      }
      guard read == bytes.count else { throw handle.damaged() }
      let piece = page.format.unpacked(
        bytes, rows: rows, columns: layout.piece[1], isByteSwapped: isByteSwapped)
      slice.copy(Box([box.extent[0], box.extent[1]]), of: piece, to: box.origin)
    }
  }

  /// Reads a slice of a stack that lies uncompressed behind its only directory.
  private func readRaw(
    _ page: TIFFPage, _ dataType: DataType, at offset: Int
  ) throws(ImageFileError) -> NDArray {
    let file = try ByteFile(reading: source.path)
    var slice = NDArray(dataType, page.size)
    try unsafe slice.withMutableBytes { bytes throws(ImageFileError) in
      try unsafe file.read(into: bytes, at: offset)
      guard isByteSwapped, let base = bytes.baseAddress else { return }
      // SAFETY: the slice is aligned to 64 bytes and holds `count` whole samples of this size.
      let count = tmsize_t(bytes.count / dataType.byteCount)
      switch dataType.byteCount {
      case 2: unsafe TIFFSwabArrayOfShort(base.assumingMemoryBound(to: UInt16.self), count)
      case 4: unsafe TIFFSwabArrayOfLong(base.assumingMemoryBound(to: UInt32.self), count)
      case 8: unsafe TIFFSwabArrayOfLong8(base.assumingMemoryBound(to: UInt64.self), count)
      default: break
      }
    }
    return slice
  }
}
