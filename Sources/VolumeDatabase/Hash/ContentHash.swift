// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog

/// The hash of what a version holds: equal voxels give equal hashes, whatever the codec.
///
/// It is the XXH3-128 of a line of text with type, shape and grid of chunks, followed by the hashes of
/// the decoded chunks of level 0 in C order (16 bytes each; of a chunk at the end of an axis, the
/// voxels inside the array).
struct ContentHash {
  let dataType: DataType
  let grid: ChunkGrid
  private var hashes: [Hash128?]

  init(dataType: DataType, grid: ChunkGrid) {
    self.dataType = dataType
    self.grid = grid
    hashes = Array(repeating: nil, count: grid.counts.count)
  }

  /// Sets the hash of one chunk; chunks that are never set hold zeros.
  subscript(chunk index: [Int]) -> Hash128? {
    get { hashes[grid.ordinal(of: index)] }
    set { hashes[grid.ordinal(of: index)] = newValue }
  }

  /// The hash of the whole.
  func value() -> Hash128 {
    let shape = grid.shape.sizes.map(String.init).joined(separator: ",")
    let chunk = grid.chunk.sizes.map(String.init).joined(separator: ",")
    var bytes = Array("vemdb content 1 \(dataType) \(shape) \(chunk)\n".utf8)
    bytes.reserveCapacity(bytes.count + 16 * hashes.count)
    var ofZeros: [Extent: Hash128] = [:]
    for (ordinal, hash) in hashes.enumerated() {
      if let hash {
        bytes += hash.bytes
      } else {
        let extent = grid.box(at: grid.index(ofOrdinal: ordinal)).extent
        let zeros =
          ofZeros[extent] ?? Hash128(of: [UInt8](repeating: 0, count: extent.count * dataType.byteCount))
        ofZeros[extent] = zeros
        bytes += zeros.bytes
      }
    }
    return Hash128(of: bytes)
  }
}
