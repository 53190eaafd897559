// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing
import Zarr

@Suite("Metadata")
struct MetadataTests {
  static let plain = document(
    shape: "[4]", type: "int32", chunk: "[2]", fill: "0",
    codecs: "[{\"name\": \"bytes\", \"configuration\": {\"endian\": \"little\"}}]")

  static func parse(_ text: String) throws -> ArrayMetadata {
    try ArrayMetadata(json: JSONValue(parsing: text, key: "zarr.json"), key: "zarr.json")
  }

  @Test(
    "every spelling of a fill value reads as the bits that the specification gives it",
    arguments: [
      ("float32", "\"NaN\"", 0x7fc0_0000), ("float32", "\"0x7fc00001\"", 0x7fc0_0001),
      ("float32", "\"Infinity\"", 0x7f80_0000), ("float32", "\"-Infinity\"", 0xff80_0000),
      ("float32", "1", 0x3f80_0000), ("float32", "-0.0", 0x8000_0000), ("float32", "0.1", 0x3dcc_cccd),
      ("float16", "\"NaN\"", 0x7e00), ("float16", "1.5", 0x3e00), ("float16", "\"0xfc00\"", 0xfc00),
      ("float64", "\"NaN\"", 0x7ff8_0000_0000_0000),
      ("float64", "\"0x7ff8000000000001\"", 0x7ff8_0000_0000_0001),
      ("bool", "true", 1), ("bool", "false", 0), ("int8", "-128", 0x80), ("int16", "-1", 0xffff),
      ("int64", "-9223372036854775808", 1 << 63), ("uint64", "18446744073709551615", .max),
      ("uint8", "255", 255),
    ] as [(String, String, UInt64)])
  func fillValues(type: String, fill: String, bits: UInt64) throws {
    let endian = type.hasSuffix("8") || type == "bool" ? "" : ", \"configuration\": {\"endian\": \"little\"}"
    let text = document(
      shape: "[4]", type: type, chunk: "[2]", fill: fill, codecs: "[{\"name\": \"bytes\"\(endian)}]")
    let metadata = try Self.parse(text)
    #expect(metadata.fillValue.bits == bits)
    #expect(try Self.parse(metadata.json.text()) == metadata)
  }

  @Test(
    "a fill value of another type is refused",
    arguments: [
      ("uint8", "256"), ("uint8", "-1"), ("int8", "128"), ("int32", "0.5"), ("int32", "\"0\""),
      ("int32", "null"),
      ("int32", "true"), ("bool", "0"), ("float32", "\"nan\""), ("float32", "\"0x7fc000\""),
      ("float32", "null"),
      ("float32", "\"0x+fc00001\""), ("int32", "2147483648"), ("uint64", "18446744073709551616"),
    ])
  func wrongFillValues(type: String, fill: String) {
    let codecs = "[{\"name\": \"bytes\", \"configuration\": {\"endian\": \"little\"}}]"
    let text = document(shape: "[4]", type: type, chunk: "[2]", fill: fill, codecs: codecs)
    #expect(throws: ZarrError.self) { try Self.parse(text) }
  }

  @Test(
    "sizes with which positions, strides or bytes would overflow are refused, empty arrays among them",
    arguments: [
      ("[1,9223372036854775807]", "[1,2]"), ("[4294967296,4294967296]", "[1,1]"), ("[-1,4]", "[1,1]"),
      ("[0,4611686018427387904,4]", "[1,1,1]"), ("[8,8]", "[1,9223372036854775807]"),
    ])
  func impossibleSizes(shape: String, chunk: String) throws {
    let codecs = "[{\"name\": \"bytes\", \"configuration\": {\"endian\": \"little\"}}]"
    let text = document(shape: shape, type: "int32", chunk: chunk, fill: "0", codecs: codecs)
    #expect(throws: ZarrError.self) { try Self.parse(text) }
    let old = """
      {"zarr_format": 2, "shape": \(shape), "chunks": \(chunk), "dtype": "<i4", "compressor": null,
       "fill_value": 0, "order": "C", "filters": null}
      """
    let store = MemoryStore()
    try store.write(Array(old.utf8), to: ".zarray")
    #expect(throws: ZarrError.self) { try ZarrArray(opening: "", in: store) }
  }

  @Test("an unknown member is refused by name, unless it need not be understood")
  func unknownMembers() throws {
    let unknown = Self.plain.dropLast() + ", \"colour\": 1}"
    let error = #expect(throws: ZarrError.self) { try Self.parse(String(unknown)) }
    #expect("\(String(describing: error))".contains("'colour'"))
    let harmless = Self.plain.dropLast() + ", \"colour\": {\"must_understand\": false, \"name\": \"x\"}}"
    #expect(try Self.parse(String(harmless)) == Self.parse(Self.plain))
  }

