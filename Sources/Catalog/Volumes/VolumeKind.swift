// SPDX-License-Identifier: Apache-2.0

/// What the voxels of a volume are.
public enum VolumeKind: String, CaseIterable, Codable, Sendable {
  /// Gray values from a microscope.
  case image
  /// Classes or objects that people marked.
  case label
  /// Classes or objects that a model marked.
  case prediction
  /// How sure a model is of one class.
  case probability
}
