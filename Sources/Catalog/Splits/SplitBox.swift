// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// What the labels of a part of a volume serve for.
public enum SplitPart: String, CaseIterable, Codable, Sendable {
  case train, validation, test
}

/// A box of a volume whose labels serve for one thing.
public struct SplitBox: Hashable, Sendable {
  /// What the labels serve for.
  public let part: SplitPart
  /// In voxels of scale level 0.
  public let box: Box

  public init(_ part: SplitPart, _ box: Box) {
    self.part = part
    self.box = box
  }
}
