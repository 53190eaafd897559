// SPDX-License-Identifier: Apache-2.0

public import Arrays

extension Region {
  /// The voxels of scale level 0 that the region takes from a volume.
  ///
  /// - Parameters:
  ///   - shape: The volume's shape, z, y, x.
  ///   - voxelSize: Its voxel size.
  ///   - origin: The position of the centre of its first voxel, nm, z, y, x.
  ///   - name: The volume as errors call it.
  /// - Throws: ``DatabaseError/regionOutOfBounds(region:volume:valid:)`` with the valid range, or
  ///   ``DatabaseError/badRegion(_:reason:)`` where no voxel's centre lies inside.
  public func box(
    in shape: Extent, voxelSize: VoxelSize, origin: [Double] = [0, 0, 0], of name: String
  ) throws(DatabaseError) -> Box {
    var lower = [0, 0, 0]
    var upper = shape.sizes
    for axis in 0..<3 {
      let size = voxelSize.nanometres[axis]
      switch axes[axis] {
      case .all: break
      case .voxels(let first, let end):
        lower[axis] = first ?? 0
        upper[axis] = end ?? shape[axis]
      case .nanometres(let first, let end):
        lower[axis] = first.map { Self.firstCentre(from: $0, origin[axis], size) } ?? 0
        upper[axis] = end.map { Self.firstCentre(from: $0, origin[axis], size) } ?? shape[axis]
        if lower[axis] == upper[axis] {
          throw .badRegion(text, reason: "no voxel's centre lies inside along \(Self.names[axis])")
        }
      case .position(let position):
        lower[axis] = Int(((position - origin[axis]) / size).rounded())
        upper[axis] = lower[axis] + 1
      }
      guard lower[axis] >= 0, upper[axis] <= shape[axis], lower[axis] < upper[axis] else {
        throw .regionOutOfBounds(
          region: text, volume: name, valid: validRange(shape, voxelSize, origin))
      }
    }
    return Box(lower: lower, upper: upper)
  }

  /// Whether any bound is a length, so that the voxel size matters.
  public var isPhysical: Bool {
    axes.contains {
      switch $0 {
      case .nanometres, .position: true
      default: false
      }
    }
  }

  private static let names = ["z", "y", "x"]

  /// The index of the first voxel whose centre lies at or after a position.
  ///
  /// A quotient within 1e-9 of a whole number counts as that number, so that bounds written in
  /// decimals fall on the voxels they mean.
  private static func firstCentre(from position: Double, _ origin: Double, _ size: Double) -> Int {
    let quotient = (position - origin) / size
    let nearest = quotient.rounded()
    if abs(quotient - nearest) <= 1e-9 * max(1, abs(nearest)) { return Int(nearest) }
    return Int(quotient.rounded(.up))
  }

  /// The range that would have been accepted, in voxels, and in nanometres where those were meant.
  private func validRange(_ shape: Extent, _ voxelSize: VoxelSize, _ origin: [Double]) -> String {
    let voxels = Box(shape).description
    guard isPhysical else { return voxels }
    let lengths = (0..<3).map { axis in
      let end = origin[axis] + Double(shape[axis]) * voxelSize.nanometres[axis]
      return "\(Self.names[axis])=\(plain(origin[axis]))nm:\(plain(end))nm"
    }
    return voxels + ", that is " + lengths.joined(separator: ",")
  }
}

extension Box {
  /// Every voxel of a coarser scale level that touches this box of level 0.
  ///
  /// - Parameters:
  ///   - factors: How many voxels of level 0 a coarse voxel has along each axis.
  ///   - shape: The shape of the coarse level.
  public func coarsened(by factors: [Int], within shape: Extent) -> Box {
    Box(
      lower: origin.indices.map { min(origin[$0] / factors[$0], shape[$0]) },
      upper: origin.indices.map { min((upper[$0] + factors[$0] - 1) / factors[$0], shape[$0]) })
  }
}

/// A number with no needless fraction.
func plain(_ value: Double) -> String {
  value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(value)
}
