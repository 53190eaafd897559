// SPDX-License-Identifier: Apache-2.0

import Arrays

extension NDArray {
  /// Whether all elements are equal.
  var isUniform: Bool { isUniform(dataType.elementType) }

  private func isUniform<Element: ArrayElement>(_: Element.Type) -> Bool {
    withSpan(of: Element.self) { values in
      guard let first = values.indices.first.map({ values[$0].doubleValue }) else { return true }
      for index in values.indices where values[index].doubleValue != first { return false }
      return true
    }
  }
}
