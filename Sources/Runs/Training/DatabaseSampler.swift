// SPDX-License-Identifier: Apache-2.0

import Arrays
import Networks
import Tensors
import Training

/// Draws patches straight from stored chunks, through each volume's preprocessed planes.
///
/// The pairs take turns, so that a batch mixes tissues; half of the patches have a foreground voxel near
/// their middle, the others any voxel whose label is known. Everything drawn depends on the seed, the
/// purpose, the step and the item alone.
struct DatabaseSampler: Sampler {
  let pairs: [PairSource]
  let seed: UInt64
  let batch: Int
  /// Depth, height, width.
  let patch: [Int]
  let classCount: Int

  var inputShape: [Int] { [batch, 1] + patch }

  func batch(_ purpose: BatchPurpose, step: Int) throws -> Batch {
    let voxels = patch.reduce(1, *)
    var input = Tensor(zeros: inputShape)
    var target = Tensor(zeros: [batch, classCount] + patch)
    var mask = Tensor(zeros: [batch, classCount] + patch)
    for item in 0..<batch {
      let source = pairs[(step * batch + item) % pairs.count]
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
    let labelled = source.classes.compactMap { $0 }.filter { !$0.training.isEmpty }
    precondition(!labelled.isEmpty, "a pair that is drawn from has labels")
    let chosen = labelled[Int(random.next() % UInt64(labelled.count))]
    if random.next() >> 63 == 0,
      let voxel = try chosen.foregroundVoxel(grid: source.grid, &random)
    {
      return geometry.place(around: voxel[0], voxel[1], voxel[2], &random)
    }
    let voxel = BoxChoice(boxes: chosen.training).draw(&random)
    let y = min(source.grid.extent[1] - 1, Int(Double(voxel[1]) / source.grid.factors.y))
    let x = min(source.grid.extent[2] - 1, Int(Double(voxel[2]) / source.grid.factors.x))
    return geometry.place(around: voxel[0], y, x, &random)
  }
}
