// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// A part of a version in which a class was really annotated or computed, or an image really given.
public struct CoverageBox: Hashable, Sendable {
  /// In voxels of scale level 0.
  public let box: Box
  /// The class; `nil` for images.
  public let classID: Int64?
  /// The run that did it.
  public let runID: Int64?

  /// - Precondition: The box has three axes and is not empty.
  public init(_ box: Box, classID: Int64? = nil, runID: Int64? = nil) {
    precondition(box.rank == 3 && !box.isEmpty, "a coverage box has voxels")
    self.box = box
    self.classID = classID
    self.runID = runID
  }
}
