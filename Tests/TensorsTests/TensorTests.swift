// SPDX-License-Identifier: Apache-2.0

import Tensors
import Testing

@Suite("Tensor")
struct TensorTests {
  @Test("a copy keeps its elements when the original is written to")
  func valueSemantics() {
    var original = Tensor([1, 2, 3, 4], shape: [2, 2])
    let copy = original
    original.withMutableSpan { $0[0] = 9 }
    #expect(copy.elements == [1, 2, 3, 4])
    #expect(original.elements == [9, 2, 3, 4])
  }

  @Test("tensors of equal elements but another shape differ")
  func shapeCounts() {
    let tensor = Tensor([1, 2, 3, 4], shape: [2, 2])
    #expect(tensor != tensor.reshaped([4]))
    #expect(tensor == Tensor([1, 2, 3, 4], shape: [2, 2]))
  }
}
