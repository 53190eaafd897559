// SPDX-License-Identifier: Apache-2.0

/// Sorted files of one series.
struct NameSeries: Sendable {
  /// The files in the order of their slice numbers.
  let paths: [String]

  /// The slice number of each file; `nil` where the names hold none.
  let numbers: [Int]?

  /// Sorts names that differ in their numbers alone.
  ///
  /// Where several numbers vary, the slice number is the first that counts evenly, else the first
  /// that no two names share.
  ///
  /// - Throws: ``ImageFileError/unrelatedNames(first:second:)`` if the names have no such number.
  init(_ paths: [String]) throws(ImageFileError) {
    let names = paths.map(NumberedName.init)
    guard names.count > 1, let first = names.first else {
      self.paths = paths
      numbers = names.first?.numbers.last.map { [$0] }
      return
    }
    if let other = names.first(where: { $0.pattern != first.pattern }) {
      throw .unrelatedNames(first: first.path, second: other.path)
    }
    let varying = first.numbers.indices.filter { place in
      names.contains { $0.numbers[place] != first.numbers[place] }
    }
    if varying.isEmpty, let number = first.numbers.last {
      throw .repeatedSlice(number: number, first: first.path, second: names[1].path)
    }
    func isEven(_ place: Int) -> Bool {
      let values = names.map { $0.numbers[place] }.sorted()
      let step = values[1] - values[0]
      return step > 0 && zip(values, values.dropFirst()).allSatisfy { $1 - $0 == step }
    }
    func isDistinct(_ place: Int) -> Bool {
      Set(names.map { $0.numbers[place] }).count == names.count
    }
    guard
      let place = varying.count == 1
        ? varying.first : varying.first(where: isEven) ?? varying.first(where: isDistinct)
    else { throw .unrelatedNames(first: first.path, second: names[1].path) }
    let sorted = names.sorted { $0.numbers[place] < $1.numbers[place] }
    for (name, next) in zip(sorted, sorted.dropFirst())
    where name.numbers[place] == next.numbers[place] {
      throw .repeatedSlice(number: name.numbers[place], first: name.path, second: next.path)
    }
    self.paths = sorted.map(\.path)
    numbers = sorted.map { $0.numbers[place] }
  }
}
