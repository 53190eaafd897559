// SPDX-License-Identifier: Apache-2.0

import Foundation
import TestData
import Testing

/// Every number of a query against NumPy over the voxels of the source files.
@Suite(
  "Queries over the real sets",
  .enabled(if: ForeignProgram.arePresent, "\(ForeignProgram.absence)"),
  .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
struct QueryNumbersTests {
  @Test("voxels, volumes, coverage and objects are those that NumPy counts")
  func numbers() throws {
    let folder = try TemporaryFolder()
    let program = VemdbProgram(database: folder("lab.vemdb"))
    let data = SharedData.url("data").path
    let map =
      "membrane=0,membrane=32,membrane=64,membrane=96,membrane_junction=128,glia=159,mito=191,synapse=223,"
      + "background=255"
    let hela = "\(data)/hela-sbfsem"
    let medulla = "\(data)/medulla-drosophila-fibsem"
    let vnc = "\(data)/vnc-drosophila-sstem"
    for arguments in [
      ["init", folder("lab.vemdb").path],
      ["ingest", "image", "vnc/em", "\(vnc)/raw", "--voxel-size", "45,4.6,4.6nm"],
      [
        "ingest", "labels", "vnc/mito", "\(vnc)/mitochondria", "--like", "vnc/em", "--classes",
        "mito=nonzero",
      ],
      ["ingest", "labels", "vnc/map", "\(vnc)/labels", "--like", "vnc/em", "--classes", map],
      ["ingest", "image", "medulla/em", "\(medulla)/grayscale_maps", "--voxel-size", "10,10,10nm"],
      [
        "ingest", "labels", "medulla/bodies", "\(medulla)/neuron_bodies_uint32.tif", "--like", "medulla/em",
        "--classes", "neuron=nonzero", "--instances",
      ],
      ["ingest", "image", "hela/em", "\(hela)/raw", "--voxel-size", "50,10,10nm", "--allow-gaps"],
      [
        "ingest", "labels", "hela/mito", "\(hela)/mito_instances", "--like", "hela/em", "--allow-gaps",
        "--classes", "mito=nonzero", "--instances",
      ],
    ] {
      let outcome = try program.run(arguments)
      try #require(outcome.exitCode == 0, "\(arguments): \(outcome)")
    }
    let outcome = try ForeignProgram.python.run(
      ForeignProgram.script("check_queries.py"), VemdbProgram.url.path, folder("lab.vemdb").path, data)
    #expect(outcome.exitCode == 0, "\(outcome)")
  }
}
