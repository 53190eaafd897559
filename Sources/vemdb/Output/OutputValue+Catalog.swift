// SPDX-License-Identifier: Apache-2.0

import Arrays

extension OutputValue {
  /// A box as `[[z, y, x], [z, y, x]]`: the lower bounds and the upper ones.
  static func box(_ box: Box) -> OutputValue { .list([.sizes(box.lower), .sizes(box.upper)]) }

  /// Whole numbers, one an axis.
  static func sizes(_ sizes: [Int]) -> OutputValue { .list(sizes.map { .integer($0) }) }

  /// Lengths or positions, one an axis.
  static func lengths(_ lengths: [Double]) -> OutputValue { .list(lengths.map { .number($0) }) }
}
