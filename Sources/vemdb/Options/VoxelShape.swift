// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Three sizes in voxels, `z,y,x`.
struct VoxelShape: Hashable, Sendable, ExpressibleByArgument {
  let sizes: [Int]

  init?(argument: String) {
    sizes = argument.split(separator: ",", omittingEmptySubsequences: false).compactMap { Int($0) }
    guard sizes.count == 3, sizes.allSatisfy({ $0 > 0 }) else { return nil }
  }
}