  @Test(
    "a document that lacks a member or has one that cannot be is refused",
    arguments: [
      ("\"shape\": [4]", "\"shape\": [-4]"), ("\"shape\": [4]", "\"shape\": [4.5]"),
      ("\"shape\": [4]", "\"shape\": 4"),
      ("\"shape\": [4]", "\"shape\": [4, 4]"), ("\"int32\"", "\"complex64\""), ("\"int32\"", "\"r16\""),
      ("\"chunk_shape\": [2]", "\"chunk_shape\": [0]"), ("\"regular\"", "\"rectilinear\""),
      ("\"separator\": \"/\"", "\"separator\": \"-\""), ("\"default\"", "\"zip\""),
      ("\"fill_value\": 0, ", ""),
      ("\"bytes\"", "\"lzma\""), (", \"configuration\": {\"endian\": \"little\"}", ""),
      ("\"little\"", "\"middle\""),
      ("\"zarr_format\": 3", "\"zarr_format\": 2"), ("\"array\"", "\"group\""),
      ("\"attributes\": {}", "\"attributes\": []"),
      ("\"storage_transformers\": []", "\"storage_transformers\": [{\"name\": \"x\"}]"),
      ("\"storage_transformers\": []", "\"dimension_names\": null"),
      ("\"storage_transformers\": []", "\"dimension_names\": [\"z\", \"y\"]"),
      ("[4]", "[4611686018427387904, 4611686018427387904]"), ("[2]", "[4611686018427387904]"),
      ("[{\"name\": \"bytes\"", "[{\"name\": \"crc32c\"}, {\"name\": \"bytes\""),
    ])
  func refused(original: String, replacement: String) {
    let text = Self.plain.replacing(original, with: replacement, maxReplacements: 1)
    #expect(text != Self.plain)
    #expect(throws: ZarrError.self, "\(text)") {
      try ZarrArray(opening: "", in: store(["zarr.json": Array(text.utf8)]))
    }
  }

  @Test("codecs written as bare names, types as objects and dots as separators read too")
  func shortForms() throws {
    let text = document(
      shape: "[4, 6]", type: "uint8", chunk: "[2, 2]", fill: "0", codecs: "[\"bytes\", \"crc32c\"]"
    ).replacing("\"uint8\"", with: "{\"name\": \"uint8\"}").replacing("\"/\"", with: "\".\"")
    let metadata = try Self.parse(text)
    #expect(metadata.codecs == [.bytes(nil), .crc32c])
    #expect(metadata.keyEncoding.key(of: [1, 2]) == "c.1.2")
  }

  @Test("the orders C and F of the drafts read as the permutations they mean, inside shards too")
  func orderNames() throws {
    let text = """
      [{"name": "transpose", "configuration": {"order": "C"}},
       {"name": "sharding_indexed", "configuration": {"chunk_shape": [2, 2, 2],
        "codecs": [{"name": "transpose", "configuration": {"order": "F"}}, "bytes"],
        "index_codecs": [{"name": "transpose", "configuration": {"order": "F"}},
                         {"name": "bytes", "configuration": {"endian": "big"}}]}}]
      """
    let codecs = try Self.parse(
      document(shape: "[4, 4, 4]", type: "uint8", chunk: "[4, 4, 4]", fill: "0", codecs: text)
    ).codecs
    #expect(
      codecs == [
        .transpose(order: [0, 1, 2]),
        .sharding(
          .init(
            chunkShape: [2, 2, 2], codecs: [.transpose(order: [2, 1, 0]), .bytes(nil)],
            indexCodecs: [.transpose(order: [3, 2, 1, 0]), .bytes(.big)])),
      ])
  }

  @Test(
    "what is not supported is refused by its name, in one sentence",
    arguments: [
      ("\"int32\"", "\"complex64\"", "the data type 'complex64'"),
      ("\"regular\"", "\"rectilinear\"", "the chunk grid 'rectilinear'"),
      ("\"default\"", "\"fan\"", "the chunk key encoding 'fan'"),
      ("\"bytes\"", "\"vlen-utf8\"", "the codec 'vlen-utf8'"),
      ("\"bytes\"", "\"numcodecs.bz2\"", "the codec 'numcodecs.bz2'"),
      (
        "\"storage_transformers\": []", "\"storage_transformers\": [{\"name\": \"encrypt\"}]",
        "the storage transformer 'encrypt'"
      ),
      (
        "[{\"name\": \"bytes\"",
        "[{\"name\": \"blosc\", \"configuration\": {\"cname\": \"lz5\", \"clevel\": 1, \"shuffle\": \"shuffle\"}}, "
          + "{\"name\": \"bytes\"", "the compressor 'lz5' of 'blosc'"
      ),
      ("\"fill_value\": 0", "\"fill_value\": null", "the fill_value null is no int32"),
      ("\"fill_value\": 0", "\"fill_value\": \"0\"", "the fill_value \"0\" is no int32"),
    ])
  func refusedByName(original: String, replacement: String, name: String) {
    let text = Self.plain.replacing(original, with: replacement, maxReplacements: 1)
    let error = #expect(throws: ZarrError.self) { try Self.parse(text) }
    let sentence = error?.description ?? ""
    #expect(sentence.contains(name) && !sentence.contains("\n"), "\(sentence)")
  }

  @Test("codecs and transformers that need not be understood are passed over; types and grids always need")
  func mustUnderstand() throws {
    let ignorable = "{\"name\": \"scented\", \"must_understand\": false}"
    let text = Self.plain.replacing("[{\"name\": \"bytes\"", with: "[\(ignorable), {\"name\": \"bytes\"")
      .replacing("\"storage_transformers\": []", with: "\"storage_transformers\": [\(ignorable)]")
    #expect(try Self.parse(text) == Self.parse(Self.plain))
    for (original, name) in [
      ("\"int32\"", "int32"), ("{\"name\": \"regular\"", "regular"), ("{\"name\": \"default\"", "default"),
    ] {
      let start = original.hasPrefix("{") ? original : "{\"name\": \"\(name)\""
      let end = original.hasPrefix("{") ? "" : "}"
      let text = Self.plain.replacing(original, with: "\(start), \"must_understand\": false\(end)")
      let error = #expect(throws: ZarrError.self, "\(text)") { try Self.parse(text) }
      #expect("\(String(describing: error))".contains("must_understand"))
    }
  }

  @Test(
    "a blosc codec that says what no blosc can is refused",
    arguments: [
      #""clevel": 10"#, #""clevel": "5""#, #""shuffle": 1"#, #""shuffle": "byte""#, #""typesize": 0"#,
      #""typesize": 256"#, #""blocksize": -1"#, #""cname": 5"#, #""colour": 1"#,
    ])
  func wrongBlosc(member: String) throws {
    let members = [#""cname": "zstd""#, #""clevel": 5"#, #""shuffle": "shuffle""#, #""typesize": 4"#]
    func text(_ members: [String]) -> String {
      document(
        shape: "[4]", type: "uint8", chunk: "[4]", fill: "0",
        codecs: #"["bytes", {"name": "blosc", "configuration": {\#(members.joined(separator: ", "))}}]"#)
    }
    _ = try Self.parse(text(members))
    let name = member.prefix { $0 != ":" }
    #expect(throws: ZarrError.self) {
      try Self.parse(text(members.filter { !$0.hasPrefix(name) } + [member]))
    }
  }

  @Test("keys are as the specification's examples have them")
  func keys() {
    #expect(ChunkKeyEncoding().key(of: [1, 23, 45]) == "c/1/23/45")
    #expect(ChunkKeyEncoding().key(of: []) == "c")
    #expect(ChunkKeyEncoding(.v2).key(of: [1, 23, 45]) == "1.23.45")
    #expect(ChunkKeyEncoding(.v2, separator: "/").key(of: [1, 23, 45]) == "1/23/45")
    #expect(ChunkKeyEncoding(.v2).key(of: []) == "0")
  }

  @Test("attributes are kept as they were, in their order and to the last digit")
  func attributes() throws {
    let text = Self.plain.replacing(
      "\"attributes\": {}", with: "\"attributes\": {\"z\": 18446744073709551615, \"a\": [1.5, null]}")
    let metadata = try Self.parse(text)
    #expect(
      metadata.json["attributes"]?.text(indented: false) == "{\"z\":18446744073709551615,\"a\":[1.5,null]}")
  }

  @Test("a group keeps its attributes, and consolidated metadata are passed over")
  func groups() throws {
    let store = MemoryStore()
    try GroupMetadata(attributes: ["id": .unsigned(.max)]).write(at: "g/h", in: store)
    #expect(try GroupMetadata(opening: "g/h", in: store).attributes["id"] == .unsigned(.max))
    #expect(throws: ZarrError.missingNode(path: "g")) { try GroupMetadata(opening: "g", in: store) }
    try store.write(
      Array(
        #"""
        {"attributes": {"a": 1}, "zarr_format": 3, "consolidated_metadata": {"kind": "inline",
         "must_understand": false, "metadata": {}}, "node_type": "group"}
        """#.utf8), to: "zarr.json")
    #expect(try GroupMetadata(opening: "", in: store) == GroupMetadata(attributes: ["a": 1]))
  }

  @Test(
    "names that the specification forbids are refused",
    arguments: ["..", ".", "__a", "a//b", "/a", "a/", "a/../b"])
  func nodeNames(path: String) {
    #expect(throws: ZarrError.invalidKey(path)) { try GroupMetadata().write(at: path, in: MemoryStore()) }
  }
}
