// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Zarr

/// Why image files cannot be read or written.
public enum ImageFileError: Error, Equatable {
  /// There is no file or folder of this name.
  case missing(path: String)
  /// The system refuses to open, list, read or write it.
  case inaccessible(path: String, reason: String)
  /// A folder in which no image lies.
  case emptyFolder(path: String)
  /// A folder lies among the slices of a folder.
  case nestedFolder(path: String)
  /// Neither TIFF nor PNG.
  case notAnImage(path: String)
  /// The file breaks the rules of its format, or ends too early.
  case damaged(path: String, reason: String)
  /// A good file of a kind that is no stack of gray slices or labels; `reason` says what to do.
  case unsupported(path: String, reason: String)
  /// A number is missing among the names of the slices.
  case missingSlice(number: Int, before: String, after: String)
  /// Two names have the same slice number.
  case repeatedSlice(number: Int, first: String, second: String)
  /// The names do not differ in one number alone, so that their order is unknown.
  case unrelatedNames(first: String, second: String)
  /// Two slices differ in width or height (y, x).
  case unequalSizes(first: String, firstSize: Extent, second: String, secondSize: Extent)
  /// Two slices hold different kinds of samples.
  case mixedTypes(first: String, firstType: String, second: String, secondType: String)
  /// Two files state different voxel sizes.
  case unequalVoxelSizes(
    first: String, firstSize: VoxelSize, second: String, secondSize: VoxelSize)
  /// The slices have more than one channel and none was chosen.
  case severalChannels(path: String, count: Int)
  /// A channel was chosen that is not there.
  case noSuchChannel(path: String, channel: Int, count: Int)
  /// A Zarr volume that cannot be read.
  case zarr(ZarrError, path: String)
}

extension ImageFileError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing(let path):
      "there is no file or folder '\(path)': check the name"
    case .inaccessible(let path, let reason):
      "'\(path)' cannot be used: \(reason)"
    case .emptyFolder(let path):
      "the folder '\(path)' holds no TIFF or PNG file: name the folder in which the slices lie"
    case .nestedFolder(let path):
      "'\(path)' is a folder inside the folder that was named: name the one in which the slices lie"
    case .notAnImage(let path):
      "'\(path)' is neither TIFF nor PNG: move it elsewhere, or name the image files one by one"
    case .damaged(let path, let reason):
      "'\(path)' is damaged: \(reason); make it again from its source"
    case .unsupported(let path, let reason):
      "'\(path)' \(reason)"
    case .missingSlice(let number, let before, let after):
      "slice \(number) is missing between '\(before)' and '\(after)':"
        + " add it, or give --allow-gaps to leave its place empty"
    case .repeatedSlice(let number, let first, let second):
      "'\(first)' and '\(second)' are both slice \(number): move one of them elsewhere"
    case .unrelatedNames(let first, let second):
      "'\(first)' and '\(second)' do not differ in a slice number alone, so that the order of the"
        + " slices is unknown: give only files of one series"
    case .unequalSizes(let first, let firstSize, let second, let secondSize):
      "'\(second)' has \(secondSize) pixels (rows × columns) but '\(first)' has \(firstSize):"
        + " all slices of a volume need one size"
    case .mixedTypes(let first, let firstType, let second, let secondType):
      "'\(second)' holds \(secondType) samples but '\(first)' \(firstType): convert the slices to"
        + " one type (labels of one class may be mixed with --classes NAME=nonzero)"
    case .unequalVoxelSizes(let first, let firstSize, let second, let secondSize):
      "'\(second)' states a voxel size of \(secondSize) but '\(first)' \(firstSize):"
        + " ingest them apart, or correct one of them"
    case .severalChannels(let path, let count):
      "'\(path)' holds \(count) channels but a volume has one: choose it with --channel 0 to"
        + " \(count - 1)"
    case .noSuchChannel(let path, let channel, let count):
      "'\(path)' has no channel \(channel): it has \(count), counted from 0"
    case .zarr(.missingNode, let path):
      "there is no Zarr array or group at '\(path)': it has no zarr.json, .zarray or .zgroup"
    case .zarr(let error, _) where error.isOfAddress:
      // Such an error names the whole address.
      "\(error)"
    case .zarr(let error, let path):
      "'\(path)' cannot be read: \(error)"
    }
  }
}

extension ZarrError {
  fileprivate var isOfAddress: Bool {
    switch self {
    case .unreachable, .refused: true
    default: false
    }
  }
}
