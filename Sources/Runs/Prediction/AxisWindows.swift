// SPDX-License-Identifier: Apache-2.0

/// How one axis is cut into tiles: cores that share nothing, and around each a window with context.
struct AxisWindows: Hashable, Sendable {
  /// The part whose result is kept.
  let core: Range<Int>

  /// What the network is given.
  let window: Range<Int>

  /// The tiles of `range`, each core of about `size` voxels.
  ///
  /// - Parameters:
  ///   - count: The length of the axis, a multiple of `alignment`; windows end at its faces.
  ///   - alignment: Windows begin and end at its multiples.
  ///   - halo: The context, a multiple of `alignment`.
  static func tiles(
    of range: Range<Int>, count: Int, size: Int, alignment: Int, halo: Int
  ) -> [AxisWindows] {
    guard !range.isEmpty else { return [] }
    let lower = range.lowerBound / alignment
    let upper = (range.upperBound + alignment - 1) / alignment
    // Up to two steps more than asked, or what alignment adds to a range would cost another tile.
    let steps = max(1, size / alignment)
    let parts = max(1, (upper - lower - 2 + steps - 1) / steps)
    return (0..<parts).compactMap { part in
      let first = (lower + (upper - lower) * part / parts) * alignment
      let last = (lower + (upper - lower) * (part + 1) / parts) * alignment
      let core = max(first, range.lowerBound)..<min(last, range.upperBound)
      if core.isEmpty { return nil }
      return AxisWindows(core: core, window: max(0, first - halo)..<min(count, last + halo))
    }
  }

  /// The most that a window of a core of `size` has.
  static func longestWindow(count: Int, size: Int, alignment: Int, halo: Int) -> Int {
    min(count, size + 2 * alignment + 2 * halo)
  }

  /// How many voxels all windows of the whole axis have.
  static func cost(count: Int, size: Int, alignment: Int, halo: Int) -> Int {
    tiles(of: 0..<count, count: count, size: size, alignment: alignment, halo: halo)
      .reduce(0) { $0 + $1.window.count }
  }
}
