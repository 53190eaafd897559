// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing

@Suite("Voxel size")
struct VoxelSizeTests {
  @Test(
    "units become exact nanometres",
    arguments: [
      ("50,8,8nm", [50, 8, 8]), ("0.05,0.008,0.009um", [50, 8, 9]), ("500,80,90A", [50, 8, 9]),
      ("5e-2, 8e-3, 4.6e-3 µm", [50, 8, 4.6]),
    ])
  func units(_ text: String, _ expected: [Double]) throws {
    #expect(try VoxelSize(parsing: text).nanometres == expected)
  }

  @Test(
    "what is no voxel size is refused",
    arguments: ["", "nm", "50,8,8", "50,8nm", "50,8,8,8nm", "0,8,8nm", "-5,8,8nm", "a,b,cnm", "50,8,8parsec"])
  func refused(_ text: String) {
    #expect(throws: VoxelSizeError.self) { try VoxelSize(parsing: text) }
  }
}
