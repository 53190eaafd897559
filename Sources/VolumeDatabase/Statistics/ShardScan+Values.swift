// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog

extension ShardScan {
  /// What is known of one chunk; its values go to the histogram where one is made.
  static func facts(
    of chunk: NDArray, index: [Int], for purpose: Purpose, _ histogram: inout HistogramAccumulator
  ) -> ChunkStatistic {
    switch chunk.dataType {
    case .bool, .uint8: bytes(chunk, index, purpose, &histogram)
    case .int8: integers(Int8.self, chunk, index, purpose, &histogram)
    case .int16: integers(Int16.self, chunk, index, purpose, &histogram)
    case .int32: integers(Int32.self, chunk, index, purpose, &histogram)
    case .int64: integers(Int64.self, chunk, index, purpose, &histogram)
    case .uint16: integers(UInt16.self, chunk, index, purpose, &histogram)
    case .uint32: integers(UInt32.self, chunk, index, purpose, &histogram)
    case .uint64: integers(UInt64.self, chunk, index, purpose, &histogram)
    case .float16: reals(Float16.self, chunk, index, purpose, &histogram)
    case .float32: reals(Float.self, chunk, index, purpose, &histogram)
    case .float64: reals(Double.self, chunk, index, purpose, &histogram)
    }
  }

  /// 8-bit voxels: one table of 256 counts says everything.
  private static func bytes(
    _ chunk: NDArray, _ index: [Int], _ purpose: Purpose, _ histogram: inout HistogramAccumulator
  ) -> ChunkStatistic {
    let counts = countBytes(chunk)
    if purpose.makesHistogram { histogram.add(counts: counts, lowest: 0) }
    let present = counts.indices.filter { counts[$0] > 0 }
    var values: [UInt64: Int] = [:]
    if purpose.countsValues { for value in present { values[UInt64(value)] = counts[value] } }
    return ChunkStatistic(
      index: index, minimum: present.first.map(Double.init), maximum: present.last.map(Double.init),
      nonzero: chunk.count - counts[0], hash: hash(of: chunk), counts: values)
  }

  private static func integers<Element: ArrayElement & FixedWidthInteger>(
    _: Element.Type, _ chunk: NDArray, _ index: [Int], _ purpose: Purpose,
    _ histogram: inout HistogramAccumulator
  ) -> ChunkStatistic {
    var minimum = Element.max
    var maximum = Element.min
    var zeros = 0
    chunk.withSpan(of: Element.self) { voxels in
      for place in voxels.indices {
        let value = voxels[place]
        minimum = min(minimum, value)
        maximum = max(maximum, value)
        zeros &+= value == 0 ? 1 : 0
      }
    }
    if purpose.makesHistogram && chunk.count > 0 {
      histogram.cover(Double(minimum)...Double(maximum))
      chunk.withSpan(of: Element.self) { voxels in
        if Element.bitWidth <= 32 {
          histogram.count(voxels)
        } else {
          for place in voxels.indices { histogram.count(Double(voxels[place])) }
        }
      }
    }
    return ChunkStatistic(
      index: index, minimum: Double(minimum), maximum: Double(maximum), nonzero: chunk.count - zeros,
      hash: hash(of: chunk), counts: purpose.countsValues ? values(Element.self, chunk) : [:])
  }

  /// Voxels by value, none if there are too many values.
  private static func values<Element: ArrayElement & FixedWidthInteger>(
    _: Element.Type, _ chunk: NDArray
  ) -> [UInt64: Int] {
    var counts: [Element: Int] = [:]
    chunk.withSpan(of: Element.self) { voxels in
      guard voxels.count > 0 else { return }
      var value = voxels[0]
      var run = 0
      for place in voxels.indices {
        if voxels[place] == value {
          run &+= 1
          continue
        }
        counts[value, default: 0] += run
        if counts.count > mostValues { return }
        value = voxels[place]
        run = 1
      }
      counts[value, default: 0] += run
    }
    if counts.count > mostValues { return [:] }
    return Dictionary(uniqueKeysWithValues: counts.map { (UInt64(truncatingIfNeeded: $0.key), $0.value) })
  }

  private static func reals<Element: ArrayElement & BinaryFloatingPoint>(
    _: Element.Type, _ chunk: NDArray, _ index: [Int], _ purpose: Purpose,
    _ histogram: inout HistogramAccumulator
  ) -> ChunkStatistic {
    var minimum = Element.infinity
    var maximum = -Element.infinity
    var zeros = 0
    chunk.withSpan(of: Element.self) { voxels in
      for place in voxels.indices {
        let value = voxels[place]
        // A negative zero has a bit set and is stored.
        zeros &+= value == 0 && value.sign == .plus ? 1 : 0
        guard value.isFinite else { continue }
        minimum = min(minimum, value)
        maximum = max(maximum, value)
      }
    }
    if purpose.makesHistogram && minimum <= maximum {
      histogram.cover(Double(minimum)...Double(maximum))
      chunk.withSpan(of: Element.self) { voxels in
        for place in voxels.indices where voxels[place].isFinite { histogram.count(Double(voxels[place])) }
      }
    }
    return ChunkStatistic(
      index: index, minimum: minimum <= maximum ? Double(minimum) : nil,
      maximum: minimum <= maximum ? Double(maximum) : nil, nonzero: chunk.count - zeros,
      hash: hash(of: chunk))
  }
}
