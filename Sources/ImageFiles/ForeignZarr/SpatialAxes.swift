// SPDX-License-Identifier: Apache-2.0

import Arrays
import Zarr

/// Which axes of an array are z, y and x, and where along each other axis the volume lies.
struct SpatialAxes: Sendable {
  /// One name an axis of the array.
  let names: [String]

  /// The axis of the array that is z, y and x; `nil` for z of a single plane.
  let places: [Int?]

  /// The position along each axis that is no axis of space.
  private let fixed: [Int: Int]

  static func isSpatial(_ name: String) -> Bool { ["z", "y", "x"].contains(name.lowercased()) }

  /// Axes without names are z, y, x from the last on; more before them must have one position, or be
  /// channels.
  ///
  /// - Throws: ``ImageFileError`` by the name of the axis that a volume cannot have.
  init(
    shape: Extent, named axes: [MultiscaleMetadata.Axis]?, channel: Int?, name path: String
  ) throws(ImageFileError) {
    let defaults = ["t", "c", "z", "y", "x"]
    let rank = shape.rank
    guard rank >= 2, axes != nil || rank <= defaults.count else {
      throw .unsupported(path: path, reason: "has \(rank) axes where a volume has z, y and x")
    }
    let names = axes?.map(\.name) ?? defaults.suffix(rank)
    guard names.count == rank else {
      throw .zarr(
        .invalidMetadata(
          key: "multiscales", reason: "it names \(names.count) axes and the array has \(rank)"), path: path)
    }
    places = ["z", "y", "x"].map { wanted in names.firstIndex { $0.lowercased() == wanted } }
    guard places[1] != nil, places[2] != nil else {
      throw .unsupported(
        path: path, reason: "has the axes \(names.joined(separator: ", ")) and not z, y and x")
    }
    let order = places.compactMap(\.self)
    guard order == order.sorted() else {
      let found = order.sorted().map { names[$0] }
      throw .unsupported(
        path: path,
        reason: "has its axes in the order \(found.joined(separator: ", ")): write it in the order z, y, x")
    }
    var fixed: [Int: Int] = [:]
    for axis in 0..<rank where !order.contains(axis) {
      let isChannel = axes?[axis].type == "channel" || ["c", "channel"].contains(names[axis].lowercased())
      guard isChannel else {
        guard shape[axis] == 1 else {
          throw .unsupported(
            path: path,
            reason: "has \(shape[axis]) positions along the axis \(names[axis]), and a volume has none:"
              + " write one of them as a volume")
        }
        fixed[axis] = 0
        continue
      }
      if shape[axis] > 1 && channel == nil { throw .severalChannels(path: path, count: shape[axis]) }
      guard (0..<shape[axis]).contains(channel ?? 0) else {
        throw .noSuchChannel(path: path, channel: channel ?? 0, count: shape[axis])
      }
      fixed[axis] = channel ?? 0
    }
    self.names = names
    self.fixed = fixed
  }

  /// A box of the volume in positions of the array.
  func box(_ box: Box, in shape: Extent) -> Box {
    var lower = shape.sizes.indices.map { fixed[$0] ?? 0 }
    var sizes = [Int](repeating: 1, count: shape.rank)
    for (axis, place) in places.enumerated() {
      guard let place else { continue }
      lower[place] = box.origin[axis]
      sizes[place] = box.extent[axis]
    }
    return Box(origin: lower, extent: Extent(sizes))
  }

  /// Voxel size and origin in nm, as far as all three axes have a unit of length.
  func nanometres(
    _ level: MultiscaleMetadata.Level, _ axes: [MultiscaleMetadata.Axis]
  ) -> (voxelSize: VoxelSize, origin: [Double])? {
    var sizes: [Double] = []
    var origin: [Double] = []
    for place in places {
      // The decimal point is moved, so that 0.008 µm is exactly 8 nm.
      guard let place, let unit = axes[place].unit.flatMap(LengthUnit.init(symbol:)),
        let size = unit.nanometres(decimal: "\(level.scale[place])"), size > 0, size.isFinite,
        let position = unit.nanometres(decimal: "\(level.translation[place])"), position.isFinite
      else { return nil }
      sizes.append(size)
      origin.append(position)
    }
    return (VoxelSize(z: sizes[0], y: sizes[1], x: sizes[2]), origin)
  }
}
