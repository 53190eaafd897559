// SPDX-License-Identifier: Apache-2.0

import Arrays

/// A tissue made of formulas, so that what is where is known: cells with membranes, mitochondria with
/// cristae, endoplasmic reticulum, vesicles, ribosomes, and a microscope that blurs and is noisy.
///
/// Equal values give equal voxels, whatever the number of threads.
struct SyntheticTissue: Sendable {
  /// Gray values from 0 (dark) to 1 (bright), before blur and noise.
  struct Palette: Sendable {
    let cytoplasm: Float, texture: Float
    let membrane: Float, gap: Float
    let matrix: Float, lumen: Float
    let vesicle: Float, ribosome: Float
    let noise: Float
  }

  /// Its name as a dataset.
  let name: String
  let seed: UInt64
  let voxelSize: VoxelSize
  /// z, y, x.
  var shape: Extent
  let palette: Palette
  /// Between cell centres, in nm.
  let cellSpacing: Float
  /// Of mitochondria, in nm.
  let radii: ClosedRange<Float>
  /// Of mitochondria, in nm.
  let lengths: ClosedRange<Float>
  /// Between cristae, in nm.
  let cristaeSpacing: Float
  /// Share of the volume that mitochondria fill at most.
  let mitochondriaShare: Float
  /// How much of the cytoplasm may have endoplasmic reticulum: 0 nowhere, 1 all of it.
  let reticulum: Float

  /// z, y, x sizes in nm.
  var field: SIMD3<Float> {
    SIMD3(
      Float(shape[0]) * Float(voxelSize.z), Float(shape[1]) * Float(voxelSize.y),
      Float(shape[2]) * Float(voxelSize.x))
  }
}

extension SyntheticTissue {
  /// The tissue that has many labels: well fixed, rich in contrast, with round dark mitochondria.
  static let source = SyntheticTissue(
    name: "source-tissue", seed: 11, voxelSize: VoxelSize(z: 40, y: 10, x: 10), shape: [32, 384, 384],
    palette: Palette(
      cytoplasm: 0.66, texture: 0.07, membrane: 0.24, gap: 0.8, matrix: 0.42, lumen: 0.78, vesicle: 0.3,
      ribosome: 0.42, noise: 0.05),
    cellSpacing: 2200, radii: 130...230, lengths: 300...1500, cristaeSpacing: 85, mitochondriaShare: 0.13,
    reticulum: 0.45)

  /// The tissue that has few: another voxel size, weak contrast, long thin mitochondria, more noise.
  static let target = SyntheticTissue(
    name: "target-tissue", seed: 23, voxelSize: VoxelSize(z: 30, y: 8, x: 8), shape: [32, 384, 384],
    palette: Palette(
      cytoplasm: 0.56, texture: 0.1, membrane: 0.26, gap: 0.66, matrix: 0.44, lumen: 0.66, vesicle: 0.34,
      ribosome: 0.38, noise: 0.065),
    cellSpacing: 1500, radii: 85...150, lengths: 500...1900, cristaeSpacing: 65, mitochondriaShare: 0.11,
    reticulum: 0.6)
}
