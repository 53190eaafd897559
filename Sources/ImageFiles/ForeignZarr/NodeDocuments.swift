// SPDX-License-Identifier: Apache-2.0

import Zarr

/// The documents that may describe a Zarr node, as far as it has them.
struct NodeDocuments {
  /// Of Zarr v3, then those of v2.
  static let names = ["zarr.json", ".zarray", ".zgroup", ".zattrs"]

  private let path: String
  private let bytes: [String: [UInt8]]

  /// Reads the documents of the node at a path of a store.
  ///
  /// - Throws: `ZarrError.missingNode` if there is none.
  init(of path: String, in store: any ReadableStore) throws(ZarrError) {
    self.path = path
    bytes = try store.nodeDocuments(of: path)
  }

  /// The document that holds the attributes of the node.
  var attributesKey: String { bytes["zarr.json"] == nil ? ".zattrs" : "zarr.json" }

  /// The attributes of a group; `nil` if the node is an array.
  func groupAttributes() throws(ZarrError) -> JSONObject? {
    if let document = try json("zarr.json") {
      if document["node_type"]?.string == "array" { return nil }
      return try GroupMetadata(json: document, key: "zarr.json").attributes
    }
    if bytes[".zarray"] != nil { return nil }
    return try json(".zattrs")?.object ?? [:]
  }

  /// The documents as files that voxels come from.
  func files(below place: String) -> [SourceFile] {
    Self.names.compactMap { name in
      bytes[name].map {
        SourceFile(path: path.isEmpty ? "\(place)/\(name)" : "\(place)/\(path)/\(name)", content: $0)
      }
    }
  }

  private func json(_ name: String) throws(ZarrError) -> JSONValue? {
    guard let bytes = bytes[name] else { return nil }
    return try JSONValue(parsing: bytes, key: name)
  }
}
