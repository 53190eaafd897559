// SPDX-License-Identifier: Apache-2.0

import Arrays
import VolumeDatabase

/// Where the labels of a pair are cut for one of several folds: into slabs of equal numbers of labelled
/// slices, or of equal width along x where there are few slices.
struct FoldCut: Hashable, Sendable {
  /// Fewer labelled slices than this are cut along x.
  static let fewest = 40

  let axis: Int
  /// The positions along the axis that serve for validation.
  let validation: Range<Int>
  /// How many positions on either side serve for nothing.
  let gap: Int

  /// - Parameters:
  ///   - boxes: Where there are labels, of all classes of the pair.
  ///   - fold: From 1 to `folds`.
  /// - Returns: `nil` if a fold would have no labels.
  init?(
    _ boxes: [Box], shape: Extent, voxelSize: VoxelSize, folds: Int, fold: Int, guarded: SplitGuard
  ) {
    let slices = boxes.slices.sorted()
    guard let first = boxes.map({ $0.lower[2] }).min(), let last = boxes.map({ $0.upper[2] }).max()
    else { return nil }
    let axis = slices.count >= Self.fewest ? 0 : 2
    func position(_ number: Int) -> Int {
      if number == 0 { return 0 }
      if number == folds { return shape[axis] }
      return axis == 0 ? slices[slices.count * number / folds] : first + (last - first) * number / folds
    }
    self.axis = axis
    validation = position(fold - 1)..<position(fold)
    gap = Int((guarded.needed(voxelSize: voxelSize) / voxelSize.nanometres[axis] - 1e-9).rounded(.up))
    if validation.isEmpty { return nil }
  }

  /// The parts of boxes that are learned from, and those that serve for validation.
  func parts(of boxes: [Box]) -> (training: [Box], validation: [Box]) {
    func part(_ range: Range<Int>) -> [Box] {
      boxes.map { box in
        var (lower, upper) = (box.lower, box.upper)
        lower[axis] = max(lower[axis], range.lowerBound)
        upper[axis] = min(upper[axis], range.upperBound)
        return Box(lower: lower, upper: upper)
      }.filter { !$0.isEmpty }
    }
    let low = validation.lowerBound - gap
    let high = validation.upperBound + gap
    return (part(min(0, low)..<low) + part(high..<max(high, .max)), part(validation))
  }
}

extension [Box] {
  /// The slices that any of the boxes has a part of.
  var slices: Set<Int> { Set(flatMap { $0.range(0) }) }
}
