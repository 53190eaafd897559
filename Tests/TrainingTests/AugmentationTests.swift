// SPDX-License-Identifier: Apache-2.0

import Tensors
import Testing

@testable import Training

@Suite("Augmentation")
struct AugmentationTests {
  @Test("quarters turn as numpy.rot90 does")
  func quarter() {
    let tensor = Tensor([1, 2, 3, 4], shape: [1, 1, 1, 2, 2])
    func moved(_ quarters: Int, _ mirrors: [Bool]) -> [Float] {
      Placement(shape: [1, 2, 2], quarters: quarters, mirrors: mirrors).moved(tensor, item: 0).elements
    }
    #expect(moved(1, [false, false, false]) == [2, 4, 1, 3])
    #expect(moved(2, [false, false, false]) == [4, 3, 2, 1])
    #expect(moved(3, [false, false, false]) == [3, 1, 4, 2])
    #expect(moved(0, [false, true, false]) == [3, 4, 1, 2])
    #expect(moved(0, [false, false, true]) == [2, 1, 4, 3])
  }

  @Test("four quarters and two mirrors are nothing")
  func closed() {
    let tensor = Tensor((0..<2 * 3 * 4 * 4).map { Float($0) }, shape: [2, 1, 3, 4, 4])
    var turned = tensor
    for _ in 0..<4 {
      turned = Placement(shape: [3, 4, 4], quarters: 1, mirrors: [false, false, false])
        .moved(turned, item: 1)
    }
    #expect(turned == tensor)
    for _ in 0..<2 {
      turned = Placement(shape: [3, 4, 4], quarters: 0, mirrors: [true, true, true])
        .moved(turned, item: 0)
    }
    #expect(turned == tensor)
  }

  @Test("image, target and mask move together, and the same numbers come again")
  func together() {
    let shape = [3, 1, 2, 8, 8]
    let values = Tensor((0..<384).map { Float($0) / 400 }, shape: shape)
    let batch = Batch(input: values, target: values, mask: values)
    var changed = batch
    Augmentation(rotations: true, flips: true, probability: 0, contrast: 0, brightness: 0)
      .apply(to: &changed, seed: 5, step: 9)
    #expect(changed.input == changed.target && changed.target == changed.mask)
    #expect(changed.input != batch.input)
    var again = batch
    Augmentation(rotations: true, flips: true, probability: 0, contrast: 0, brightness: 0)
      .apply(to: &again, seed: 5, step: 9)
    #expect(again.input == changed.input)
  }

  @Test("grey values stay within −1 and 1, and labels are not changed")
  func recolouring() {
    let values = Tensor((0..<128).map { Float($0) / 64 - 1 }, shape: [1, 1, 2, 8, 8])
    var changed = Batch(input: values, target: values, mask: values)
    var some = false
    for step in 0..<20 {
      changed.input = values
      Augmentation(rotations: false, flips: false, probability: 0.75, contrast: 0.5, brightness: 0.5)
        .apply(to: &changed, seed: 1, step: step)
      some = some || changed.input != values
      #expect(changed.input.elements.allSatisfy { $0 >= -1 && $0 <= 1 })
    }
    #expect(some && changed.target == values && changed.mask == values)
  }
}
