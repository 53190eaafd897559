// SPDX-License-Identifier: Apache-2.0

extension Box {
  /// The part of this box that lies outside `other`, as disjoint boxes (at most two an axis).
  public func subtracting(_ other: Box) -> [Box] {
    let common = intersection(other)
    if common.isEmpty { return isEmpty ? [] : [self] }
    var pieces: [Box] = []
    var lower = self.lower
    var upper = self.upper
    for axis in 0..<rank {
      if lower[axis] < common.lower[axis] {
        var end = upper
        end[axis] = common.lower[axis]
        pieces.append(Box(lower: lower, upper: end))
        lower[axis] = common.lower[axis]
      }
      if common.upper[axis] < upper[axis] {
        var start = lower
        start[axis] = common.upper[axis]
        pieces.append(Box(lower: start, upper: upper))
        upper[axis] = common.upper[axis]
      }
    }
    return pieces
  }
}

extension Sequence<Box> {
  /// Disjoint boxes that cover just what these boxes cover, each element once.
  public func disjoint() -> [Box] {
    var result: [Box] = []
    for box in self where !box.isEmpty {
      var pieces = [box]
      for known in result { pieces = pieces.flatMap { $0.subtracting(known) } }
      result += pieces
    }
    return result
  }
}
