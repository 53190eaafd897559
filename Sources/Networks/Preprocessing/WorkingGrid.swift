// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import ImageProcessing

/// How a volume's voxels and those that a network sees lie on each other.
///
/// Along y and x the field is the same and the number of voxels differs; along z every
/// ``stride``-th slice is seen, beginning with any phase.
public struct WorkingGrid: Hashable, Sendable {
  /// The volume's shape in z, y, x.
  public let source: Extent

  /// The shape in z, y, x of what is seen; in z all slices are counted, whatever the stride.
  public let extent: Extent

  /// How many slices lie between seen neighbours, plus one.
  public let stride: Int

  /// The distance between seen voxels.
  public let voxelSize: VoxelSize

  /// The slices of the volume that there are, in rising order, without neighbours that meet: all, unless
  /// some are missing.
  public let covered: [Range<Int>]

  /// - Parameters:
  ///   - source: The volume's shape in z, y, x.
  ///   - sourceVoxelSize: Its voxel size.
  ///   - wanted: The voxel size aimed at; the nearest whole number of voxels and slices is taken.
  ///   - covered: The slices that there are, in any order; all by default.
  init(source: Extent, sourceVoxelSize: VoxelSize, wanted: VoxelSize, covered: [Range<Int>]? = nil) {
    func count(_ axis: Int) -> Int {
      let length = Double(source[axis]) * sourceVoxelSize.nanometres[axis]
      return max(1, Int((length / wanted.nanometres[axis]).rounded()))
    }
    self.source = source
    self.covered = covered?.merged() ?? [0..<source[0]]
    extent = [source[0], count(1), count(2)]
    stride = max(1, Int((wanted.z / sourceVoxelSize.z).rounded()))
    voxelSize = VoxelSize(
      z: sourceVoxelSize.z * Double(stride),
      y: sourceVoxelSize.y * Double(source[1]) / Double(max(1, extent[1])),
      x: sourceVoxelSize.x * Double(source[2]) / Double(max(1, extent[2])))
  }

  /// How slices are resized: by area where an axis shrinks, else linearly.
  public var interpolation: Interpolation {
    extent[1] < source[1] || extent[2] < source[2] ? .area : .linear
  }

  /// How many voxels of the volume one seen voxel spans along y and x.
  public var factors: (y: Double, x: Double) {
    (Double(source[1]) / Double(extent[1]), Double(source[2]) / Double(extent[2]))
  }

  /// The slices seen from a phase on.
  public func slices(phase: Int) -> [Int] {
    Array(Swift.stride(from: phase, to: source[0], by: stride))
  }

  /// The seen voxels that lie wholly inside a box of the volume; z is not changed.
  public func inside(_ box: Box) -> Box {
    func bounds(_ axis: Int, _ factor: Double) -> (Int, Int) {
      // A hair of slack, or rounding would cost a row where borders fall on borders.
      let low = (Double(box.lower[axis]) / factor - 1e-6).rounded(.up)
      let high = (Double(box.upper[axis]) / factor + 1e-6).rounded(.down)
      return (max(0, Int(low)), min(extent[axis], Int(high)))
    }
    let (y, x) = (bounds(1, factors.y), bounds(2, factors.x))
    return Box(lower: [box.lower[0], y.0, x.0], upper: [box.upper[0], y.1, x.1])
  }

  /// The mask of a class on the seen grid: resized like the image, then one where at least half.
  ///
  /// - Parameters:
  ///   - mask: `uint8` of zeros and ones, a whole slice [y, x] of the volume.
  ///   - least: The share of a seen voxel that makes it one; half by default.
  /// - Returns: `uint8` of zeros and ones.
  public func mask(from mask: NDArray, least: Float = 0.5) -> NDArray {
    let target: Extent = [extent[1], extent[2]]
    if mask.extent == target { return mask }
    var share = NDArray(.float32, mask.extent)
    mask.withSpan(of: UInt8.self) { source in
      share.withMutableSpan(of: Float.self) { target in
        for index in source.indices { target[index] = source[index] == 0 ? 0 : 1 }
      }
    }
    share = resized(share, to: target, by: interpolation)
    var result = NDArray(.uint8, target)
    share.withSpan(of: Float.self) { source in
      result.withMutableSpan(of: UInt8.self) { target in
        for index in source.indices { target[index] = source[index] >= least ? 1 : 0 }
      }
    }
    return result
  }
}
