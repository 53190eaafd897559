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

  private func changed(
    _ change: (inout Augmentation) -> Void, shape: [Int] = [1, 1, 4, 32, 32],
    value: (Int) -> Float
  ) -> [(before: Batch, after: Batch)] {
    let values = Tensor((0..<shape.reduce(1, *)).map(value), shape: shape)
    let labels = Tensor(values.elements.map { $0 > 0 ? 1 : 0 }, shape: shape)
    var augmentation = Augmentation.none
    augmentation.share = 1
    change(&augmentation)
    return (0..<8).map { step in
      let before = Batch(input: values, target: labels, mask: Tensor(repeating: 1, shape: shape))
      var after = before
      augmentation.apply(to: &after, seed: 3, step: step)
      return (before, after)
    }
  }

  @Test("an elastic deformation moves image and labels alike, and no voxel farther than it says")
  func elastic() {
    // Both ramps tell where a voxel came from.
    for (_, after) in changed({ $0.elastic = 3 }, value: { Float($0 % 32) / 64 }) {
      let input = after.input.elements
      for index in input.indices { #expect(abs(input[index] * 64 - Float(index % 32)) <= 3.01) }
      #expect(Array(input[..<1024]) == Array(input[1024..<2048]))
      let target = after.target.elements
      #expect(target.allSatisfy { $0 == 0 || $0 == 1 })
      for index in target.indices where target[index] != (index % 32 == 0 ? 0 : 1) {
        #expect(index % 32 <= 4)
      }
    }
    let moved = changed({ $0.elastic = 3 }, value: { Float($0 / 32 % 32) / 64 })
    #expect(moved.allSatisfy { $0.before.input != $0.after.input })
  }

  @Test("a shift moves whole planes by whole voxels, image and labels alike")
  func shifted() {
    var moved = 0
    for (_, after) in changed({ $0.shiftedSlices = 4 }, value: { Float($0 % 32) / 32 - 0.5 }) {
      let (input, target) = (after.input.elements, after.target.elements)
      for z in 0..<4 {
        // In the middle of a row the shift can be read.
        let shift = (input[z * 1024 + 16] + 0.5) * 32 - 16
        #expect(abs(shift) <= 4 && shift == shift.rounded())
        if shift != 0 { moved += 1 }
        for place in z * 1024..<(z + 1) * 1024 { #expect(target[place] == (input[place] > 0 ? 1 : 0)) }
      }
    }
    #expect(moved > 4)
  }

  @Test("gamma keeps the order and the ends, noise its mean, blur a constant; labels stay")
  func grey() {
    for (before, after) in changed({ $0.gamma = 0.5 }, value: { Float($0 % 32) / 15.5 - 1 }) {
      let row = Array(after.input.elements[..<32])
      #expect(zip(row, row.dropFirst()).allSatisfy { $0 < $1 } && abs(row[0] + 1) < 1e-6)
      #expect(abs(row[31] - 1) < 1e-6 && before.target == after.target)
    }
    for (before, after) in changed({ $0.noise = 0.2 }, value: { _ in 0 }) {
      let mean = after.input.elements.reduce(0, +) / 4096
      #expect(abs(mean) < 0.02 && before.target == after.target && before.input != after.input)
    }
    for (_, after) in changed({ $0.blur = 2 }, value: { _ in 0.25 }) {
      #expect(after.input.elements.allSatisfy { abs($0 - 0.25) < 1e-6 })
    }
  }

  @Test("a missing slice is blank in one plane, never in the only one")
  func missing() {
    for (before, after) in changed({ $0.missingSlices = 1 }, value: { Float($0 % 32) / 64 }) {
      let input = after.input.elements
      let blank = (0..<4).filter { z in Set(input[z * 1024..<(z + 1) * 1024]).count == 1 }
      #expect(blank.count == 1 && before.target == after.target && before.mask == after.mask)
    }
    for (before, after) in changed(
      { $0.missingSlices = 1 }, shape: [1, 1, 1, 32, 32], value: { Float($0 % 32) / 64 })
    {
      #expect(before.input == after.input)
    }
  }
}
