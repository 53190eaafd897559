// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// One score of a prediction against a truth.
public struct EvaluationRecord: Hashable, Sendable {
  /// The name that holds everywhere.
  public let uuid: String
  /// The run that took it.
  public let runID: Int64
  /// What was scored, by the key of the version.
  public let predictionID: Int64
  /// What it was scored against.
  public let truthID: Int64
  /// The region asked for, in voxels of the truth's scale level 0.
  public let region: Box
  /// The part of the split that was scored.
  public let part: SplitPart?
  /// The class, if it is a score of one.
  public let classID: Int64?
  /// As in `iou_foreground`.
  public let metric: String
  /// `nil` where the metric is undefined, as for empty against empty.
  public let value: Double?
  /// Why it is undefined.
  public let reason: String?

  /// - Parameter uuid: That of a score that is being restored; a new one by default.
  /// - Precondition: The region has three axes and is not empty.
  public init(
    runID: Int64, predictionID: Int64, truthID: Int64, region: Box, part: SplitPart? = nil,
    classID: Int64? = nil, metric: String, value: Double?, reason: String? = nil,
    uuid: String? = nil
  ) {
    precondition(region.rank == 3 && !region.isEmpty, "a scored region has voxels")
    self.uuid = uuid ?? newUUID()
    self.runID = runID
    self.predictionID = predictionID
    self.truthID = truthID
    self.region = region
    self.part = part
    self.classID = classID
    self.metric = metric
    self.value = value
    self.reason = reason
  }
}
