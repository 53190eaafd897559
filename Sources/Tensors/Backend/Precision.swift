// SPDX-License-Identifier: Apache-2.0

import COneDNN

/// In what numbers activations and weights are kept and multiplied; sums are always single precision.
public enum Precision: String, Codable, Hashable, Sendable, CaseIterable {
  /// 32 bits, 24 of them significant.
  case float32

  /// 16 bits, 8 of them significant: half the memory, and faster where the CPU multiplies them itself.
  case bfloat16

  /// Whether this CPU has the instructions.
  public var isSupported: Bool { self == .float32 || onednn_has_bfloat16() != 0 }
}
