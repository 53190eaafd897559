// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// How far the boundaries of a prediction and of a truth lie from each other, counted block by block.
///
/// The boundary of a set of voxels are those that have a known neighbour by a face that is not of the set:
/// the edge of what is known is no boundary. Distances are those from each boundary voxel to the nearest
/// one of the other side.
public struct BoundaryDistances: Sendable {
  /// Distances above this one, in nm, are not told apart.
  public let limit: Double
  /// From the prediction to the truth: how many voxels by squared distance.
  private var toTruth: [Float: Int] = [:]
  /// From the truth to the prediction.
  private var toPrediction: [Float: Int] = [:]

  public init(limit: Double) { self.limit = limit }

  /// Counts a block.
  ///
  /// - Parameters:
  ///   - prediction: 1 in the set, 2 where nothing is known, else 0; in C order of `known`.
  ///   - truth: The same.
  ///   - known: The block and everything within the limit and one more voxel around it, as far as the
  ///     volume goes.
  ///   - block: The voxels whose distances are counted.
  ///   - isPerSlice: Whether every slice is taken for itself.
  public mutating func add(
    prediction: [UInt8], truth: [UInt8], in known: Box, block: Box, voxelSize: VoxelSize, isPerSlice: Bool
  ) {
    let a = Self.boundary(prediction, known.extent, isPerSlice: isPerSlice)
    let b = Self.boundary(truth, known.extent, isPerSlice: isPerSlice)
    var spacing = voxelSize.nanometres
    if isPerSlice { spacing[0] = .infinity }
    let local = block.translated(by: known.origin.map { -$0 })
    count(a, b, known.extent, local, spacing, &toTruth)
    count(b, a, known.extent, local, spacing, &toPrediction)
  }

  /// Adds what was counted in other blocks.
  public static func += (a: inout BoundaryDistances, b: BoundaryDistances) {
    a.toTruth.merge(b.toTruth, uniquingKeysWith: +)
    a.toPrediction.merge(b.toPrediction, uniquingKeysWith: +)
  }

  /// Whether both have a boundary.
  public var isDefined: Bool { !toTruth.isEmpty && !toPrediction.isEmpty }

  /// The distance within which a share of the boundary lies, the larger one of both directions; `nil` if
  /// one side has no boundary, or if it is the limit or more.
  ///
  /// - Parameter share: 0.95 gives the 95 % Hausdorff distance (nearest rank).
  public func distance(share: Double) -> Double? {
    guard isDefined else { return nil }
    let squared = max(Self.quantile(toTruth, share), Self.quantile(toPrediction, share))
    return squared >= Float(limit * limit) ? nil : Double(squared).squareRoot()
  }

  private static func quantile(_ counts: [Float: Int], _ share: Double) -> Float {
    let rank = Int((Double(counts.values.reduce(0, +)) * share).rounded(.up))
    var seen = 0
    for (squared, count) in counts.sorted(by: { $0.key < $1.key }) {
      seen += count
      if seen >= rank { return squared }
    }
    return .infinity
  }

  private func count(
    _ from: [UInt8], _ to: [UInt8], _ extent: Extent, _ block: Box, _ spacing: [Double],
    _ counts: inout [Float: Int]
  ) {
    let strides = extent.strides
    var places: [Int] = []
    for z in block.range(0) {
      for y in block.range(1) {
        let row = z * strides[0] + y * strides[1]
        for x in block.range(2) where from[row + x] != 0 { places.append(row + x) }
      }
    }
    if places.isEmpty { return }
    guard to.contains(1) else {
      counts[Float(limit * limit), default: 0] += places.count
      return
    }
    let squares = squaredDistances(toMarks: to, extent: extent, spacing: spacing, limit: limit)
    for place in places { counts[squares[place], default: 0] += 1 }
  }

  /// 1 at boundary voxels.
  private static func boundary(_ set: [UInt8], _ extent: Extent, isPerSlice: Bool) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: set.count)
    let strides = extent.strides
    for z in 0..<extent[0] {
      for y in 0..<extent[1] {
        let row = z * strides[0] + y * strides[1]
        for x in 0..<extent[2] where set[row + x] == 1 {
          let place = row + x
          let isBoundary =
            (x > 0 && set[place - 1] == 0) || (x + 1 < extent[2] && set[place + 1] == 0)
            || (y > 0 && set[place - strides[1]] == 0)
            || (y + 1 < extent[1] && set[place + strides[1]] == 0)
            || (!isPerSlice && z > 0 && set[place - strides[0]] == 0)
            || (!isPerSlice && z + 1 < extent[0] && set[place + strides[0]] == 0)
          if isBoundary { result[place] = 1 }
        }
      }
    }
    return result
  }
}
