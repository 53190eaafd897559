// SPDX-License-Identifier: Apache-2.0

/// Random numbers that are a pure function of a seed and a place, so that slices can be made in any
/// order and on any number of threads. The mixer is SplitMix64's: Steele et al. 2014,
/// doi:10.1145/2660193.2660195.
struct CounterRandom: Sendable {
  private let seed: UInt64

  init(seed: UInt64) { self.seed = Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15) }

  /// Another sequence, independent of this one.
  func stream(_ number: Int) -> CounterRandom {
    CounterRandom(seed: seed ^ Self.mixed(UInt64(bitPattern: Int64(number)) &+ 0x51_7C_C1B7_2722_0A95))
  }

  /// Uniform over 64 bits at a place of the sequence.
  func bits(_ place: Int) -> UInt64 {
    Self.mixed(seed &+ UInt64(bitPattern: Int64(place)) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// Uniform in 0 ..< 1.
  func uniform(_ place: Int) -> Float { Float(bits(place) >> 40) * 0x1p-24 }

  /// Uniform in a range.
  func uniform(_ place: Int, in range: ClosedRange<Float>) -> Float {
    range.lowerBound + uniform(place) * (range.upperBound - range.lowerBound)
  }

  /// About normal with mean 0 and standard deviation 1: four uniform values summed.
  func normal(_ place: Int) -> Float {
    let word = bits(place)
    var sum: Float = 0
    for quarter in 0..<4 { sum += Float((word >> (16 * UInt64(quarter))) & 0xFFFF) }
    // Four uniform values over 0 ..< 65536 have the variance 4 × 65536² / 12.
    return (sum - 131_070) / 37_837.2
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
