// SPDX-License-Identifier: Apache-2.0

/// Neighbouring voxels of a row that have one value.
struct LabelRun {
  /// The first column.
  var start: Int
  /// One past the last column.
  var end: Int
  /// The label, signed ones sign-extended to 64 bits.
  var value: UInt64
}
