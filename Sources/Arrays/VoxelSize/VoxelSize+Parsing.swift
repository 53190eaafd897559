// SPDX-License-Identifier: Apache-2.0

/// Why a text is no voxel size.
public enum VoxelSizeError: Error, Equatable {
  /// Not three positive numbers, or no unit.
  case malformed(String)
  /// A unit that is not one of ``LengthUnit``'s.
  case unknownUnit(String, in: String)
}

extension VoxelSizeError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .malformed(let text):
      "'\(text)' is no voxel size: give z,y,x and a unit, as in 50,8,8nm or 0.05,0.008,0.008um"
    case .unknownUnit(let unit, let text):
      "'\(unit)' in '\(text)' is no unit of length: use nm, um, mm, A or pm"
    }
  }
}

/// A unit of length that people write.
public enum LengthUnit: String, CaseIterable, Sendable {
  case picometre, ångström, nanometre, micrometre, millimetre, metre

  /// How many nanometres the unit has.
  public var nanometres: Double {
    switch self {
    case .picometre: 1e-3
    case .ångström: 0.1
    case .nanometre: 1
    case .micrometre: 1e3
    case .millimetre: 1e6
    case .metre: 1e9
    }
  }

  /// The unit that a symbol or a name stands for, or `nil`.
  public init?(symbol: String) {
    switch symbol.lowercased() {
    case "pm", "picometer", "picometre": self = .picometre
    case "a", "å", "angstrom", "ångström", "\u{212B}": self = .ångström
    case "nm", "nanometer", "nanometre": self = .nanometre
    case "um", "µm", "\u{3BC}m", "micron", "microns", "micrometer", "micrometre", "\\u00b5m":
      self = .micrometre
    case "mm", "millimeter", "millimetre": self = .millimetre
    // By name alone, because nobody means metres by a single letter.
    case "meter", "metre": self = .metre
    default: return nil
    }
  }

  /// A decimal number of this unit in nanometres, the decimal point moved rather than multiplied,
  /// so that `0.008` µm is exactly `8` nm.
  public func nanometres(decimal text: String) -> Double? {
    let exponent =
      switch self {
      case .picometre: -3
      case .ångström: -1
      case .nanometre: 0
      case .micrometre: 3
      case .millimetre: 6
      case .metre: 9
      }
    let lower = text.lowercased()
    guard let mark = lower.firstIndex(of: "e") else { return Double("\(lower)e\(exponent)") }
    guard let own = Int(lower[lower.index(after: mark)...]), abs(own) < 1000 else { return nil }
    return Double("\(lower[..<mark])e\(own + exponent)")
  }
}

extension VoxelSize {
  /// Reads `50,8,8nm`, `0.05,0.008,0.008um` or `500,80,80A`: z, y, x and always a unit.
  ///
  /// - Throws: ``VoxelSizeError`` if there are not three positive numbers or the unit is missing
  ///   or unknown.
  public init(parsing text: String) throws(VoxelSizeError) {
    let digits = text.lastIndex { $0.isASCII && $0.isNumber } ?? text.startIndex
    guard digits != text.startIndex || text.first?.isNumber == true else { throw .malformed(text) }
    let numbers = text[...digits].split(separator: ",", omittingEmptySubsequences: false)
    let symbol = text[text.index(after: digits)...].filter { $0 != " " }
    guard numbers.count == 3, !symbol.isEmpty else { throw .malformed(text) }
    guard let unit = LengthUnit(symbol: String(symbol)) else {
      throw .unknownUnit(String(symbol), in: text)
    }
    let sizes = numbers.compactMap { unit.nanometres(decimal: $0.filter { $0 != " " }) }
    guard sizes.count == 3, sizes.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw .malformed(text)
    }
    self.init(z: sizes[0], y: sizes[1], x: sizes[2])
  }
}
