// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing

@Suite("N-dimensional array")
struct NDArrayTests {
  @Test("a copy is changed alone")
  func copyOnWrite() {
    let first = NDArray([1, 2, 3, 4] as [UInt16], [2, 2])
    var second = first
    second.withMutableSpan(of: UInt16.self) { $0[0] = 9 }
    #expect(first.elements(as: UInt16.self) == [1, 2, 3, 4])
    #expect(second.elements(as: UInt16.self) == [9, 2, 3, 4])
  }

  @Test("a crop has the elements of its box", arguments: [DataType.uint8, .int32, .float64])
  func crop(_ type: DataType) {
    check(type.elementType)
  }

  private func check<Element: ArrayElement>(_: Element.Type) {
    let array = NDArray((0..<60).map { Element(nearest: Double($0)) }, [3, 4, 5])
    let crop = array.cropped(to: Box(lower: [1, 1, 2], upper: [3, 3, 5]))
    #expect(
      crop.elements(as: Element.self).map(\.doubleValue)
        == [27, 28, 29, 32, 33, 34, 47, 48, 49, 52, 53, 54])
  }

  @Test("copies of any box between arrays of different shape, against a loop over positions")
  func stridedCopy() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<200 {
      let shape = (0..<3).map { _ in Int.random(in: 1...5, using: &random) }
      let room = shape.map { $0 + Int.random(in: 0...2, using: &random) }
      let source = NDArray((0..<Extent(shape).count).map { Int32($0 + 1) }, Extent(shape))
      let lower = shape.map { Int.random(in: 0...$0, using: &random) }
      let upper = shape.indices.map { Int.random(in: lower[$0]...shape[$0], using: &random) }
      let box = Box(lower: lower, upper: upper)
      let place = room.indices.map { Int.random(in: 0...(room[$0] - box.extent[$0]), using: &random) }
      var target = NDArray(.int32, Extent(room))
      target.copy(box, of: source, to: place)
      var expected = [Int32](repeating: 0, count: Extent(room).count)
      for position in box.positions {
        let to = position.indices.map { position[$0] - lower[$0] + place[$0] }
        let value = zip(position, Extent(shape).strides).reduce(0) { $0 + $1.0 * $1.1 } + 1
        expected[zip(to, Extent(room).strides).reduce(0) { $0 + $1.0 * $1.1 }] = Int32(value)
      }
      #expect(target.elements(as: Int32.self) == expected)
    }
  }

  @Test("values from elsewhere round to even and saturate")
  func nearest() {
    #expect(UInt8(nearest: 2.5) == 2)
    #expect(UInt8(nearest: 300) == 255)
    #expect(Int16(nearest: -4e9) == Int16.min)
    #expect(UInt64(nearest: 1e30) == UInt64.max)
    #expect(Int32(nearest: .nan) == 0)
  }
}
