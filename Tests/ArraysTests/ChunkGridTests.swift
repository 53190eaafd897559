// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing

@Suite("Chunk grid")
struct ChunkGridTests {
  let grid = ChunkGrid(shape: [20, 1024, 1000], chunk: [16, 128, 128])

  @Test("the last chunks reach past a ragged edge")
  func ragged() {
    #expect(grid.counts == [2, 8, 8])
    #expect(grid.box(at: [1, 7, 7]) == Box(lower: [16, 896, 896], upper: [20, 1024, 1000]))
    #expect(grid.fullBox(at: [1, 7, 7]).extent == [16, 128, 128])
  }

  @Test("the chunks that a box touches")
  func touching() {
    let box = Box(lower: [15, 128, 0], upper: [17, 129, 1000])
    #expect(grid.chunks(touching: box) == Box(lower: [0, 1, 0], upper: [2, 2, 8]))
  }

  @Test("ordinals and indices are inverse", arguments: [0, 1, 8, 63, 64, 127])
  func ordinal(_ ordinal: Int) {
    #expect(grid.ordinal(of: grid.index(ofOrdinal: ordinal)) == ordinal)
  }
}
