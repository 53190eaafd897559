// SPDX-License-Identifier: Apache-2.0

import Arrays
import ImageProcessing
import Testing

@Suite("Pyramid reduction")
struct ReductionTests {
  @Test("means by hand, the ragged ends averaged over what is there")
  func means() {
    let block = NDArray([0, 2, 7, 4, 6, 8, 10, 12, 1, 0, 0, 3] as [Int32], [2, 2, 3])
    #expect(
      reducedByMean(block, factors: [1, 2, 2])
        == NDArray([3, 8, 6, 2] as [Int32], [2, 1, 2]))
    // (0+2+4+6+10+12+0+0) / 8 = 4.25; (7+8+1+3) / 4 = 4.75.
    #expect(reducedByMean(block, factors: [2, 2, 2]) == NDArray([4, 5] as [Int32], [1, 1, 2]))
    #expect(
      reducedByMean(block, factors: [2, 1, 1])
        == NDArray([5, 7, 4, 2, 3, 6] as [Int32], [1, 2, 3]))
  }

  @Test("whole means round half to even, above and below zero")
  func halfToEven() {
    let block = NDArray([1, 2, 3, 2, -1, -2, -3, -2] as [Int8], [1, 1, 8])
    #expect(reducedByMean(block, factors: [1, 1, 2]).elements(as: Int8.self) == [2, 2, -2, -2])
  }

  @Test("the extremes of every whole type are kept exactly", arguments: DataType.allCases.filter(\.isInteger))
  func extremes(_ type: DataType) {
    func check<Element: ArrayElement>(_: Element.Type) {
      for value in [Element(nearest: -.infinity), Element(nearest: .infinity)] {
        let block = NDArray([Element](repeating: value, count: 27), [3, 3, 3])
        let expected = [Element](repeating: value, count: 8)
        #expect(reducedByMean(block, factors: [2, 2, 2]).elements(as: Element.self) == expected)
        #expect(reducedByMode(block, factors: [2, 2, 2]).elements(as: Element.self) == expected)
      }
    }
    check(type.elementType)
  }

  @Test("means of any shape and factors, against a loop over boxes")
  func loop() {
    var random = SplitMix64(state: 7)
    for _ in 0..<60 {
      let shape = Extent((0..<3).map { _ in Int.random(in: 1...7, using: &random) })
      let factors = (0..<3).map { _ in Int.random(in: 1...2, using: &random) }
      let values = (0..<shape.count).map { _ in UInt16.random(in: 0...9, using: &random) }
      let (means, modes) = boxes(values, shape, factors)
      let block = NDArray(values, shape)
      #expect(reducedByMean(block, factors: factors).elements(as: UInt16.self) == means)
      #expect(reducedByMode(block, factors: factors).elements(as: UInt16.self) == modes)
      let floats = reducedByMean(NDArray(values.map(Float.init), shape), factors: factors)
      #expect(floats.elements(as: Float.self).map { UInt16($0.rounded(.toNearestOrEven)) } == means)
    }
  }

  @Test("ids that a double cannot hold stay as they are")
  func largeIDs() {
    let (a, b): (UInt64, UInt64) = (1 << 53 + 1, 1 << 63 + 1)
    let block = NDArray([a, a, b, b, a, 0, b, b], [1, 2, 4])
    #expect(reducedByMode(block, factors: [1, 2, 2]).elements(as: UInt64.self) == [a, b])
  }

  @Test("equally frequent values give the smallest")
  func ties() {
    let block = NDArray([9, 4, 4, 9, 3, 2, 7, 0] as [UInt8], [1, 2, 4])
    #expect(reducedByMode(block, factors: [1, 2, 2]).elements(as: UInt8.self) == [2, 0])
  }

  @Test("NaN and infinity go through a mean of floats, and large floats do not overflow")
  func floats() {
    let large = Float.greatestFiniteMagnitude
    let block = NDArray([large, large, .nan, 1, .infinity, 1], [1, 1, 6])
    let means = reducedByMean(block, factors: [1, 1, 2]).elements(as: Float.self)
    #expect(means[0] == large)
    #expect(means[1].isNaN)
    #expect(means[2] == .infinity)
  }

  /// Means (half to even) and modes (the smallest of several) of boxes, by definition.
  private func boxes(_ values: [UInt16], _ shape: Extent, _ factors: [Int]) -> ([UInt16], [UInt16]) {
    let grid = ChunkGrid(shape: shape, chunk: Extent(factors))
    let strides = shape.strides
    let members = (0..<grid.counts.count).map { ordinal in
      grid.box(at: grid.index(ofOrdinal: ordinal)).positions.map { position in
        values[zip(position, strides).reduce(0) { $0 + $1.0 * $1.1 }]
      }
    }
    let means = members.map { box in
      UInt16((box.reduce(0) { $0 + Double($1) } / Double(box.count)).rounded(.toNearestOrEven))
    }
    let modes = members.map { box in
      let counts = Dictionary(box.map { ($0, 1) }, uniquingKeysWith: +)
      return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
    }
    return (means, modes)
  }
}
