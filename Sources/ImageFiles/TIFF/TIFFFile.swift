// SPDX-License-Identifier: Apache-2.0

import Arrays
import CTIFF

/// A TIFF file whose directories have all been read and checked.
struct TIFFFile: SliceFile {
  let source: SourceFile
  let channels: [[TIFFPage]]
  let voxelSize: VoxelSize?

  /// Whether the file's byte order is not this machine's; matters to pages without a directory.
  let isByteSwapped: Bool

  /// Walks the whole chain of directories.
  ///
  /// - Throws: ``ImageFileError`` if the file is cut short, its chain loops, a page is in colour, or
  ///   its pages are more than a stack of slices with channels.
  init(opening path: String) throws(ImageFileError) {
    let bytes = try ByteFile(reading: path)
    source = SourceFile(path: path, byteCount: bytes.byteCount)
    let handle = try TIFFHandle(path, mode: "rmc")
    isByteSwapped = handle.isByteSwapped
    let description = handle.text(TIFFTAG_IMAGEDESCRIPTION) ?? ""
    var pages = try Self.pages(handle, fileByteCount: bytes.byteCount)
    if let imageJ = ImageJDescription(description) {
      if pages.count == 1, imageJ.imageCount > 1 {
        pages = try Self.contiguousPages(pages[0], imageJ, bytes)
      }
      let resolution = try TIFFResolution(bytes, directory: Int(pages[0].directory))
      voxelSize = imageJ.voxelSize(resolution)
      channels = try imageJ.channels(of: pages, path: path)
    } else if let ome = OMEDescription(description) {
      voxelSize = ome.voxelSize
      channels = try ome.channels(of: pages, path: path)
    } else {
      voxelSize = nil
      channels = [pages]
    }
  }

  /// The pages in the order of the file, reduced copies left out.
  private static func pages(
    _ handle: TIFFHandle, fileByteCount: Int
  ) throws(ImageFileError) -> [TIFFPage] {
    var pages: [TIFFPage] = []
    var seen: Set<UInt64> = []
    repeat {
      let isReduced = handle.value32(TIFFTAG_SUBFILETYPE) & Int(FILETYPE_REDUCEDIMAGE) != 0
      guard seen.insert(handle.directoryOffset).inserted else { throw loop(handle.path) }
      if !isReduced {
        pages.append(try TIFFPage(handle, fileByteCount: fileByteCount))
      }
    } while handle.readNextDirectory()
    guard !handle.hasFailed else {
      throw handle.damaged("its chain of pages breaks after page \(pages.count): ")
    }
    // libtiff ends a walk that comes back to a page without a word.
    guard handle.isLastDirectory else { throw loop(handle.path) }
    guard !pages.isEmpty else {
      throw .damaged(path: handle.path, reason: "it holds only reduced copies of an image")
    }
    return pages
  }

  private static func loop(_ path: String) -> ImageFileError {
    .damaged(path: path, reason: "its chain of pages turns back to an earlier page")
  }

  /// The pages of an ImageJ stack that has one directory for all its slices.
  private static func contiguousPages(
    _ first: TIFFPage, _ imageJ: ImageJDescription, _ file: ByteFile
  ) throws(ImageFileError) -> [TIFFPage] {
    let start = first.layout.firstOffset
    guard !first.layout.isCompressed, !first.layout.isTiled, first.format.bits % 8 == 0,
      first.format.bits != 24,
      let byteCount = Extent.checkedCount(of: [imageJ.imageCount, first.byteCount]),
      byteCount <= file.byteCount - start
    else {
      throw .damaged(
        path: file.path,
        reason: "it says that it holds \(imageJ.imageCount) slices, but it is too short for them")
    }
    return (0..<imageJ.imageCount).map { index in
      var page = first
      page.rawOffset = start + index * first.byteCount
      return page
    }
  }
}
