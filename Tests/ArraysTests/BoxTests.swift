// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing

@Suite("Box")
struct BoxTests {
  @Test("what is left of a box and what was taken cover it once")
  func subtraction() {
    let whole = Box(origin: [0, 0, 0], extent: [4, 5, 6])
    let hole = Box(lower: [1, 2, 3], upper: [3, 9, 5])
    let rest = whole.subtracting(hole)
    #expect(rest.reduce(0) { $0 + $1.count } == 120 - 2 * 3 * 2)
    #expect(rest.allSatisfy { !$0.intersects(hole) })
    for (index, piece) in rest.enumerated() {
      #expect(rest.dropFirst(index + 1).allSatisfy { !$0.intersects(piece) })
    }
  }

  @Test("overlapping boxes become disjoint and keep their union")
  func disjoint() {
    let boxes = [Box(lower: [0, 0], upper: [4, 4]), Box(lower: [2, 2], upper: [6, 6])]
    #expect(boxes.disjoint().reduce(0) { $0 + $1.count } == 16 + 16 - 4)
  }

  @Test("positions run in C order")
  func positions() {
    let box = Box(origin: [1, 2], extent: [2, 2])
    #expect(Array(box.positions) == [[1, 2], [1, 3], [2, 2], [2, 3]])
  }

  @Test("an empty box is inside every box and meets none")
  func empty() {
    let empty = Box(lower: [3, 3], upper: [3, 9])
    #expect(Box([2, 2]).contains(empty))
    #expect(!Box([9, 9]).intersects(empty))
  }
}
