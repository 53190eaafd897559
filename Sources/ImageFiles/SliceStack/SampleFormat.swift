// SPDX-License-Identifier: Apache-2.0

import Arrays

/// How the samples of a slice are stored.
struct SampleFormat: Hashable, Sendable {
  enum Kind: String, Sendable {
    case unsigned = "unsigned"
    case signed = "signed"
    case float = "floating-point"
    /// Indices into a table of colours; the index is the value.
    case palette = "palette"
  }

  let kind: Kind

  /// Bits of one sample.
  let bits: Int

  /// The smallest type that holds such samples, or `nil` if there is none.
  ///
  /// One-bit samples are `uint8` 0 and 1: masks of one and of eight bits are then of one kind.
  var dataType: DataType? {
    switch (kind, bits) {
    case (.unsigned, 1...8), (.palette, 1...8): .uint8
    case (.unsigned, 9...16), (.palette, 9...16): .uint16
    case (.unsigned, 17...32): .uint32
    case (.unsigned, 64): .uint64
    case (.signed, 8): .int8
    case (.signed, 16): .int16
    case (.signed, 32): .int32
    case (.signed, 64): .int64
    case (.float, 16): .float16
    case (.float, 32): .float32
    case (.float, 64): .float64
    default: nil
    }
  }

  /// The smallest type that holds the samples of all formats exactly, or `nil`.
  static func common(_ formats: Set<SampleFormat>) -> DataType? {
    let types = Set(formats.compactMap(\.dataType))
    if types.count <= 1 { return types.first }
    let floats = types.filter(\.isFloatingPoint)
    if !floats.isEmpty {
      return floats.count == types.count ? floats.max { $0.byteCount < $1.byteCount } : nil
    }
    let signed = types.contains(where: \.isSigned)
    // An unsigned type needs a signed one of twice its size.
    let bytes = types.map { signed && !$0.isSigned ? 2 * $0.byteCount : $0.byteCount }.max() ?? 1
    let order: [DataType] =
      signed ? [.int8, .int16, .int32, .int64] : [.uint8, .uint16, .uint32, .uint64]
    return order.first { $0.byteCount == bytes }
  }
}

extension SampleFormat: CustomStringConvertible {
  var description: String { "\(bits)-bit \(kind.rawValue)" }
}
