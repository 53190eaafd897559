// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// The voxel size at which a network works when a person names none.
public enum WorkingVoxelSize {
  /// Nanometres between which the size in y and x is kept.
  static let planeRange = 8.0...12.0

  /// The size of isotropic data, and the finest along z that is aimed at.
  static let isotropic = 10.0

  /// A volume whose sections are at least this much thicker than their pixels counts as anisotropic.
  static let anisotropy = 1.5

  /// Chooses for the voxel sizes of all pairs.
  ///
  /// In y and x the coarsest pair's, kept within 8 to 12 nm. Along z the coarsest pair's if a pair is
  /// anisotropic; isotropic pairs alone are seen at 10 nm along all axes, or coarser if they are.
  ///
  /// - Precondition: There is at least one.
  public static func chosen(for sizes: [VoxelSize]) -> VoxelSize {
    precondition(!sizes.isEmpty, "a working voxel size for at least one volume")
    let coarsest = sizes.map { max($0.y, $0.x) }.max() ?? isotropic
    let isAnisotropic = sizes.contains { $0.z > anisotropy * max($0.y, $0.x) }
    let thickest = sizes.map(\.z).max() ?? isotropic
    if isAnisotropic {
      let plane = min(max(coarsest, planeRange.lowerBound), planeRange.upperBound)
      return VoxelSize(z: thickest, y: plane, x: plane)
    }
    let plane = min(max(coarsest, isotropic), planeRange.upperBound)
    return VoxelSize(z: max(thickest, plane), y: plane, x: plane)
  }

  /// The patch for a network that sees single slices.
  static let slicePatch = [1, 256, 256]

  /// The patch for a working voxel size in z, y, x: flatter on thick sections.
  ///
  /// - Parameter ofSingleSlices: Whether the network sees single slices, so that depth is of no use.
  public static func patch(for size: VoxelSize, ofSingleSlices: Bool = false) -> [Int] {
    if ofSingleSlices { return slicePatch }
    return size.z > 2.5 * size.y ? [12, 128, 128] : [16, 96, 96]
  }
}
