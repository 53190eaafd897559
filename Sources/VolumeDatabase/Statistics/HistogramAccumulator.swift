// SPDX-License-Identifier: Apache-2.0

import Catalog

/// A histogram whose bins grow with the values that come.
///
/// Bins are a power of two wide and begin at a multiple of it, so that two bins merge into one of twice
/// the width without loss. There are at most ``mostBins``; the width is the least (of whole numbers:
/// at least 1) with which they cover all values. What comes out therefore does not depend on the order
/// in which values, or partial histograms, came in.
struct HistogramAccumulator: Hashable, Sendable {
  /// The bins are 2^exponent wide.
  private(set) var exponent = 0
  /// The first bin begins at `first · 2^exponent`.
  private(set) var first = 0
  private(set) var counts: [Int] = []
  /// Whether the values are whole numbers, whose bins are never narrower than 1.
  private let isWhole: Bool

  static let mostBins = 1024

  init(isWhole: Bool = true) { self.isWhole = isWhole }

  private var scale = 1.0

  /// Makes room for a range of finite values.
  mutating func cover(_ range: ClosedRange<Double>) {
    if counts.isEmpty {
      exponent = isWhole ? 0 : Self.fittingExponent(range)
      while Self.span(range, exponent) > Self.mostBins { exponent += 1 }
      setScale()
      first = bin(range.lowerBound)
      counts = Array(repeating: 0, count: bin(range.upperBound) - first + 1)
      return
    }
    var lowest = Self.bin(range.lowerBound, exponent)
    var highest = Self.bin(range.upperBound, exponent)
    while max(highest, Double(first + counts.count - 1)) - min(lowest, Double(first)) >= Double(Self.mostBins)
    {
      coarsen()
      lowest = Self.bin(range.lowerBound, exponent)
      highest = Self.bin(range.upperBound, exponent)
    }
    let newFirst = min(first, Int(lowest))
    let newLast = max(first + counts.count - 1, Int(highest))
    if newFirst < first { counts.insert(contentsOf: repeatElement(0, count: first - newFirst), at: 0) }
    first = newFirst
    counts += repeatElement(0, count: newLast - first + 1 - counts.count)
  }

  /// Counts a value inside a range that ``cover(_:)`` was called with.
  mutating func count(_ value: Double) {
    counts[Int((value * scale).rounded(.down)) - first] += 1
  }

  /// Counts whole numbers of at most 32 bits inside a range that ``cover(_:)`` was called with.
  mutating func count<Element: FixedWidthInteger>(_ values: Span<Element>) {
    precondition(Element.bitWidth <= 32 && exponent >= 0, "bins of whole numbers are whole")
    for place in values.indices { counts[(Int(truncatingIfNeeded: values[place]) >> exponent) - first] += 1 }
  }

  /// Adds counts of the whole numbers from `lowest` on.
  mutating func add(counts added: [Int], lowest: Int) {
    guard let from = added.firstIndex(where: { $0 > 0 }), let to = added.lastIndex(where: { $0 > 0 }) else {
      return
    }
    cover(Double(lowest + from)...Double(lowest + to))
    for place in from...to where added[place] > 0 {
      counts[bin(Double(lowest + place)) - first] += added[place]
    }
  }

  /// Adds another histogram of values of the same kind.
  mutating func add(_ other: HistogramAccumulator) {
    combine(other, sign: 1)
  }

  /// Takes away a histogram of values that were added before.
  mutating func subtract(_ other: HistogramAccumulator) {
    combine(other, sign: -1)
  }

  private mutating func combine(_ other: HistogramAccumulator, sign: Int) {
    if other.counts.isEmpty { return }
    var other = other
    if counts.isEmpty {
      (exponent, first, scale) = (other.exponent, other.first, other.scale)
      counts = other.counts.map { $0 * sign }
      return
    }
    while exponent < other.exponent { coarsen() }
    while other.exponent < exponent { other.coarsen() }
    while max(first + counts.count, other.first + other.counts.count) - min(first, other.first)
      > Self.mostBins
    {
      coarsen()
      other.coarsen()
    }
    let newFirst = min(first, other.first)
    let newEnd = max(first + counts.count, other.first + other.counts.count)
    counts.insert(contentsOf: repeatElement(0, count: first - newFirst), at: 0)
    first = newFirst
    counts += repeatElement(0, count: newEnd - first - counts.count)
    for place in other.counts.indices { counts[other.first - first + place] += sign * other.counts[place] }
  }

  /// Merges pairs of bins.
  private mutating func coarsen() {
    let newFirst = first >> 1
    var merged = [Int](repeating: 0, count: ((first + counts.count - 1) >> 1) - newFirst + 1)
    for place in counts.indices { merged[((first + place) >> 1) - newFirst] += counts[place] }
    exponent += 1
    first = newFirst
    counts = merged
    setScale()
  }

  private mutating func setScale() { scale = Self.power(-exponent) }

  private func bin(_ value: Double) -> Int { Int((value * scale).rounded(.down)) }

  private static func bin(_ value: Double, _ exponent: Int) -> Double {
    (value * power(-exponent)).rounded(.down)
  }

  private static func span(_ range: ClosedRange<Double>, _ exponent: Int) -> Int {
    let span = bin(range.upperBound, exponent) - bin(range.lowerBound, exponent) + 1
    return span > Double(Self.mostBins) ? Self.mostBins + 1 : Int(span)
  }

  /// A width that surely is narrow enough, from which to widen.
  private static func fittingExponent(_ range: ClosedRange<Double>) -> Int {
    let width = range.upperBound - range.lowerBound
    let largest = max(abs(range.lowerBound), abs(range.upperBound))
    if largest == 0 { return -10 }
    // The number of a bin must be exact in 51 bits, or it would not fit an Int.
    let least = max(Int(largest.exponent) - 50, -1000)
    return width > 0 ? max(Int(width.exponent) - 11, least) : least
  }

  private static func power(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }
}

extension HistogramAccumulator {
  /// The histogram as the catalog keeps it, empty bins at the ends left out; `nil` if nothing was counted.
  var histogram: ValueHistogram? {
    guard let from = counts.firstIndex(where: { $0 > 0 }), let to = counts.lastIndex(where: { $0 > 0 }) else {
      return nil
    }
    let width = Self.power(exponent)
    return ValueHistogram(
      minimum: Double(first + from) * width, binWidth: width, counts: counts[from...to].map { max(0, $0) })
  }

  /// The histogram of a committed version, to be continued.
  init(_ histogram: ValueHistogram, isWhole: Bool) {
    self.init(isWhole: isWhole)
    guard histogram.binWidth > 0, histogram.binWidth.isFinite else { return }
    exponent = Int(histogram.binWidth.exponent)
    setScale()
    first = bin(histogram.minimum)
    counts = histogram.counts
  }

  /// The range that leaves out the darkest and the brightest 0.5 % of the voxels, as pictures of images
  /// are best shown.
  var displayRange: ClosedRange<Double>? {
    let total = counts.reduce(0, +)
    guard total > 0 else { return nil }
    let tail = total / 200
    var below = 0
    let low = counts.firstIndex { count in
      below += count
      return below > tail
    }
    var above = 0
    let high = counts.lastIndex { count in
      above += count
      return above > tail
    }
    guard let low, let high, low <= high else { return nil }
    let width = Self.power(exponent)
    // The last bin of whole numbers ends at its last number, not at the next bin's first.
    let end = Double(first + high + 1) * width - (isWhole ? 1 : 0)
    return Double(first + low) * width...max(end, Double(first + low) * width)
  }
}
