// SPDX-License-Identifier: Apache-2.0

import Arrays
import Networks
import Tensors
import Training

/// Draws patches straight from stored chunks, through each volume's preprocessed planes.
///
/// The pairs take turns, so that a batch mixes tissues; a share of the patches (half by default) have a
/// voxel of a class near their middle, each class as often as the others, the others any voxel whose label
/// is known. Everything drawn depends on the seed, the purpose, the step and the item alone.
struct DatabaseSampler: Sampler {
  let pairs: [PairSource]
  let seed: UInt64
  let batch: Int
  /// Depth, height, width.
  let patch: [Int]
  let classCount: Int
  /// Which pair an item is drawn from.
  let turns: WeightedTurns
  /// The share of patches that have a voxel of a class near their middle.
  let foreground: Double

  init(
    pairs: [PairSource], weights: [Double] = [], seed: UInt64, batch: Int, patch: [Int], classCount: Int,
    foreground: Double = 0.5
  ) {
    self.pairs = pairs
    self.seed = seed
    self.batch = batch
    self.patch = patch
    self.classCount = classCount
    self.foreground = foreground
    turns = WeightedTurns(count: pairs.count, weights: weights)
  }

  var inputShape: [Int] { [batch, 1] + patch }

  func batch(_ purpose: BatchPurpose, step: Int) throws -> Batch {
    let voxels = patch.reduce(1, *)
    var input = Tensor(zeros: inputShape)
    var target = Tensor(zeros: [batch, classCount] + patch)
    var mask = Tensor(zeros: [batch, classCount] + patch)
    for item in 0..<batch {
      let source = pairs[turns[step * batch + item]]
      let place = try place(in: source, purpose, step: step, item: item)
      try input.withMutableSpan { input in
        try source.copyImage(
          place, height: patch[1], width: patch[2], to: &input, at: item * voxels)
      }
      try target.withMutableSpan { target in
        try mask.withMutableSpan { mask in
          for index in 0..<classCount {
            try source.copyLabels(
              index, within: \.training, place, height: patch[1], width: patch[2], target: &target,
              mask: &mask, at: (item * classCount + index) * voxels)
          }
        }
      }
    }
    return Batch(input: input, target: target, mask: mask)
  }

  /// Where the patch of an item lies.
  func place(
    in source: PairSource, _ purpose: BatchPurpose, step: Int, item: Int
  ) throws -> PatchGeometry.Place {
    var random = SplitMix64(seed: seed, keys: purpose.rawValue, UInt64(step), UInt64(item))
    let geometry = PatchGeometry(grid: source.grid, patch: patch)
    let labelled = source.classes.compactMap { $0 }.filter { $0.target == .mask && !$0.training.isEmpty }
    precondition(!labelled.isEmpty, "a pair that is drawn from has labels")
    let which = random.next()
    var chosen = labelled[Int(which % UInt64(labelled.count))]
    if Double(random.next() >> 11) * 0x1p-53 < foreground {
      // A class that is nowhere here leaves its turn to one that is.
      let found = labelled.filter { !$0.foreground.isEmpty }
      if chosen.foreground.isEmpty && !found.isEmpty { chosen = found[Int(which % UInt64(found.count))] }
      if let voxel = try chosen.foregroundVoxel(grid: source.grid, &random) {
        return geometry.place(around: voxel[0], voxel[1], voxel[2], &random)
      }
    }
    let voxel = BoxChoice(boxes: chosen.training).draw(&random)
    let y = min(source.grid.extent[1] - 1, Int(Double(voxel[1]) / source.grid.factors.y))
    let x = min(source.grid.extent[2] - 1, Int(Double(voxel[2]) / source.grid.factors.x))
    return geometry.place(around: voxel[0], y, x, &random)
  }
}
