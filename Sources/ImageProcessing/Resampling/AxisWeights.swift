// SPDX-License-Identifier: Apache-2.0

/// For each pixel of a resampled axis: from which pixels, by which weights. Pixel centres of both
/// grids are aligned, so that nothing shifts.
struct AxisWeights {
  /// One source pixel and its weight.
  struct Term {
    let source: Int
    let weight: Float
  }

  /// The terms of all pixels, in rising order of the source.
  private(set) var terms: [Term] = []

  /// Where each pixel's terms begin, and the end of the last one's.
  private(set) var starts: [Int] = [0]

  /// Means over the area of each new pixel, as OpenCV's `INTER_AREA` computes them.
  ///
  /// - Precondition: `target ≤ source`, neither 0.
  init(areaFrom source: Int, to target: Int) {
    let scale = Double(source) / Double(target)
    for index in 0..<target {
      let lower = Double(index) * scale
      let upper = lower + scale
      let width = min(scale, Double(source) - lower)
      let last = min(Int(upper.rounded(.down)), source - 1)
      let first = min(Int(lower.rounded(.up)), last)
      // Slivers below a thousandth of a pixel are left out.
      if Double(first) - lower > 1e-3 {
        add(first - 1, (Double(first) - lower) / width)
      }
      for whole in first..<last { add(whole, 1 / width) }
      if upper - Double(last) > 1e-3 {
        add(last, min(min(upper - Double(last), 1), width) / width)
      }
      starts.append(terms.count)
    }
  }

  /// Linear weights, the border pixel continued beyond the border.
  ///
  /// - Precondition: Neither is 0.
  init(linearFrom source: Int, to target: Int) {
    let scale = Double(source) / Double(target)
    for index in 0..<target {
      let place = Float((Double(index) + 0.5) * scale - 0.5)
      let first = place.rounded(.down)
      let lower = Int(first)
      if lower < 0 {
        add(0, 1)
      } else if lower >= source - 1 {
        add(source - 1, 1)
      } else {
        terms.append(Term(source: lower, weight: 1 - (place - first)))
        terms.append(Term(source: lower + 1, weight: place - first))
      }
      starts.append(terms.count)
    }
  }

  private mutating func add(_ source: Int, _ weight: Double) {
    terms.append(Term(source: source, weight: Float(weight)))
  }
}

/// The pixel that holds the centre of each new pixel; exact for every size.
func nearestSources(from source: Int, to target: Int) -> [Int] {
  (0..<target).map { (2 * $0 + 1) * source / (2 * target) }
}
