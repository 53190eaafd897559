// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// Gray voxels or labels that can be read box by box, whatever the files they come from.
///
/// Reads are thread-safe and hold little more than the box asked for.
///
/// ```swift
/// let stack = try SliceStack(opening: ["slices/"])
/// let first = try stack.read(Box(origin: [0, 0, 0], extent: [16, stack.extent[1], stack.extent[2]]), threads: 2)
/// ```
public protocol VoxelSource: Sendable {
  /// The number of slices that are given, their rows, and their columns.
  var extent: Extent { get }

  /// The type of every voxel that ``read(_:threads:)`` returns.
  var dataType: DataType { get }

  /// The voxel size, as far as the files say all three of its sizes and a unit.
  var voxelSize: VoxelSize? { get }

  /// The position of the centre of the first voxel in nm, z, y, x; zeros where the files say nothing.
  var origin: [Double] { get }

  /// Where along z each given slice belongs, rising: 0, 1, 2 … unless gaps are allowed.
  var sliceNumbers: [Int] { get }

  /// The numbers in the names of the slices; `nil` where slices have no names of their own.
  var numbering: SliceNumbering? { get }

  /// The files that the voxels come from, each once; of a Zarr volume the documents that describe it.
  var files: [SourceFile] { get }

  /// The shape of what is stored as one: a box that cuts through such blocks costs the whole of them.
  var blockShape: Extent { get }

  /// Whether reading waits for another machine, so that nothing should be read twice.
  var isRemote: Bool { get }

  /// Reads the voxels of a box.
  ///
  /// - Parameters:
  ///   - box: Its first axis counts the slices that are given; must lie inside ``extent``.
  ///   - threads: How many threads read and decode.
  /// - Returns: Voxels as they are stored, of shape `box.extent` and type ``dataType``.
  /// - Throws: ``ImageFileError`` if a file is damaged or cannot be read.
  func read(_ box: Box, threads: Int) throws(ImageFileError) -> NDArray

  /// What to call a slice in a message: its file, and its page or its place where the file has several.
  func sliceName(_ index: Int) -> String
}

extension VoxelSource {
  /// How many slices the volume has along z: the last position that is taken, and one.
  public var depth: Int { (sliceNumbers.last ?? -1) + 1 }

  /// Whether whole slices are stored one by one.
  public var isSliced: Bool {
    blockShape[0] == 1 && blockShape[1] >= extent[1] && blockShape[2] >= extent[2]
  }
}
