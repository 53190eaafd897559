// SPDX-License-Identifier: Apache-2.0

import Arrays

/// How many voxels an object has at least.
enum MinimumSize {
  /// Voxels as in `100`, or a volume as in `0.01um3`, `0.01µm³` or `500000nm3`.
  static func voxels(_ text: String, voxelSize: VoxelSize) throws(InstanceError) -> Int {
    let plain = text.lowercased().filter { $0 != " " }.replacing("³", with: "3").replacing("μ", with: "u")
      .replacing("µ", with: "u")
    for (unit, nanometres) in [("um3", 1e9), ("nm3", 1.0)] where plain.hasSuffix(unit) {
      guard let number = Double(plain.dropLast(3)), number >= 0, number < 1e12 else { break }
      let voxel = voxelSize.nanometres.reduce(1, *)
      // Sizes are decimals: what is a whole number of voxels but for rounding is that number.
      return Int((number * nanometres / voxel * (1 - 1e-9)).rounded(.up))
    }
    guard let number = Int(plain), number >= 0 else {
      throw .badOption(
        "--minimum-size", reason: "'\(text)' is no size: give voxels as in 100, or a volume as in 0.01um3")
    }
    return number
  }
}
