// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Testing

@testable import VolumeDatabase

@Suite("Statistics of shards")
struct ShardScanTests {
  private let labels = ShardScan.Purpose(countsValues: true, instanceClass: 5, makesHistogram: false)
  private let images = ShardScan.Purpose(countsValues: false, instanceClass: nil, makesHistogram: true)

  @Test("chunks at the end count only voxels inside the array")
  func raggedChunks() {
    // 1 × 3 × 5 in chunks of 1 × 2 × 4: four chunks of 8, 2, 4 and 1 voxels.
    let block = NDArray(
      [
        0, 0, 0, 7, 7,
        0, 0, 0, 0, 7,
        1, 1, 0, 0, 0,
      ] as [UInt8], [1, 3, 5])
    let scan = ShardScan(block, at: [4, 2, 8], chunk: [1, 2, 4], for: labels)
    #expect(scan.chunks.map(\.index) == [[4, 1, 2], [4, 1, 3], [4, 2, 2], [4, 2, 3]])
    #expect(scan.chunks.map(\.nonzero) == [1, 2, 2, 0])
    #expect(scan.chunks.map(\.maximum) == [7, 7, 1, 0])
    #expect(scan.chunks.map(\.minimum) == [0, 7, 0, 0])
    #expect(scan.chunks[2].counts == [0: 2, 1: 2])
    #expect(scan.chunks[1].hash == Hash128(of: [7, 7]))
  }

  @Test("ids above 2⁶³ keep their bits, and fragments have exact boxes and sums")
  func fragments() throws {
    let large: UInt64 = 1 << 63 + 1
    let odd: UInt64 = 1 << 53 + 1
    let block = NDArray([large, large, 0, odd, 0, large] as [UInt64], [1, 2, 3])
    let scan = ShardScan(block, at: [10, 20, 30], chunk: [1, 2, 4], for: labels)
    #expect(scan.fragments.map(\.instance) == [odd, large])
    let fragment = try #require(scan.fragments.last)
    // Voxels at (10, 20, 30), (10, 20, 31) and (10, 21, 32).
    #expect(fragment.voxels == 3)
    #expect(fragment.box == Box(lower: [10, 20, 30], upper: [11, 22, 33]))
    #expect(fragment.sums == [30, 61, 93])
    #expect(scan.chunks[0].counts == [0: 2, odd: 1, large: 3])
  }

  @Test("a chunk of more than 256 values counts none of them")
  func manyValues() {
    let block = NDArray((0..<600).map { UInt16($0) }, [1, 20, 30])
    let scan = ShardScan(block, at: [0, 0, 0], chunk: [1, 20, 30], for: labels)
    #expect(scan.chunks[0].counts.isEmpty)
    #expect(scan.chunks[0].nonzero == 599)
    #expect(scan.fragments.count == 599)
  }

  @Test("values of 8 bits have one bin each")
  func byteHistogram() throws {
    let block = NDArray([3, 3, 5, 255, 0, 3] as [UInt8], [1, 2, 3])
    let scan = ShardScan(block, at: [0, 0, 0], chunk: [1, 1, 2], for: images)
    let histogram = try #require(scan.histogram.histogram)
    #expect(histogram.minimum == 0)
    #expect(histogram.binWidth == 1)
    #expect(histogram.counts.count == 256)
    #expect(histogram.counts[3] == 3)
    #expect(histogram.counts.reduce(0, +) == 6)
  }

  @Test("a histogram does not depend on the order of what is added")
  func order() {
    let parts: [[UInt16]] = [[5, 6, 7], [40_000, 3], [1_000, 1_001, 1_002]]
    var results: Set<HistogramAccumulator> = []
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
      var sum = HistogramAccumulator()
      for place in order {
        let block = NDArray(parts[place], [1, 1, parts[place].count])
        sum.add(ShardScan(block, at: [0, 0, 0], chunk: [1, 1, 8], for: images).histogram)
      }
      results.insert(sum)
    }
    #expect(results.count == 1)
    // 3 … 40,000 in at most 1024 bins: of 64 values each, 0 … 625.
    #expect(results.first?.histogram?.binWidth == 64)
    #expect(results.first?.histogram?.counts.first == 4)
  }

  @Test("what was added can be taken away")
  func subtraction() {
    func histogram(_ values: [Float]) -> HistogramAccumulator {
      ShardScan(NDArray(values, [1, 1, values.count]), at: [0, 0, 0], chunk: [1, 1, 8], for: images).histogram
    }
    var sum = histogram([0.25, 0.5])
    sum.add(histogram([-1, 1, .nan, .infinity]))
    #expect(sum.histogram?.counts.reduce(0, +) == 4)
    sum.subtract(histogram([-1, 1]))
    #expect(sum.histogram?.counts.reduce(0, +) == 2)
    #expect(sum.histogram?.minimum == 0.25)
  }

  @Test("a constant image of real numbers has one bin that holds its value")
  func constant() throws {
    let block = NDArray([Float](repeating: 0.1, count: 10), [1, 1, 10])
    let scan = ShardScan(block, at: [0, 0, 0], chunk: [1, 1, 10], for: images)
    let histogram = try #require(scan.histogram.histogram)
    #expect(histogram.counts == [10])
    #expect(
      histogram.minimum <= Double(Float(0.1)) && Double(Float(0.1)) < histogram.minimum + histogram.binWidth)
  }

  @Test("negative values keep their sign in bins and bounds")
  func negative() {
    let block = NDArray([-5, -3000, 4] as [Int16], [1, 1, 3])
    let scan = ShardScan(block, at: [0, 0, 0], chunk: [1, 1, 3], for: images)
    #expect(scan.chunks[0].minimum == -3000)
    // 3005 values in bins of 4: the first begins at −3000.
    #expect(scan.histogram.histogram?.minimum == -3000)
    #expect(scan.histogram.histogram?.binWidth == 4)
  }
}
