// SPDX-License-Identifier: Apache-2.0

/// One value of a time series of a run.
public struct MetricPoint: Hashable, Sendable {
  /// As in `loss` or `validation/iou_foreground`.
  public let name: String
  /// The step it was taken at.
  public let step: Int
  /// Also NaN and infinities.
  public let value: Double

  public init(_ name: String, step: Int, value: Double) {
    self.name = name
    self.step = step
    self.value = value
  }
}
