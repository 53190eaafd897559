// SPDX-License-Identifier: Apache-2.0

/// A file name cut into text and numbers, so that `2.png` comes before `10.png`.
struct NumberedName: Sendable {
  let path: String

  /// The name with every number replaced, equal for files of one series.
  let pattern: String

  /// The numbers in the name, left to right.
  let numbers: [Int]

  init(path: String) {
    self.path = path
    var pattern = ""
    var numbers: [Int] = []
    var rest = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
    while let first = rest.first {
      let digits = rest.prefix { $0.isASCII && $0.isNumber }
      if let number = Int(digits) {
        numbers.append(number)
        pattern += "#"
        rest = rest[digits.endIndex...]
      } else if digits.isEmpty {
        pattern.append(first)
        rest = rest.dropFirst()
      } else {
        // More digits than a number has: text.
        pattern += digits
        rest = rest[digits.endIndex...]
      }
    }
    self.pattern = pattern
    self.numbers = numbers
  }

}
