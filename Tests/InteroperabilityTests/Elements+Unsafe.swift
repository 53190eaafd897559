// SPDX-License-Identifier: Apache-2.0

import Arrays
import Zarr

extension FillValue {
  /// The value in its Swift type; higher bits are left out.
  func value<Element: ArrayElement>() -> Element {
    var bits = bits
    // SAFETY: every element type is made of bytes, of which any pattern is a value, and none is larger.
    return unsafe withUnsafeBytes(of: &bits) { unsafe $0.loadUnaligned(as: Element.self) }
  }
}

extension NDArray {
  /// The elements as they lie in memory.
  var rawBytes: [UInt8] {
    // SAFETY: the bytes live while they are copied.
    unsafe withBytes { unsafe [UInt8]($0) }
  }
}
