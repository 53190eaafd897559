// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing

@testable import Runs

@Suite("Synthetic tissue")
struct SyntheticVolumeTests {
  @Test("a slice is the same whoever makes it, and no two are", arguments: [SyntheticTissue.source, .target])
  func deterministic(_ tissue: SyntheticTissue) {
    let first = SyntheticVolume(tissue).slice(7)
    let second = SyntheticVolume(tissue).slice(7)
    #expect(first.image == second.image)
    #expect(first.mitochondria == second.mitochondria)
    #expect(first.reticulum == second.reticulum)
    #expect(first.image != SyntheticVolume(tissue).slice(8).image)
  }

  @Test(
    "mitochondria are a tenth of a tissue, darker than the rest, and no endoplasmic reticulum",
    arguments: [SyntheticTissue.source, .target])
  func labels(_ tissue: SyntheticTissue) {
    let volume = SyntheticVolume(tissue)
    var voxels = (mitochondria: 0, reticulum: 0, both: 0, all: 0)
    var sums = (mitochondria: 0, rest: 0)
    for z in stride(from: 0, to: tissue.shape[0], by: 6) {
      let slice = volume.slice(z)
      let image = slice.image.elements(as: UInt8.self)
      let mitochondria = slice.mitochondria.elements(as: UInt8.self)
      let reticulum = slice.reticulum.elements(as: UInt8.self)
      for index in image.indices {
        voxels.all += 1
        if reticulum[index] != 0 { voxels.reticulum += 1 }
        if mitochondria[index] != 0 {
          voxels.mitochondria += 1
          sums.mitochondria += Int(image[index])
          if reticulum[index] != 0 { voxels.both += 1 }
        } else {
          sums.rest += Int(image[index])
        }
      }
    }
    #expect((0.05...0.15).contains(Double(voxels.mitochondria) / Double(voxels.all)))
    #expect((0.02...0.15).contains(Double(voxels.reticulum) / Double(voxels.all)))
    #expect(voxels.both == 0)
    #expect(
      sums.mitochondria / voxels.mitochondria + 20 < sums.rest / (voxels.all - voxels.mitochondria))
  }

  @Test("counted random numbers are uniform and normal")
  func random() {
    let random = CounterRandom(seed: 3)
    let uniform = (0..<20_000).map { random.uniform($0) }
    #expect(abs(uniform.reduce(0, +) / 20_000 - 0.5) < 0.01)
    let normal = (0..<20_000).map { random.stream(1).normal($0) }
    #expect(abs(normal.reduce(0, +) / 20_000) < 0.03)
    #expect(abs(normal.reduce(0) { $0 + $1 * $1 } / 20_000 - 1) < 0.05)
  }
}
