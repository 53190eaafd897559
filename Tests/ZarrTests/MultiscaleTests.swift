// SPDX-License-Identifier: Apache-2.0

import Arrays
import Testing
import Zarr

@Suite("Multiscale images")
struct MultiscaleTests {
  static let factors = [[1, 1, 1], [1, 2, 2], [1, 4, 4], [2, 8, 8]]
  static let image = MultiscaleMetadata(
    name: "liver/em@1", voxelSize: VoxelSize(z: 50, y: 8, x: 8), origin: [100, 0, -4], factors: factors)

  @Test("a bead keeps its physical position on every level", arguments: 0..<4)
  func bead(level: Int) {
    // The block of voxels 16 …< 16 + f lies at index 16 / f; its centre is the mean of theirs.
    let factors = Self.factors[level]
    for axis in 0..<3 {
      let base = Self.image.levels[0]
      let centres = (16..<(16 + factors[axis])).map { base.translation[axis] + Double($0) * base.scale[axis] }
      let mean = centres.reduce(0, +) / Double(centres.count)
      let coarse = Self.image.levels[level]
      #expect(coarse.translation[axis] + Double(16 / factors[axis]) * coarse.scale[axis] == mean)
    }
  }

  @Test("the attributes are as OME-NGFF 0.5 wants them and read back")
  func json() throws {
    let label = ImageLabelMetadata(
      colors: [.init(value: 1 << 53 + 1, rgba: [255, 0, 0, 128])],
      properties: [["label-value": 1, "class": "er"]],
      sourceImage: "../../em/1")
    let ome = Self.image.ome(imageLabel: label)
    #expect(
      ome["multiscales"]?.array?[0]["datasets"]?.array?[3].text(indented: false)
        == """
        {"path":"3","coordinateTransformations":[{"type":"scale","scale":[100,64,64]},\
        {"type":"translation","translation":[125,28,24]}]}
        """)
    #expect(ome["version"] == "0.5")
    let attributes: JSONObject = ["ome": try JSONValue(parsing: ome.text(), key: "t")]
    #expect(try MultiscaleMetadata(attributes: attributes, key: "t") == Self.image)
    #expect(try ImageLabelMetadata(attributes: attributes, key: "t") == label)
  }

  @Test("an empty list of colors is left out, which one validator needs")
  func noColors() {
    #expect(ImageLabelMetadata().json.text(indented: false) == #"{"source":{"image":"../../"}}"#)
  }

  @Test("micrometres become nanometres, and the transformation of the whole image is applied last")
  func foreign() throws {
    let text = #"""
      {"ome": {"version": "0.5", "multiscales": [{"axes": [
        {"name": "z", "type": "space", "unit": "micrometer"}, {"name": "y", "type": "space", "unit": "micrometer"},
        {"name": "x", "type": "space", "unit": "micrometer"}],
        "datasets": [{"path": "s0", "coordinateTransformations": [{"type": "scale", "scale": [0.5, 0.25, 0.25]},
          {"type": "translation", "translation": [1, 2, 3]}]}],
        "coordinateTransformations": [{"type": "scale", "scale": [2, 2, 2]}]}]}}
      """#
    let attributes = try #require(try JSONValue(parsing: text, key: "t").object)
    let image = try #require(try MultiscaleMetadata(attributes: attributes, key: "t"))
    #expect(image.voxelSize(ofLevel: 0) == VoxelSize(z: 1000, y: 500, x: 500))
    #expect(image.origin(ofLevel: 0) == [2000, 4000, 6000])
    #expect(image.levels[0].path == "s0")
  }

  @Test("drafts of another version are refused by name, and a plain group is no image")
  func otherVersions() throws {
    let ome: JSONValue = ["version": "0.6", "multiscales": []]
    #expect(throws: ZarrError.unsupported(key: "t", what: "OME-NGFF 0.6")) {
      try MultiscaleMetadata(attributes: ["ome": ome], key: "t")
    }
    #expect(try MultiscaleMetadata(attributes: ["a": 1], key: "t") == nil)
  }
}
