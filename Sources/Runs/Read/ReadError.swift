// SPDX-License-Identifier: Apache-2.0

/// Why voxels cannot be written to a file.
public enum ReadError: Error, Equatable {
  /// The file's name ends in none of the known ways.
  case unknownFormat(String)
  /// A picture is one slice.
  case manySlices(path: String, count: Int)
  /// An overlay goes to a picture only.
  case overlayNeedsPicture(path: String)
  /// The overlay holds no labels.
  case overlayIsNoLabel(String, kind: String)
  /// A region in units of length of a volume that does not say how large its voxels are.
  case noVoxelSize(path: String)
  /// The overlay's voxels are not those of the image.
  case otherGrid(overlay: String, image: String)
}

extension ReadError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unknownFormat(let path):
      "'\(path)' names no format that can be written: let it end in .tif, .npy or .png"
    case .manySlices(let path, let count):
      "'\(path)' is a picture of one slice and the region has \(count): choose one, as in --region z=18, or "
        + "write .tif"
    case .overlayNeedsPicture(let path):
      "an overlay is a picture and '\(path)' is none: let it end in .png"
    case .overlayIsNoLabel(let version, let kind):
      "\(version) cannot be laid over an image: it holds voxels of kind \(kind), not labels"
    case .noVoxelSize(let path):
      "'\(path)' does not say how large its voxels are: give the region in voxels, as in z=18:36"
    case .otherGrid(let overlay, let image):
      "\(overlay) cannot be laid over \(image): they differ in shape, voxel size, origin or scale levels, and "
        + "nothing is resampled here"
    }
  }
}
