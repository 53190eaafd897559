// SPDX-License-Identifier: Apache-2.0

extension OneDNNProgram {
  /// Gives every array its place: arrays that are never needed at the same time may share one.
  ///
  /// Greedy by size, largest first, each at the lowest place where it meets no array whose life
  /// overlaps its own. Pisarchyk and Lee 2020, <https://doi.org/10.48550/arXiv.2001.03288>.
  func places() -> (offsets: [Int], byteCount: Int) {
    let lives = self.lives
    let sizes = records.map { $0.parent == nil ? $0.slotBytes * $0.ring : 0 }
    var offsets = Array(repeating: 0, count: records.count)
    var placed: [Int] = []
    var byteCount = 0
    for index in records.indices.sorted(by: { (-sizes[$0], $0) < (-sizes[$1], $1) }) {
      if sizes[index] == 0 { continue }
      let neighbors = placed.filter { lives[$0].overlaps(lives[index]) }
        .sorted { offsets[$0] < offsets[$1] }
      var offset = 0
      for other in neighbors {
        if offset + sizes[index] <= offsets[other] { break }
        offset = max(offset, offsets[other] + sizes[other])
      }
      offsets[index] = offset
      byteCount = max(byteCount, offset + sizes[index])
      placed.append(index)
    }
    for (index, record) in records.enumerated() {
      if let parent = record.parent { offsets[index] = offsets[parent] + record.offset }
    }
    return (offsets, byteCount)
  }

  /// The first and last step of each array in the order of the phases; all of time where pinned.
  private var lives: [ClosedRange<Int>] {
    let order = steps.indices.sorted { (steps[$0].phase.rawValue, $0) < (steps[$1].phase.rawValue, $1) }
    var lives: [ClosedRange<Int>?] = Array(repeating: nil, count: records.count)
    for (time, step) in order.enumerated() {
      for (_, buffer) in steps[step].bindings {
        let owner = records[buffer.index].parent ?? buffer.index
        let start = lives[owner]?.lowerBound ?? time
        lives[owner] = start...time
      }
    }
    return records.indices.map { records[$0].isPinned ? 0...order.count : lives[$0] ?? 0...order.count }
  }
}

extension OneDNNProgram.Record {
  /// The distance of two planes of a ring.
  var slotBytes: Int { (layout.byteCount + 63) / 64 * 64 }
}
