// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// How far inside an object each voxel of a box is: its distance to the outside, or its probability.
public struct HeightField: Sendable {
  /// Where it lies.
  public let box: Box
  /// In C order; above 0 in objects, 0 elsewhere.
  public let values: [Float]

  /// - Precondition: A value for every voxel.
  public init(_ values: [Float], in box: Box) {
    precondition(values.count == box.count, "a height for every voxel")
    self.values = values
    self.box = box
  }

  /// The distance of every voxel of an object to the nearest voxel outside, in nm.
  ///
  /// - Parameters:
  ///   - objects: 1 in objects, 2 where it is not known whether there is one, else 0; in C order of
  ///     `known`.
  ///   - known: The box and everything nearer than `limit` around it, as far as the volume goes.
  ///   - limit: The greatest distance, in nm.
  public init(
    distancesOf objects: [UInt8], in known: Box, voxelSize: VoxelSize, isPerSlice: Bool, limit: Double,
    for box: Box
  ) {
    precondition(known.contains(box), "what is asked for is known")
    // Slices that are taken for themselves are infinitely far from each other.
    var spacing = voxelSize.nanometres
    if isPerSlice { spacing[0] = .infinity }
    let squares = squaredDistances(
      toMarks: objects.map { $0 == 0 ? 1 : 0 }, extent: known.extent, spacing: spacing, limit: limit)
    var values = [Float](repeating: 0, count: box.count)
    let strides = known.extent.strides
    var place = 0
    for z in box.range(0) {
      for y in box.range(1) {
        let row =
          (z - known.lower[0]) * strides[0] + (y - known.lower[1]) * strides[1] + box.lower[2]
          - known.lower[2]
        for x in 0..<box.extent[2] {
          if objects[row + x] == 1 { values[place] = squares[row + x].squareRoot() }
          place += 1
        }
      }
    }
    self.init(values, in: box)
  }
}
