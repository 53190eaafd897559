// SPDX-License-Identifier: Apache-2.0

import Arrays
import Zarr

/// Images as OME-NGFF describes them: a group with its scale levels as arrays inside.
extension FuzzCase {
  /// An image of OME-NGFF 0.5 in Zarr v3, a label image, and an image of 0.4 in Zarr v2, with their metadata
  /// gathered at the root too as zarr-python does it.
  static func images() throws -> [FuzzCase] {
    let label: JSONValue = [
      "colors": [["label-value": 1, "rgba": [255, 0, 0, 128]], ["label-value": 2]],
      "properties": [["label-value": 1, "class": "mitochondrion"]], "source": ["image": "../../"],
    ]
    return [
      try image(["ome": ["version": "0.5", "multiscales": multiscales]]),
      try image(["ome": ["version": "0.5", "multiscales": multiscales, "image-label": label]]),
      try oldImage(),
    ]
  }

  /// Two axes of space, transformed as a whole too.
  static let multiscales: JSONValue = [
    [
      "name": "a",
      "axes": [
        ["name": "y", "type": "space", "unit": "nanometer"],
        ["name": "x", "type": "space", "unit": "micrometer"],
      ],
      "datasets": [
        [
          "path": "0",
          "coordinateTransformations": [
            ["type": "scale", "scale": [1.0, 2.0]], ["type": "translation", "translation": [0.5, 0]],
          ],
        ]
      ],
      "coordinateTransformations": [["type": "scale", "scale": [8.0, 0.008]]],
    ]
  ]

  private static func image(_ attributes: JSONObject) throws -> FuzzCase {
    let store = MemoryStore()
    let metadata = ArrayMetadata.sharded(
      shape: shape, dataType: .uint16, chunk: [2, 2], shard: [4, 4], dimensionNames: ["y", "x"])
    try ZarrArray.create(metadata, at: "0", in: store).write(elements(.uint16), at: [0, 0])
    // zarr-python 3 keeps what lies below a group in the group's own document.
    var document = GroupMetadata(attributes: attributes).json.object ?? [:]
    document["consolidated_metadata"] = [
      "kind": "inline", "must_understand": false, "metadata": ["0": metadata.json],
    ]
    try store.write(Array(JSONValue.object(document).text().utf8), to: "zarr.json")
    return try FuzzCase(of: store)
  }

  private static func oldImage() throws -> FuzzCase {
    let store = MemoryStore()
    try writeOldArray(
      #""compressor": {"id": "zstd", "level": 1}, "order": "C", "dtype": "<u2""#,
      [.bytes(.little), .zstd(level: 1, checksum: false)], at: "0", in: store)
    var image = multiscales.array?.first?.object ?? [:]
    image["version"] = "0.4"
    let attributes: JSONValue = ["multiscales": [.object(image)]]
    try store.write(Array(#"{"zarr_format": 2}"#.utf8), to: ".zgroup")
    try store.write(Array(attributes.text().utf8), to: ".zattrs")
    try store.write(Array(#"{"_ARRAY_DIMENSIONS": ["y", "x"]}"#.utf8), to: "0/.zattrs")
    var gathered: JSONObject = [:]
    for key in try store.list("") where key.split(separator: "/").last?.hasPrefix(".z") ?? false {
      gathered[key] = try JSONValue(parsing: try store.read([.init(key)])[0] ?? [], key: key)
    }
    let document: JSONValue = ["zarr_consolidated_format": 1, "metadata": .object(gathered)]
    try store.write(Array(document.text().utf8), to: ".zmetadata")
    return try FuzzCase(of: store)
  }
}
