// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import ImageFiles
import Testing
import VolumeDatabase

@testable import Runs

@Suite("Reading regions to files")
struct ReadTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
    "vemdb-\(UUID().uuidString)"
  ).path
  private let shape: Extent = [6, 40, 50]

  private func withDatabase(_ body: (VolumeDatabase) throws -> Void) throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let database = try VolumeDatabase.create(at: "\(folder)/lab.vemdb")
    try database.addDataset("d")
    var image = VersionSpecification(
      volume: try VolumeReference(parsing: "d/em"), kind: .image, dataType: .uint16, shape: shape,
      voxelSize: VoxelSize(z: 50, y: 8, x: 8))
    image.chunk = [4, 16, 16]
    image.shard = [4, 32, 32]
    try add(image, to: database) { UInt16($0 % 50 * 1000) }
    var labels = image
    labels.volume = try VolumeReference(parsing: "d/mito")
    labels.kind = .label
    labels.dataType = .uint8
    labels.classes = [.semantic("mito", value: 255)]
    try add(labels, to: database) { $0 % 50 < 25 ? 255 : 0 as UInt8 }
    try body(database)
  }

  /// Writes a version whose voxels are a function of their place in C order.
  private func add<Element: ArrayElement>(
    _ specification: VersionSpecification, to database: VolumeDatabase, _ value: (Int) -> Element
  ) throws {
    let writer = try VersionWriter(specification, in: database)
    let plane = shape[1] * shape[2]
    for layer in 0..<writer.layerCount {
      let box = writer.box(ofLayer: layer)
      let first = box.lower[0] * plane
      try writer.writeLayer(
        NDArray((first..<first + box.count).map(value), box.extent), layer: layer)
    }
    try writer.finish(coverage: [Box(shape)])
    try database.commit([writer])
  }

  private func read(_ region: String, _ name: String) throws -> ReadRun {
    ReadRun(
      try VersionReference(parsing: "d/em"), region: try Region(parsing: region), output: "\(folder)/\(name)")
  }

  @Test("a TIFF has the slices, the values and the voxel size of the region")
  func tiff() throws {
    try withDatabase { database in
      let report = try read("z=2:6,y=10:20,x=5:30", "cut.tif").perform(in: database)
      #expect(report.box == Box(lower: [2, 10, 5], upper: [6, 20, 30]))
      let stack = try SliceStack(opening: ["\(folder)/cut.tif"])
      #expect(stack.extent == [4, 10, 25])
      #expect(stack.voxelSize == VoxelSize(z: 50, y: 8, x: 8))
      let first = try stack.readSlice(0).elements(as: UInt16.self)
      #expect(Array(first[..<3]) == [5000, 6000, 7000])
    }
  }

  @Test("an NPY has a header of NumPy and the voxels in C order")
  func npy() throws {
    try withDatabase { database in
      try read("z=5,y=0:1,x=48:50", "cut.npy").perform(in: database)
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/cut.npy")))
      #expect(String(decoding: bytes[1..<6], as: UTF8.self) == "NUMPY")
      #expect(
        String(decoding: bytes, as: UTF8.self).contains("'<u2', 'fortran_order': False, 'shape': (1, 1, 2,)"))
      // 48,000 and 49,000 in little-endian bytes.
      #expect(Array(bytes.suffix(4)) == [0x80, 0xBB, 0x68, 0xBF])
    }
  }

  @Test("a PNG of more than one slice is refused, and so are other endings and regions outside")
  func refusals() throws {
    try withDatabase { database in
      #expect(throws: ReadError.manySlices(path: "\(folder)/cut.png", count: 2)) {
        try read("z=2:4", "cut.png").perform(in: database)
      }
      #expect(throws: ReadError.unknownFormat("\(folder)/cut.jpg")) {
        try read("z=2", "cut.jpg").perform(in: database)
      }
      #expect(throws: DatabaseError.self) { try read("z=6", "cut.png").perform(in: database) }
      #expect(!FileManager.default.fileExists(atPath: "\(folder)/cut.png"))
    }
  }

  @Test("a PNG holds the values of its slice")
  func png() throws {
    try withDatabase { database in
      try read("z=2,y=3:5", "cut.png").perform(in: database)
      let slice = try SliceStack(opening: ["\(folder)/cut.png"]).readSlice(0)
      #expect(slice.extent == [2, 50])
      #expect(slice.elements(as: UInt16.self)[49] == 49_000)
    }
  }

  @Test("an overlay is a colour picture of the labels' classes over the stretched image")
  func overlay() throws {
    try withDatabase { database in
      var run = try read("z=2", "overlay.png")
      run.overlay = try VersionReference(parsing: "d/mito")
      let report = try run.perform(in: database)
      #expect(report.overlay == "d/mito@1")
      #expect(report.byteCount > 0)
      run.overlay = try VersionReference(parsing: "d/em")
      #expect(throws: ReadError.overlayIsNoLabel("d/em@1", kind: "image")) { try run.perform(in: database) }
    }
  }

  @Test("labels are tinted inside, full at their outline and dark where two touch")
  func drawing() throws {
    try withDatabase { database in
      let mito = try database.catalog.classNamed("mito")
      let er = try database.catalog.classNamed("er")
      let overlay = LabelOverlay(
        [VersionClass(mito, mode: .semantic, value: 1), VersionClass(er, mode: .semantic, value: 2)],
        colors: [mito.id: "#0072B2", er.id: "#009E73"])
      let labels = NDArray(
        [
          1, 1, 1, 2, 2,
          1, 1, 1, 2, 2,
          1, 1, 1, 2, 2,
          1, 1, 1, 0, 0,
        ] as [UInt8], [4, 5])
      let gray = NDArray([UInt8](repeating: 100, count: 20), [4, 5])
      let picture = overlay.drawn(labels, over: gray).elements(as: UInt8.self)
      func pixel(_ y: Int, _ x: Int) -> [UInt8] { Array(picture[(y * 5 + x) * 3..<(y * 5 + x) * 3 + 3]) }
      // 0.65 · 100 + 0.35 · (0, 114, 178).
      #expect(pixel(1, 1) == [65, 105, 127])
      #expect(pixel(1, 2) == [20, 20, 20])
      #expect(pixel(1, 3) == [0, 158, 115])
      #expect(pixel(3, 4) == [100, 100, 100])
      #expect(pixel(2, 3) == [0, 158, 115])
    }
  }

  @Test("ids of objects have one of twelve colours by their mixed bits")
  func instanceColors() throws {
    // The first output of SplitMix64 with seed 0, from its authors' code.
    #expect(LabelOverlay.mixed(0) == 0xE220_A839_7B1D_CDAF)
    #expect(Set(LabelOverlay.palette).count == 12)
  }
}
