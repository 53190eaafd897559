// SPDX-License-Identifier: Apache-2.0

import COneDNN

/// In what numbers activations and weights are kept and multiplied; sums are always single precision.
public enum Precision: String, Codable, Hashable, Sendable, CaseIterable {
  /// 32 bits, 24 of them significant.
  case float32

  /// 16 bits, 8 of them significant: half the memory, and faster where the CPU multiplies them itself.
  case bfloat16

  /// Of a number.
  var byteCount: Int { self == .float32 ? 4 : 2 }

  /// Whether this CPU has the instructions.
  public var isSupported: Bool { self == .float32 || onednn_has_bfloat16() != 0 }

  /// Why a backend cannot compute in it on this CPU, and what to do; `nil` if it can.
  public func fault(on backend: BackendKind) -> String? {
    if self == .float32 { return nil }
    if backend != .oneDNN { return "\(backend.rawValue) computes in float32 alone" }
    return isSupported ? nil : "this CPU has no instructions for \(rawValue): use float32"
  }
}
