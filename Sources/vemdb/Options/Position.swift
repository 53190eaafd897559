// SPDX-License-Identifier: Apache-2.0

import Arrays
import ArgumentParser

/// A place in space, as in `0,1200,800nm`: z, y, x and always a unit.
struct Position {
  /// Nanometres, z, y, x.
  let nanometres: [Double]

  /// - Throws: `ValidationError` unless there are three numbers and a unit of length.
  init(parsing text: String) throws {
    let wrong = ValidationError("'\(text)' is no position: give z,y,x and a unit, as in 0,1200,800nm")
    guard let digits = text.lastIndex(where: { $0.isASCII && $0.isNumber }) else { throw wrong }
    let symbol = text[text.index(after: digits)...].filter { $0 != " " }
    guard let unit = LengthUnit(symbol: symbol) else { throw wrong }
    let numbers = text[...digits].split(separator: ",", omittingEmptySubsequences: false)
      .compactMap { unit.nanometres(decimal: $0.filter { $0 != " " }) }
    guard numbers.count == 3, numbers.allSatisfy(\.isFinite) else { throw wrong }
    nanometres = numbers
  }
}
