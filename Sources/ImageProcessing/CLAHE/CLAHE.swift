// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// Contrast-limited adaptive histogram equalisation, equal to OpenCV's to the bit.
///
/// Zuiderveld, "Contrast limited adaptive histogram equalization", Graphics Gems IV (1994),
/// ISBN 0-12-336155-9. The slice is cut into a grid of tiles; each tile's histogram, clipped, gives
/// a table of new values; each pixel takes the bilinear mean of the tables of the four nearest
/// tiles. A result depends on the whole slice: apply it to whole slices, never to crops.
public struct CLAHE: Codable, Hashable, Sendable {
  /// How often a value may occur in a tile, as a multiple of the mean of the histogram; the excess
  /// is spread over all values. 0 leaves histograms unclipped.
  public let clipLimit: Double

  /// How many tiles there are along y.
  public let tilesY: Int

  /// How many tiles there are along x.
  public let tilesX: Int

  /// - Precondition: At least one tile along each axis and a finite, non-negative clip limit.
  public init(clipLimit: Double = 3.5, tilesY: Int = 8, tilesX: Int = 8) {
    precondition(tilesY > 0 && tilesX > 0, "a slice has at least one tile")
    precondition(clipLimit >= 0 && clipLimit.isFinite, "a clip limit is finite and not negative")
    self.clipLimit = clipLimit
    self.tilesY = tilesY
    self.tilesX = tilesX
  }

  /// Refuses values that a file cannot mean.
  ///
  /// - Throws: `DecodingError` if the initialiser's precondition does not hold.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    clipLimit = try values.decode(Double.self, forKey: .clipLimit)
    tilesY = try values.decode(Int.self, forKey: .tilesY)
    tilesX = try values.decode(Int.self, forKey: .tilesX)
    guard clipLimit >= 0, clipLimit.isFinite, (1...4096).contains(tilesY), (1...4096).contains(tilesX) else {
      throw DecodingError.dataCorruptedError(
        forKey: .clipLimit, in: values,
        debugDescription: "CLAHE needs a clip limit of 0 or more and at least one tile along each axis")
    }
  }

  /// The equalised slice.
  ///
  /// A slice whose sides the tiles do not divide is continued by reflection at its far ends for
  /// the histograms, as OpenCV does: by a whole row of pixels more along a side that they do divide.
  ///
  /// - Parameter slice: Of shape [y, x], `uint8` or `uint16`.
  /// - Returns: A slice of the same shape and type.
  /// - Precondition: `slice` has two axes and one of the two types.
  /// - Complexity: O(pixels).
  public func applied(to slice: NDArray) -> NDArray {
    precondition(slice.rank == 2, "CLAHE works on slices [y, x]")
    if slice.extent.isEmpty { return slice }
    switch slice.dataType {
    case .uint8: return equalised(slice, values: 256, as: UInt8.self)
    case .uint16: return equalised(slice, values: 65_536, as: UInt16.self)
    default: preconditionFailure("CLAHE works on uint8 and uint16, not on \(slice.dataType)")
    }
  }

  /// How tiles lie on a slice.
  struct Tiling {
    /// The tile's height and width in pixels.
    let height: Int, width: Int
    /// How many tiles there are along y and x.
    let rows: Int, columns: Int
  }

  func tiling(of extent: Extent) -> Tiling {
    var (height, width) = (extent[0], extent[1])
    if height % tilesY != 0 || width % tilesX != 0 {
      height += tilesY - height % tilesY
      width += tilesX - width % tilesX
    }
    return Tiling(height: height / tilesY, width: width / tilesX, rows: tilesY, columns: tilesX)
  }

  /// The count at which a histogram of `values` bins over `pixels` pixels is clipped, or `nil`.
  func clip(values: Int, pixels: Int) -> Int32? {
    clipLimit > 0 ? max(Int32(nearest: (clipLimit * Double(pixels) / Double(values)).rounded(.down)), 1) : nil
  }

  /// Clips a histogram and spreads the excess: evenly, and what is left one by one at even steps.
  static func clip(_ histogram: inout [Int32], at limit: Int32) {
    var excess: Int32 = 0
    for bin in histogram.indices where histogram[bin] > limit {
      excess += histogram[bin] - limit
      histogram[bin] = limit
    }
    let values = Int32(histogram.count)
    let share = excess / values
    var rest = excess - share * values
    for bin in histogram.indices { histogram[bin] += share }
    if rest == 0 { return }
    let step = max(histogram.count / Int(rest), 1)
    var bin = 0
    while bin < histogram.count && rest > 0 {
      histogram[bin] += 1
      bin += step
      rest -= 1
    }
  }
}
