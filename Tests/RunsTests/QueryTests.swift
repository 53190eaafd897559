// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import Runs
import Segmentation
import Testing
import VolumeDatabase

@Suite("Queries")
struct QueryTests {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("query-\(UUID()).vemdb").path
  let database: VolumeDatabase
  static let shape: Extent = [12, 40, 50]
  /// Mitochondria everywhere in z 0 ..< 7, ER in z 5 ..< 6 and 9 ..< 12 at y < 20.
  static let mitoBox = Box(lower: [0, 0, 0], upper: [7, 40, 50])
  static let erBoxes = [
    Box(lower: [5, 0, 0], upper: [6, 40, 50]), Box(lower: [9, 0, 0], upper: [12, 20, 50]),
  ]

  /// Cells of 3×5×7 voxels, a third of them mitochondria (9), a third ER (4), where each is covered.
  static func label(_ p: [Int]) -> UInt8 {
    let cell = (p[0] / 3 * 31 + p[1] / 5 * 17 + p[2] / 7 * 7) % 9
    let voxel = Box(origin: p, extent: [1, 1, 1])
    if cell < 3 && mitoBox.contains(voxel) { return 9 }
    if cell > 5 && erBoxes.contains(where: { $0.contains(voxel) }) { return 4 }
    return 0
  }

  /// The same cells, each with an id beyond 2⁶³; 0 in a third of them.
  static func id(_ p: [Int]) -> UInt64 {
    let cell = p[0] / 5 * 100 + p[1] / 11 * 10 + p[2] / 13
    return cell % 3 == 0 ? 0 : (1 << 63) + UInt64(cell)
  }

  init() throws {
    database = try VolumeDatabase.create(at: path)
    try database.addDataset("d")
    try add("d/em", .image, .uint8, [], [CoverageBox(Box(Self.shape))]) { (_: [Int]) in UInt8(1) }
    let mito = try database.catalog.classNamed("mito").id
    let er = try database.catalog.classNamed("er").id
    try add(
      "d/labels", .label, .uint8, [.semantic("mito", value: 9), .semantic("er", value: 4)],
      [CoverageBox(Self.mitoBox, classID: mito)] + Self.erBoxes.map { CoverageBox($0, classID: er) },
      Self.label)
    try add(
      "d/objects", .prediction, .uint64, [.instance("mito")],
      [CoverageBox(Box(lower: [1, 3, 0], upper: [12, 40, 50]), classID: mito)]
    ) { $0[0] < 1 || $0[1] < 3 ? 0 : Self.id($0) }
  }

  @Test(
    "voxels, coverage and objects of a region are what a look at every voxel gives",
    arguments: [
      "z=0:12", "z=1:12,y=3:40", "z=4:10,y=1:33,x=9:48", "z=5,y=7:8", "z=2:7,y=16:32,x=16:32", "x=49:50",
    ])
  func bruteForce(region: String) throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    var query = QueryRequest(about: try AnyReference(parsing: "d"))
    query.region = try Region(parsing: region)
    query.instances = true
    query.threads = 2
    let report = try query.answer(from: database)
    let box = try #require(report.box)
    #expect(report.grid?.reference == "d/em@1")
    let labels = try #require(report.versions.first { $0.record.reference == "d/labels@1" })
    for (name, value, covered) in [
      ("mitochondrion", UInt8(9), [Self.mitoBox]), ("endoplasmic_reticulum", 4, Self.erBoxes),
    ] {
      let one = try #require(labels.classes.first { $0.name == name })
      let voxels = covered.reduce(0) { $0 + $1.intersection(box).count }
      let count = box.positions.count { Self.label($0) == value }
      #expect(one.coveredVoxels == voxels)
      #expect(one.coveredFraction == Double(voxels) / Double(box.count))
      #expect(one.voxels == count)
      #expect(abs((one.cubicMicrometres ?? -1) - Double(count) * 40 * 10 * 10 * 1e-9) < 1e-12)
      let mask = NDArray(box.positions.map { Self.label($0) == value ? UInt8(1) : 0 }, box.extent)
      let pieces = Segmentation.instances(
        of: connectedComponents(mask, connectivity: .corners).labels, origin: box.origin)
      let found = (labels.objects ?? []).filter { $0.className == name }
      #expect(found.map(\.voxels) == pieces.map(\.voxels))
      #expect(found.map(\.box) == pieces.map(\.box))
    }
    #expect(labels.objectSource == .pieces)
    let objects = try #require(report.versions.first { $0.record.reference == "d/objects@1" })
    let covered = box.intersection(Box(lower: [1, 3, 0], upper: [12, 40, 50]))
    #expect(objects.coveredVoxels == covered.count)
    var inside: [UInt64: Int] = [:]
    for position in covered.positions where Self.id(position) != 0 {
      inside[Self.id(position), default: 0] += 1
    }
    #expect(objects.classes.first?.voxels == inside.values.reduce(0, +))
    #expect(objects.objects?.map(\.id) == inside.keys.sorted())
    #expect(objects.objectSource == .ids)
    for one in objects.objects ?? [] { #expect(one.voxelsInRegion == inside[one.id]) }
  }

