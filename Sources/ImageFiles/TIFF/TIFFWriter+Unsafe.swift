// SPDX-License-Identifier: Apache-2.0

public import Arrays
import CTIFF

/// Writes a stack of gray slices as one TIFF file of many pages, slice by slice.
///
/// The first page carries ImageJ's description with the voxel size in nm, so that Fiji opens the
/// file as a calibrated stack. Files above 4 GB become BigTIFF, which Fiji opens by Bio-Formats.
///
/// ```swift
/// let writer = try TIFFWriter("cut.tif", extent: [36, 512, 512], dataType: .uint8, voxelSize: size)
/// for slice in slices { try writer.write(slice) }
/// try writer.finish()
/// ```
public final class TIFFWriter {
  private let file: NewFile
  private let handle: TIFFHandle
  private let extent: Extent
  private let dataType: DataType
  private let voxelSize: VoxelSize?
  private var written = 0

  /// Begins a file of shape [z, y, x].
  ///
  /// - Throws: ``ImageFileError/inaccessible(path:reason:)`` if it cannot be created.
  /// - Precondition: Three axes, none of size 0; slices of less than 2³² rows and columns.
  public init(
    _ path: String, extent: Extent, dataType: DataType, voxelSize: VoxelSize?
  ) throws(ImageFileError) {
    precondition(extent.rank == 3 && !extent.isEmpty, "a stack has slices, rows and columns")
    self.extent = extent
    self.dataType = dataType
    self.voxelSize = voxelSize
    let isBig = extent.count * dataType.byteCount + extent[0] * 1024 > 4_200_000_000
    file = NewFile(at: path)
    handle = try TIFFHandle(file.partialPath, mode: isBig ? "w8" : "w")
  }

  /// Appends a slice of shape [y, x] or [1, y, x].
  ///
  /// - Precondition: Type and size are those of the file, and it has fewer slices than it will have.
  public func write(_ slice: NDArray) throws(ImageFileError) {
    precondition(
      slice.dataType == dataType && slice.count == extent[1] * extent[2] && written < extent[0],
      "slices have the type, the size and the number given at first")
    let rowBytes = extent[2] * dataType.byteCount
    let rowsOfStrip = max(1, min(extent[1], (64 << 20) / max(1, rowBytes)))
    setTags(rowsOfStrip: rowsOfStrip)
    try unsafe slice.withBytes { bytes throws(ImageFileError) in
      for (strip, row) in stride(from: 0, to: extent[1], by: rowsOfStrip).enumerated() {
        let count = min(rowsOfStrip, extent[1] - row) * rowBytes
        // SAFETY: the rows from `row` on lie inside the slice; libtiff writes samples of native byte
        // order without changing the buffer.
        let part = unsafe UnsafeRawBufferPointer(rebasing: bytes[row * rowBytes..<row * rowBytes + count])
        let done = unsafe TIFFWriteEncodedStrip(
          handle.tiff, UInt32(strip), UnsafeMutableRawPointer(mutating: part.baseAddress),
          tmsize_t(count))
        guard done == count else { throw refusal() }
      }
    }
    guard unsafe TIFFWriteDirectory(handle.tiff) != 0 else { throw refusal() }
    written += 1
  }

  /// Completes the file and gives it its name.
  ///
  /// - Precondition: All slices have been written.
  public func finish() throws(ImageFileError) {
    precondition(written == extent[0], "a file is finished when all slices are written")
    guard unsafe TIFFFlush(handle.tiff) != 0, !handle.hasFailed else { throw refusal() }
    handle.close()
    try file.publish()
  }

  private func refusal() -> ImageFileError {
    .inaccessible(path: file.path, reason: "it cannot be written: \(handle.errorText)")
  }

  // SAFETY: the tags take values of the C types that the functions below pass.
  private func setTags(rowsOfStrip: Int) {
    let tiff = unsafe handle.tiff
    _ = unsafe ctiff_set_u32(tiff, UInt32(TIFFTAG_IMAGEWIDTH), UInt32(extent[2]))
    _ = unsafe ctiff_set_u32(tiff, UInt32(TIFFTAG_IMAGELENGTH), UInt32(extent[1]))
    _ = unsafe ctiff_set_u32(tiff, UInt32(TIFFTAG_ROWSPERSTRIP), UInt32(rowsOfStrip))
    for (tag, value) in [
      (TIFFTAG_BITSPERSAMPLE, Int32(dataType.byteCount * 8)), (TIFFTAG_SAMPLESPERPIXEL, 1),
      (TIFFTAG_SAMPLEFORMAT, sampleFormat), (TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_MINISBLACK),
      (TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG), (TIFFTAG_COMPRESSION, COMPRESSION_NONE),
      (TIFFTAG_RESOLUTIONUNIT, RESUNIT_NONE),
    ] {
      _ = unsafe ctiff_set_u16(tiff, UInt32(tag), UInt16(value))
    }
    if let voxelSize {
      _ = unsafe ctiff_set_double(tiff, UInt32(TIFFTAG_XRESOLUTION), 1 / voxelSize.x)
      _ = unsafe ctiff_set_double(tiff, UInt32(TIFFTAG_YRESOLUTION), 1 / voxelSize.y)
    }
    if written == 0 {
      _ = unsafe ctiff_set_text(tiff, UInt32(TIFFTAG_IMAGEDESCRIPTION), description)
    }
  }

  private var sampleFormat: Int32 {
    dataType.isFloatingPoint
      ? SAMPLEFORMAT_IEEEFP : dataType.isSigned ? SAMPLEFORMAT_INT : SAMPLEFORMAT_UINT
  }

  private var description: String {
    var lines = ["ImageJ=1.54f", "images=\(extent[0])", "slices=\(extent[0])"]
    if let voxelSize { lines += ["unit=nm", "spacing=\(voxelSize.z)"] }
    return (lines + ["loop=false", ""]).joined(separator: "\n")
  }
}
