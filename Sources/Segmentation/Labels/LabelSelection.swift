// SPDX-License-Identifier: Apache-2.0

/// Which values of a label volume are meant, as by the class map of its version.
public enum LabelSelection: Hashable, Sendable {
  /// Every value but 0: all instances of a volume of one class.
  case nonzero

  /// These values.
  case values(Set<UInt64>)

  /// Whether a value is meant.
  public func contains(_ value: UInt64) -> Bool {
    switch self {
    case .nonzero: value != 0
    case .values(let values): values.contains(value)
    }
  }
}
