// SPDX-License-Identifier: Apache-2.0

/// Who computes the operations of a network.
public enum BackendKind: String, Codable, Hashable, Sendable, CaseIterable {
  /// oneDNN: kernels compiled for the CPU that it finds, in its own blocked layouts.
  case oneDNN = "onednn"

  /// OpenBLAS: convolutions as matrix products over patches, everything else plain loops.
  case openBLAS = "openblas"
}
