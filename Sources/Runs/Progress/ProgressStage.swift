// SPDX-License-Identifier: Apache-2.0

/// One part of a run whose progress can be counted: what is being done, how much of it there is, and in
/// what it is counted.
public struct ProgressStage: Hashable, Sendable {
  /// What is being done, as a person reads it: "ingesting ratliver/em@1".
  public let title: String
  /// How many units there are; `nil` where nobody knows beforehand.
  public let total: Int?
  /// What is counted, in the plural: "slices", "steps", "blocks".
  public let unit: String

  /// A stage.
  public init(_ title: String, total: Int?, unit: String) {
    self.title = title
    self.total = total
    self.unit = unit
  }
}
