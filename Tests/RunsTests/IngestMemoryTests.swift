// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import ImageFiles
import Runs
import TestData
import Testing
import VolumeDatabase

@Suite("Memory of ingest")
struct IngestMemoryTests {
  @Test(
    "a volume of 512 MiB is ingested in less than 256 MiB when 192 are allowed",
    .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status"), "no /proc to ask"))
  func bounded() throws {
    let folder = try TemporaryFolder()
    let shape: Extent = [32, 4096, 4096]
    let stack = folder("stack.tif").path
    // The last slice alone is not 0; the file is written in slices.
    let writer = try TIFFWriter(
      stack, extent: shape, dataType: .uint8, voxelSize: VoxelSize(z: 8, y: 8, x: 8))
    var slice = NDArray(.uint8, [4096, 4096])
    for _ in 0..<31 { try writer.write(slice) }
    slice.withMutableSpan(of: UInt8.self) { span in span[span.count - 1] = 9 }
    try writer.write(slice)
    try writer.finish()
    let path = folder("lab.vemdb")
    let database = try VolumeDatabase.create(at: path.path)
    let process = try VemdbProgram(database: path).start(
      ["ingest", "image", "d/em", stack, "--memory", "192MiB", "--threads", "2"])
    let peak = peakMebibytes(of: process)
    #expect(process.terminationStatus == 0)
    #expect(peak > 20 && peak < 256, "\(peak) MiB")
    let version = try database.version(try VersionReference(parsing: "d/em"))
    #expect(version.record.shape == shape)
    let corner = try version.read(Box(origin: [31, 4095, 4095], extent: [1, 1, 1]))
    #expect(corner.elements(as: UInt8.self) == [9])
  }

  /// Watches a process to its end, and returns the most memory that it had.
  private func peakMebibytes(of process: Process) -> Int {
    var peak = 0
    while process.isRunning {
      let status = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
      let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
      let kibibytes = line?.split { !$0.isNumber }.first.flatMap { Int($0) } ?? 0
      peak = max(peak, kibibytes >> 10)
      Thread.sleep(forTimeInterval: 0.02)
    }
    process.waitUntilExit()
    return peak
  }
}
