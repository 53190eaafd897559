// SPDX-License-Identifier: Apache-2.0

/// What can be measured.
enum Case: String, CaseIterable {
  /// The work of the peers' script: write, read and cutouts of EM texture.
  case image
  /// Slices along each axis of the same array.
  case slices
  /// Write, read and cutouts of 64-bit ids.
  case labels
  /// A write that is on the disk at its end.
  case durable
  /// What Zstandard, the memory and the disk would allow alone.
  case ceilings
  /// Write, read and cutouts of an array that never lies in memory as a whole.
  case growth
}