  @Test("a region of whole chunks is answered without decoding one")
  func wholeChunks() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    var query = QueryRequest(about: try AnyReference(parsing: "d/objects"))
    query.region = try Region(parsing: "z=4:12,y=16:40,x=0:32")
    let version = try #require(try query.answer(from: database).versions.first)
    #expect(version.decodedChunks == 0)
    #expect((version.classes.first?.voxels ?? 0) > 0)
    query.region = try Region(parsing: "z=4:12,y=16:40,x=0:33")
    #expect(try query.answer(from: database).versions.first?.decodedChunks == 4)
  }

  @Test("a volume on another grid is asked in nanometres")
  func otherGrid() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    // Voxels twice as large in y and x, its first centre half a fine voxel further.
    try add(
      "d/coarse", .label, .uint8, [.semantic("nucleus", value: 1)], nil, shape: [12, 20, 25],
      voxelSize: VoxelSize(z: 40, y: 20, x: 20), origin: [0, 5, 5]
    ) { $0[2] >= 10 ? UInt8(1) : 0 }
    var query = QueryRequest(about: try AnyReference(parsing: "d"))
    query.region = try Region(parsing: "z=0:2,y=10:20,x=10:30")
    query.className = "nucleus"
    let version = try #require(try query.answer(from: database).versions.first)
    #expect(version.box == Box(lower: [0, 5, 5], upper: [2, 10, 15]))
    #expect(version.classes.first?.voxels == 2 * 5 * 5)
    #expect(version.coveredFraction == 1)
  }

  @Test("what cannot be answered is refused in one sentence")
  func refused() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    func ask(_ subject: String, _ change: (inout QueryRequest) throws -> Void = { _ in }) throws
      -> QueryReport
    {
      var query = QueryRequest(about: try AnyReference(parsing: subject))
      try change(&query)
      return try query.answer(from: database)
    }
    #expect(throws: QueryError.noVoxels("run:1")) { try ask("run:1") }
    #expect(throws: DatabaseError.self) { try ask("d") { $0.region = try Region(parsing: "z=0:13") } }
    #expect(throws: CatalogError.unknownClass("mitto", nearest: "mito")) {
      try ask("d") { $0.className = "mitto" }
    }
    #expect(throws: QueryError.noSuchClass("nucleus", version: "d/objects@1", known: ["mitochondrion"])) {
      try ask("d/objects") { $0.className = "nucleus" }
    }
    try add("d/other", .image, .uint8, [], nil) { (_: [Int]) in UInt8(1) }
    #expect(throws: QueryError.ambiguousGrid(dataset: "d", images: ["d/em", "d/other"])) {
      try ask("d") { $0.region = try Region(parsing: "z=0:2") }
    }
    #expect(try ask("d").versions.count == 2)
    let grid = try VersionReference(parsing: "d/other")
    #expect(
      try ask("d") {
        $0.region = try Region(parsing: "z=0:2")
        $0.grid = grid
      }.versions.isEmpty)
    try database.addDataset("empty")
    #expect(throws: QueryError.noGrid(dataset: "empty")) {
      try ask("empty") { $0.region = try Region(parsing: "z=0:2") }
    }
    #expect(try ask("empty").versions.isEmpty)
  }

  private func add<Element: ArrayElement>(
    _ name: String, _ kind: VolumeKind, _ type: DataType, _ classes: [ClassAssignment],
    _ coverage: [CoverageBox]?, shape: Extent = Self.shape,
    voxelSize: VoxelSize = VoxelSize(z: 40, y: 10, x: 10), origin: [Double] = [0, 0, 0],
    _ value: ([Int]) -> Element
  ) throws {
    var specification = VersionSpecification(
      volume: try VolumeReference(parsing: name), kind: kind, dataType: type, shape: shape,
      voxelSize: voxelSize)
    specification.classes = classes
    specification.origin = origin
    specification.chunk = [4, 16, 16]
    specification.shard = [4, 32, 32]
    if kind != .image { specification.image = try VersionReference(parsing: "d/em") }
    let writer = try VersionWriter(specification, in: database)
    for layer in 0..<writer.layerCount {
      let box = writer.box(ofLayer: layer)
      try writer.writeLayer(NDArray(box.positions.map(value), box.extent), layer: layer)
    }
    let classID = try classes.first.map { try database.catalog.classNamed($0.name).id }
    try writer.finish(coveredBy: coverage ?? [CoverageBox(Box(shape), classID: classID)])
    try database.commit([writer])
  }
}
