// SPDX-License-Identifier: Apache-2.0

/// How the numbers in the names of slices become positions along z.
///
/// The first number is position 0. Where at least three numbers are all a multiple of some step away from
/// it, as with every second section, the step is one position; of two numbers nobody can tell whether one
/// between them is missing.
public struct SliceNumbering: Codable, Hashable, Sendable {
  /// The lowest number.
  public let first: Int

  /// The numbers from one position to the next, at least 1.
  public let step: Int

  /// The numbers that are given, rising.
  public let numbers: [Int]

  /// - Precondition: `numbers` rise and are at least one.
  init(_ numbers: [Int]) {
    precondition(!numbers.isEmpty, "a numbering has a number")
    first = numbers[0]
    let common = zip(numbers, numbers.dropFirst()).reduce(0) { Self.divisor($0, $1.1 - $1.0) }
    step = numbers.count > 2 ? common : 1
    self.numbers = numbers
  }

  /// The first number that is missing between two given ones, and the index of the one before it.
  var firstGap: (number: Int, after: Int)? {
    for index in numbers.indices.dropLast() where numbers[index + 1] - numbers[index] > step {
      return (numbers[index] + step, index)
    }
    return nil
  }

  private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
}
