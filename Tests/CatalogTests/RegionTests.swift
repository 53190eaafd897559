// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import Testing

@testable import Catalog

/// A label volume in memory, from which the catalog's rows and the expected numbers are counted apart.
private struct Labels {
  let shape: Extent = [7, 13, 18]
  let chunk: Extent = [2, 4, 4]
  let shard: Extent = [2, 8, 8]
  let voxels: [UInt64]

  init(seed: UInt64, values: UInt64) {
    var generator = SplitMix(state: seed)
    let shape = self.shape
    // Blobs: each voxel takes the value of a coarse cell, so that chunks and objects differ.
    let cells = (0..<200).map { _ in generator.next() % 3 == 0 ? generator.next() % values + 1 : 0 }
    voxels = Box(shape).positions.map { position in
      cells[(position[0] / 3 * 37 + position[1] / 5 * 11 + position[2] / 7) % 200]
    }
  }

  func value(at position: [Int]) -> UInt64 {
    voxels[zip(position, shape.strides).reduce(0) { $0 + $1.0 * $1.1 }]
  }

  func entries(classID: Int64) -> [ShardEntry] {
    let shards = ChunkGrid(shape: shape, chunk: shard)
    let chunks = ChunkGrid(shape: shape, chunk: chunk)
    return Box(shards.counts).positions.compactMap { index in
      let box = shards.box(at: index)
      var statistics: [ChunkStatistic] = []
      for chunkIndex in chunks.chunks(touching: box).positions {
        var counts: [UInt64: Int] = [:]
        for position in chunks.box(at: chunkIndex).positions { counts[value(at: position), default: 0] += 1 }
        let nonzero = counts.filter { $0.key != 0 }.values.reduce(0, +)
        if nonzero == 0 { continue }
        statistics.append(
          ChunkStatistic(
            index: chunkIndex, minimum: 0, maximum: 1, nonzero: nonzero, hash: Hash128(high: 0, low: 0),
            counts: counts))
      }
      if statistics.isEmpty { return nil }
      var members: [UInt64: [[Int]]] = [:]
      for position in box.positions where value(at: position) != 0 {
        members[value(at: position), default: []].append(position)
      }
      let fragments = members.map { id, positions in
        InstanceFragment(
          instance: id, classID: classID, voxels: positions.count, box: bounds(positions),
          sums: (0..<3).map { axis in positions.reduce(0) { $0 + $1[axis] } })
      }
      let key = "0/c/" + index.map(String.init).joined(separator: "/")
      return ShardEntry(
        ShardRecord(key: key, level: 0, index: index, byteCount: 1, hash: Hash128(high: 0, low: 0)),
        chunks: statistics, fragments: fragments)
    }
  }

  func counts(in region: Box) -> [UInt64: Int] {
    var counts: [UInt64: Int] = [:]
    for position in region.positions where value(at: position) != 0 {
      counts[value(at: position), default: 0] += 1
    }
    return counts
  }
}

private func bounds(_ positions: [[Int]]) -> Box {
  let first = Box(origin: positions[0], extent: [1, 1, 1])
  return positions.reduce(first) { $0.union(Box(origin: $1, extent: [1, 1, 1])) }
}

private struct SplitMix {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  mutating func box(in shape: Extent) -> Box {
    let ends = shape.sizes.map { size in [Int(next() % UInt64(size)), Int(next() % UInt64(size))].sorted() }
    return Box(lower: ends.map { $0[0] }, upper: ends.map { $0[1] + 1 })
  }
}

@Suite("Regions of the catalog")
struct RegionTests {
  private func stored(_ labels: Labels, in scratch: Scratch, name: String) throws -> VersionRecord {
    let volume = try scratch.volume(name, kind: .label)
    var draft = scratch.draft(volume, labels.shape, type: .uint64)
    draft.chunk = labels.chunk
    draft.shard = labels.shard
    let version = try scratch.catalog.reserveVersion(draft)
    let mito = try scratch.catalog.classNamed("mito").id
    try scratch.catalog.addShards(labels.entries(classID: mito), to: version.id)
    return version
  }

  @Test("whole chunks by their statistics and boundary chunks by their voxels give the voxels of a region")
  func counts() throws {
    let scratch = try Scratch()
    let labels = Labels(seed: 7, values: 5)
    let version = try stored(labels, in: scratch, name: "a")
    _ = try stored(Labels(seed: 8, values: 5), in: scratch, name: "b")
    let grid = ChunkGrid(shape: labels.shape, chunk: labels.chunk)
    var generator = SplitMix(state: 1)
    let regions = [Box(labels.shape)] + (0..<200).map { _ in generator.box(in: labels.shape) }
    for region in regions {
      let found = try scratch.catalog.regionCounts(ofVersion: version.id, in: region)
      var counts = found.counts
      for index in found.boundaryChunks {
        let part = grid.box(at: index).intersection(region)
        #expect(!part.isEmpty && part != grid.box(at: index))
        for (value, voxels) in labels.counts(in: part) { counts[value, default: 0] += voxels }
      }
      #expect(counts == labels.counts(in: region), "\(region)")
      #expect(found.nonzero == found.counts.values.reduce(0, +))
    }
    #expect(
      try scratch.catalog.regionCounts(ofVersion: version.id, in: Box(labels.shape)).boundaryChunks.isEmpty)
  }

  @Test("the objects of a region are whole, and none that touches it is missing")
  func instances() throws {
    let scratch = try Scratch()
    let labels = Labels(seed: 3, values: 40)
    let version = try stored(labels, in: scratch, name: "a")
    _ = try stored(Labels(seed: 4, values: 40), in: scratch, name: "b")
    var members: [UInt64: [[Int]]] = [:]
    for position in Box(labels.shape).positions where labels.value(at: position) != 0 {
      members[labels.value(at: position), default: []].append(position)
    }
    let all = try scratch.catalog.instances(ofVersion: version.id)
    #expect(all.map(\.id) == members.keys.sorted())
    for one in all {
      let positions = try #require(members[one.id])
      #expect(one.voxels == positions.count)
      #expect(one.box == bounds(positions))
      for axis in 0..<3 {
        let mean = positions.reduce(0.0) { $0 + Double($1[axis]) } / Double(positions.count)
        #expect(abs(one.centroid[axis] - mean) < 1e-9)
      }
    }
    let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
    var generator = SplitMix(state: 2)
    for _ in 0..<200 {
      let region = generator.box(in: labels.shape)
      let found = try scratch.catalog.instances(ofVersion: version.id, touching: region)
      #expect(Set(labels.counts(in: region).keys).isSubset(of: found.map(\.id)))
      for one in found { #expect(one == byID[one.id] && one.box.intersects(region)) }
      let fragments = try scratch.catalog.fragments(ofVersion: version.id, touching: region)
      #expect(Set(fragments.map(\.instance)) == Set(found.map(\.id)))
    }
  }
}
