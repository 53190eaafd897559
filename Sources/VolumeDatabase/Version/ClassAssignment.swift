// SPDX-License-Identifier: Apache-2.0

public import Catalog

/// What values of a version are to mean, by the name of a class.
public struct ClassAssignment: Hashable, Sendable {
  /// The canonical name of the class or one of its synonyms.
  public let name: String
  /// How the values stand for it.
  public let mode: ClassMode
  /// The value that is the class; `nil` unless the mode is semantic.
  public let value: UInt64?

  /// One value is the class.
  public static func semantic(_ name: String, value: UInt64) -> ClassAssignment {
    ClassAssignment(name: name, mode: .semantic, value: value)
  }

  /// Every value but 0 is the id of an object of the class.
  public static func instance(_ name: String) -> ClassAssignment {
    ClassAssignment(name: name, mode: .instance, value: nil)
  }

  /// The values say how likely the class is.
  public static func probability(_ name: String) -> ClassAssignment {
    ClassAssignment(name: name, mode: .probability, value: nil)
  }
}
