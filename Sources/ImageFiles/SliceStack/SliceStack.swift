// SPDX-License-Identifier: Apache-2.0

public import Arrays
import Synchronization

/// Slices from TIFF or PNG files: one file of many pages, several files, or folders of them.
///
/// Opening reads every header, so that what is missing, unequal or damaged in a header is known
/// before the first slice is read.
public struct SliceStack: VoxelSource {
  /// How the files are taken.
  public struct Options: Hashable, Sendable {
    /// Places slices at the numbers in their names, and leaves places empty where numbers are missing,
    /// instead of refusing.
    public var allowGaps = false

    /// Takes slices of different sample types, each converted exactly to the smallest type that
    /// holds all; only for labels whose values do not matter beyond being 0 or not.
    public var mixedDepths = false

    /// The channel to read of files that have several, counted from 0.
    public var channel: Int?

    public init(allowGaps: Bool = false, mixedDepths: Bool = false, channel: Int? = nil) {
      self.allowGaps = allowGaps
      self.mixedDepths = mixedDepths
      self.channel = channel
    }
  }

  public let extent: Extent
  public let dataType: DataType
  public let voxelSize: VoxelSize?
  public let sliceNumbers: [Int]
  public let files: [SourceFile]

  /// The numbers in the names of the slices; `nil` where a file has many pages or there is one file.
  public let numbering: SliceNumbering?

  let planes: [SlicePlane]

  /// Opens files and folders as one stack, sorted by the numbers in their names.
  ///
  /// In a folder hidden files and the droppings of file browsers are passed over; any other file
  /// that is no image is refused by name.
  ///
  /// - Throws: ``ImageFileError``: a file or a number is missing, files are unrelated, differ in
  ///   size or type, are damaged, in colour, or hold several channels and none was chosen.
  public init(opening paths: [String], options: Options = Options()) throws(ImageFileError) {
    let series = try NameSeries(try imagePaths(in: paths))
    var files: [any SliceFile] = []
    for path in series.paths { files.append(try openSliceFile(path)) }
    var planes: [SlicePlane] = []
    for file in files { planes += try file.planes(channel: options.channel) }
    try checkSizes(of: planes)
    guard let first = planes.first else { throw .emptyFolder(path: paths.joined(separator: " ")) }
    dataType = try commonType(of: planes, mayDiffer: options.mixedDepths)
    extent = [planes.count, first.size[0], first.size[1]]
    voxelSize = try commonVoxelSize(of: files)
    self.files = files.map(\.source)
    self.planes = planes
    numbering = series.numbers.flatMap { numbers in
      planes.count == files.count ? SliceNumbering(numbers) : nil
    }
    if let numbering, let gap = numbering.firstGap, !options.allowGaps {
      throw .missingSlice(
        number: gap.number, before: planes[gap.after].name, after: planes[gap.after + 1].name)
    }
    sliceNumbers = options.allowGaps ? numbering?.numbers ?? Array(planes.indices) : Array(planes.indices)
  }

  public var origin: [Double] { [0, 0, 0] }

  public var blockShape: Extent { [1, extent[1], extent[2]] }

  public var isRemote: Bool { false }

  /// Reads one slice.
  ///
  /// - Parameter index: Counts the slices that are given, from 0.
  /// - Returns: Samples as they are stored, of shape [y, x] and type ``dataType``.
  public func readSlice(_ index: Int) throws(ImageFileError) -> NDArray {
    let slice = try planes[index].read()
    return slice.dataType == dataType ? slice : slice.widened(to: dataType)
  }

  public func read(_ box: Box, threads: Int) throws(ImageFileError) -> NDArray {
    precondition(Box(extent).contains(box), "a box lies inside the stack")
    let plane = Box(origin: [0] + box.origin.dropFirst(), extent: [1, box.extent[1], box.extent[2]])
    let result = Mutex(NDArray(dataType, box.extent))
    try concurrentForEach(count: box.extent[0], threads: threads) { (number) throws(ImageFileError) in
      let slice = try readSlice(box.origin[0] + number).reshaped([1, extent[1], extent[2]])
      result.withLock { $0.copy(plane, of: slice, to: [number, 0, 0]) }
    }
    return result.withLock { $0 }
  }

  public func sliceName(_ index: Int) -> String { planes[index].name }
}
