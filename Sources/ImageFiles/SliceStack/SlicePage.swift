// SPDX-License-Identifier: Apache-2.0

import Arrays

/// One slice inside a file, as its header describes it.
protocol SlicePage: Sendable {
  /// Rows and columns.
  var size: Extent { get }
  var format: SampleFormat { get }
}

/// A file of one or more slices whose headers have been read and checked.
protocol SliceFile: Sendable {
  associatedtype Page: SlicePage
  var source: SourceFile { get }
  /// The slices along z of every channel: `pages[channel][z]`.
  var channels: [[Page]] { get }
  var voxelSize: VoxelSize? { get }
  /// Reads the samples of a page as its format's data type.
  func read(_ page: Page) throws(ImageFileError) -> NDArray
}
