// SPDX-License-Identifier: Apache-2.0

/// Random numbers that depend on nothing but a key, so that any step can be repeated alone.
///
/// Steele, Lea and Flood 2014, <https://doi.org/10.1145/2660193.2660195>.
public struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The stream of `seed`.
  public init(seed: UInt64) { state = seed }

  /// The stream that belongs to a seed and a list of keys, such as a step and an item.
  public init(seed: UInt64, keys: UInt64...) {
    state = seed
    for key in keys { state = next() ^ (key &* 0x9E37_79B9_7F4A_7C15) }
    state = next()
  }

  /// The stream that belongs to a seed and a name (hashed by FNV-1a).
  public init(seed: UInt64, name: String) {
    let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    self.init(seed: seed, keys: hash)
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number in 0 ..< 1, a multiple of 2⁻²⁴.
  public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

  /// A number between two bounds.
  public mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * uniform() }
}
