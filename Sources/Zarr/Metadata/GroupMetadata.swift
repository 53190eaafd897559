// SPDX-License-Identifier: Apache-2.0

/// What `zarr.json` says of a group (Zarr core specification 3.1, section "Group metadata").
public struct GroupMetadata: Hashable, Sendable {
  /// Whatever the group's owner wants to say of it.
  public var attributes: JSONObject

  /// A group with the given attributes.
  public init(attributes: JSONObject = [:]) { self.attributes = attributes }

  /// The document `zarr.json`; consolidated metadata are never written, a stale copy would be trusted.
  public var json: JSONValue {
    ["zarr_format": 3, "node_type": "group", "attributes": .object(attributes)]
  }

  /// Reads the document `zarr.json`; consolidated metadata are passed over.
  ///
  /// - Parameter key: What the document is called in errors.
  /// - Throws: ``ZarrError/invalidMetadata(key:reason:)`` or ``ZarrError/unsupported(key:what:)``.
  public init(json: JSONValue, key: String) throws(ZarrError) {
    guard let members = json.object else {
      throw .invalidMetadata(key: key, reason: "the document is no object")
    }
    let reader = MetadataReader(members, of: "the group", key: key)
    try reader.expectNode("group")
    // zarr-python has written consolidated_metadata as null too.
    try reader.allow("zarr_format", "node_type", "attributes", "consolidated_metadata")
    attributes = try reader.attributes()
  }

  /// Reads the group at a path of a store, of Zarr v3 or else of v2; the empty path is the store's root.
  public init(opening path: String, in store: any ReadableStore) throws(ZarrError) {
    let key = try NodePath.metadataKey(path)
    if let json = try store.document(key) {
      try self.init(json: json, key: key)
      return
    }
    let old = try store.document(try NodePath.key(".zgroup", in: path), node: path)
    guard old["zarr_format"]?.int == 2 else {
      throw .invalidMetadata(key: "\(path)/.zgroup", reason: "zarr_format is not 2")
    }
    self.init(attributes: try store.document(try NodePath.key(".zattrs", in: path))?.object ?? [:])
  }

  /// Writes the group, in place of what was at this path.
  public func write(at path: String, in store: any WritableStore) throws(ZarrError) {
    try store.write(Array(json.text().utf8), to: try NodePath.metadataKey(path))
  }
}
