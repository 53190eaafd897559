// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import ImageProcessing

/// What is done to an image before a network sees it; part of a model, so that training and
/// prediction cannot differ.
///
/// Always computed from whole slices, because the contrast equalisation depends on the extent of the
/// slice: map to 8 bits, resize to the working voxel size, equalise, blur, then
/// (x − 127.5) / 127.5. In z whole slices are left out, never averaged.
public struct Preprocessing: Codable, Hashable, Sendable {
  /// The distance between the voxels that the network sees, along z the one aimed at; `nil` where nobody
  /// knows: then an image is taken at its own.
  public var voxelSize: VoxelSize?

  /// Contrast-limited adaptive histogram equalisation, or none.
  public var clahe: CLAHE?

  /// The blur after it, or none.
  public var blur: GaussianBlur?

  /// Subtracted from the 8-bit value.
  public var offset: Float

  /// Divides what is left.
  public var divisor: Float

  /// The shares of voxels that lie below what becomes 0 and 255 where an image is not 8-bit.
  public var percentiles: [Double]

  /// The method's own preprocessing at a voxel size.
  public init(voxelSize: VoxelSize?) {
    self.voxelSize = voxelSize
    clahe = CLAHE()
    blur = GaussianBlur()
    offset = 127.5
    divisor = 127.5
    percentiles = [0.001, 0.999]
  }

  enum CodingKeys: String, CodingKey {
    case voxelSize = "voxel_size_nm"
    case clahe, blur, offset, divisor, percentiles
  }

  /// The grid on which the network sees a volume.
  ///
  /// - Parameters:
  ///   - extent: The volume's, in z, y, x.
  ///   - voxelSize: The volume's.
  ///   - covered: The slices that there are; all by default.
  public func grid(
    for extent: Extent, voxelSize: VoxelSize, covered: [Range<Int>]? = nil
  ) -> WorkingGrid {
    WorkingGrid(
      source: extent, sourceVoxelSize: voxelSize, wanted: self.voxelSize ?? voxelSize, covered: covered)
  }

  /// The 8-bit plane from which ``normalized(_:)`` makes the network's input.
  ///
  /// - Parameters:
  ///   - slice: A whole slice [y, x] of any type.
  ///   - grid: The volume's working grid.
  ///   - range: Which values become 0 and 255; ignored for `uint8`, which is taken as it is.
  /// - Returns: `uint8` of the grid's shape [y, x].
  /// - Precondition: `slice` has the shape of the grid's source; `range` is there unless `uint8`.
  public func plane(from slice: NDArray, grid: WorkingGrid, range: IntensityRange?) -> NDArray {
    precondition(
      slice.extent == Extent(Array(grid.source.sizes[1...])), "whole slices are preprocessed")
    var plane = slice
    if slice.dataType != .uint8 {
      guard let range else { preconditionFailure("a range maps \(slice.dataType) to 8 bits") }
      plane = range.mapped(slice)
    }
    plane = resized(plane, to: Extent(Array(grid.extent.sizes[1...])), by: grid.interpolation)
    if let clahe { plane = clahe.applied(to: plane) }
    if let blur { plane = blur.applied(to: plane) }
    return plane
  }

  /// What the network sees of an 8-bit value, for all 256 of them.
  public var normalized: [Float] { (0..<256).map { (Float($0) - offset) / divisor } }
}
