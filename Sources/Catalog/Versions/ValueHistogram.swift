// SPDX-License-Identifier: Apache-2.0

/// How often values occur in a version, in bins of equal width.
public struct ValueHistogram: Hashable, Codable, Sendable {
  /// The lower bound of the first bin.
  public let minimum: Double
  /// How wide each bin is; 1 for the values of 8-bit images.
  public let binWidth: Double
  /// Voxels in each bin.
  public let counts: [Int]

  public init(minimum: Double, binWidth: Double, counts: [Int]) {
    self.minimum = minimum
    self.binWidth = binWidth
    self.counts = counts
  }
}
