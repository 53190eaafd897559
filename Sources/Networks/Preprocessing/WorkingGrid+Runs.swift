// SPDX-License-Identifier: Apache-2.0

import Arrays

/// What is seen of a volume that lacks slices: each run of seen planes without a missing one is like a volume
/// of its own, at whose ends a network pads as at those of a volume.
extension WorkingGrid {
  /// The planes of a phase that lie in slices of the volume; empty if none does.
  public func planes(of slices: Range<Int>, phase: Int) -> Range<Int> {
    func plane(_ slice: Int) -> Int { max(0, (slice - phase + stride - 1) / stride) }
    return plane(slices.lowerBound)..<plane(slices.upperBound)
  }

  /// The runs of a phase, counted in its planes, in rising order.
  public func runs(phase: Int) -> [Range<Int>] { covered.map { planes(of: $0, phase: phase) }.merged() }

  /// The run of the slice's phase that holds a slice, counted in planes.
  ///
  /// - Returns: `nil` if the volume lacks the slice.
  public func run(of slice: Int) -> Range<Int>? {
    guard covered.contains(where: { $0.contains(slice) }) else { return nil }
    return runs(phase: slice % stride).first { $0.contains(slice / stride) }
  }
}
