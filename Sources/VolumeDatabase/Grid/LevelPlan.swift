// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// The scale levels of a volume: by how much each is coarser than the one before.
public struct LevelPlan: Hashable, Sendable {
  /// The factor of each level over the one before it, z, y, x, each 1 or more; the first is 1, 1, 1.
  public let steps: [[Int]]

  /// - Precondition: The first step is 1, 1, 1; three positive factors a level.
  public init(steps: [[Int]]) {
    precondition(steps.first == [1, 1, 1], "level 0 is the volume itself")
    precondition(
      steps.allSatisfy { $0.count == 3 && $0.allSatisfy { $0 >= 1 } }, "three factors a level")
    self.steps = steps
  }

  /// A level is small enough to be the last when no axis is longer than this.
  static let coarsest = 256

  /// Halves whatever axes have the finest voxels until the volume is small.
  ///
  /// An axis is halved when its voxels are shorter than √2 times the shortest ones, so that
  /// anisotropic volumes are first reduced in y and x and then in all axes; an axis of one voxel
  /// takes no part, so that thin volumes have as many levels as thick ones.
  public init(shape: Extent, voxelSize: VoxelSize) {
    var steps = [[1, 1, 1]]
    var sizes = shape.sizes
    var lengths = voxelSize.nanometres
    while let longest = sizes.max(), longest > Self.coarsest {
      let reducible = (0..<3).filter { sizes[$0] > 1 }
      let finest = reducible.map { lengths[$0] }.min() ?? 1
      let step = (0..<3).map { sizes[$0] > 1 && lengths[$0] < finest * 2.0.squareRoot() ? 2 : 1 }
      for axis in 0..<3 {
        sizes[axis] = (sizes[axis] + step[axis] - 1) / step[axis]
        lengths[axis] *= Double(step[axis])
      }
      steps.append(step)
    }
    self.steps = steps
  }

  /// The number of levels, level 0 included.
  public var count: Int { steps.count }

  /// How many voxels of level 0 a voxel of `level` has along each axis.
  public func factors(of level: Int) -> [Int] {
    steps[...level].reduce([1, 1, 1]) { product, step in (0..<3).map { product[$0] * step[$0] } }
  }

  /// The shape of a level of a volume of shape `shape`: each step rounds up.
  public func shape(of level: Int, volume shape: Extent) -> Extent {
    Extent(
      steps[...level].reduce(shape.sizes) { sizes, step in
        (0..<3).map { (sizes[$0] + step[$0] - 1) / step[$0] }
      })
  }

  /// The position of the centre of a level's first voxel, nm: t₀ + s₀(f − 1)/2 on each axis, so
  /// that everything keeps its physical place (NGFF 0.5, `translation`).
  public func origin(of level: Int, volume origin: [Double], voxelSize: VoxelSize) -> [Double] {
    let factors = factors(of: level)
    return (0..<3).map {
      origin[$0] + voxelSize.nanometres[$0] * Double(factors[$0] - 1) / 2
    }
  }
}
