// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// The scale levels of an image: the attribute `ome` of a group by OME-NGFF 0.5.
public struct MultiscaleMetadata: Hashable, Sendable {
  /// One axis of the arrays.
  public struct Axis: Hashable, Sendable {
    /// As in `z`.
    public let name: String
    /// `space`, `time`, `channel`, or whatever else.
    public let type: String?
    /// A UDUNITS-2 name of the unit, as in `nanometer`.
    public let unit: String?

    /// An axis.
    public init(name: String, type: String?, unit: String?) {
      self.name = name
      self.type = type
      self.unit = unit
    }
  }

  /// One array of the pyramid: position = index · scale + translation, along each axis.
  public struct Level: Hashable, Sendable {
    /// The path of the array, relative to the group.
    public let path: String
    /// The distance between neighbours.
    public let scale: [Double]
    /// The position of the first element's centre.
    public let translation: [Double]

    /// - Precondition: Scale and translation have one number an axis.
    public init(path: String, scale: [Double], translation: [Double]) {
      precondition(scale.count == translation.count, "a scale and a translation for each axis")
      self.path = path
      self.scale = scale
      self.translation = translation
    }
  }

  /// What the image is called.
  public var name: String?
  /// One entry an axis of the arrays.
  public let axes: [Axis]
  /// From the finest to the coarsest.
  public let levels: [Level]

  /// Levels of any kind.
  public init(name: String?, axes: [Axis], levels: [Level]) {
    self.name = name
    self.axes = axes
    self.levels = levels
  }

  /// A volume with axes z, y, x in nanometres whose levels are block reductions of the first, stored as
  /// the arrays `0`, `1`, `2` …
  ///
  /// - Parameters:
  ///   - origin: The position of the first voxel's centre in nm.
  ///   - factors: How much each level is reduced against the first along z, y, x; `[1, 1, 1]` first.
  public init(name: String?, voxelSize: VoxelSize, origin: [Double] = [0, 0, 0], factors: [[Int]]) {
    self.name = name
    axes = ["z", "y", "x"].map { Axis(name: $0, type: "space", unit: "nanometer") }
    levels = factors.enumerated().map { number, factors in
      let scale = voxelSize.nanometres
      return Level(
        path: String(number),
        scale: scale.indices.map { scale[$0] * Double(factors[$0]) },
        // The centre of a block of f voxels lies (f − 1)/2 voxels behind that of its first.
        translation: scale.indices.map { origin[$0] + scale[$0] * Double(factors[$0] - 1) / 2 })
    }
  }

  /// The voxel size of a level in nm, if the axes are z, y, x and have units of length.
  public func voxelSize(ofLevel level: Int) -> VoxelSize? {
    guard let scale = nanometres(levels[level].scale), scale.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      return nil
    }
    return VoxelSize(z: scale[0], y: scale[1], x: scale[2])
  }

  /// The position of the first voxel of a level in nm, if the axes are z, y, x and have units of length.
  public func origin(ofLevel level: Int) -> [Double]? { nanometres(levels[level].translation) }

  private func nanometres(_ values: [Double]) -> [Double]? {
    guard axes.map(\.name) == ["z", "y", "x"] else { return nil }
    let units = axes.compactMap { $0.unit.flatMap(LengthUnit.init(symbol:)) }
    guard units.count == 3 else { return nil }
    // A whole unit to whole units keeps the numbers exact.
    return values.indices.map { units[$0] == .nanometre ? values[$0] : values[$0] * units[$0].nanometres }
  }
}
