// SPDX-License-Identifier: Apache-2.0

import Arrays

extension TrainingRequest {
  /// Reads a length such as `100nm` or `0.1 um`, in nanometres.
  ///
  /// - Throws: ``RecipeError/badLength(_:)``.
  public static func nanometres(parsing text: String) throws(RecipeError) -> Double {
    let digits = text.prefix { $0.isNumber || $0 == "." }
    guard let unit = LengthUnit(symbol: text.dropFirst(digits.count).filter { $0 != " " }),
      let length = unit.nanometres(decimal: String(digits)), length >= 0
    else { throw .badLength(text) }
    return length
  }

  /// Reads a time such as `30m`, `90s`, `1.5h` or `1h30m`, in seconds.
  ///
  /// - Throws: ``RecipeError/badTime(_:)``.
  public static func seconds(parsing text: String) throws(RecipeError) -> Double {
    var (total, digits) = (0.0, "")
    for letter in text.lowercased() where letter != " " {
      if letter.isNumber || letter == "." {
        digits.append(letter)
        continue
      }
      guard let number = Double(digits), let unit = ["s": 1.0, "m": 60, "h": 3600, "d": 86400][letter]
      else { throw .badTime(text) }
      total += number * unit
      digits = ""
    }
    guard digits.isEmpty, total > 0, total.isFinite else { throw .badTime(text) }
    return total
  }
}
