// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// Gray slices or label slices that can be read one by one, whatever the files they come from.
///
/// Reads are thread-safe and hold no more than the slice asked for.
///
/// ```swift
/// let stack = try SliceStack(opening: ["slices/"])
/// for index in 0..<stack.extent[0] { use(try stack.readSlice(index)) }
/// ```
public protocol SliceSource: Sendable {
  /// The number of slices that are given, their rows, and their columns.
  var extent: Extent { get }

  /// The type of every slice that ``readSlice(_:)`` returns.
  var dataType: DataType { get }

  /// The voxel size, as far as the files say all three of its sizes and a unit.
  var voxelSize: VoxelSize? { get }

  /// Where along z each given slice belongs, rising: 0, 1, 2 … unless gaps are allowed.
  var sliceNumbers: [Int] { get }

  /// The files that the slices come from, each once, in the order of the slices.
  var files: [SourceFile] { get }

  /// Reads one slice.
  ///
  /// - Parameter index: Counts the slices that are given, from 0.
  /// - Returns: Samples as they are stored, of shape [y, x] and type ``dataType``.
  /// - Throws: ``ImageFileError`` if the file is damaged or cannot be read.
  func readSlice(_ index: Int) throws(ImageFileError) -> NDArray

  /// What to call a slice in a message: its file, and its page where the file has several.
  func sliceName(_ index: Int) -> String
}

extension SliceSource {
  /// How many slices the volume has along z: the last position that is taken, and one.
  public var depth: Int { (sliceNumbers.last ?? -1) + 1 }
}
