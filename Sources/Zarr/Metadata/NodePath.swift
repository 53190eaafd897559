// SPDX-License-Identifier: Apache-2.0

/// The path of a group or array in its store: names joined by `/`, the root being empty.
enum NodePath {
  /// The key of the document that describes a node.
  ///
  /// - Throws: ``ZarrError/invalidKey(_:)`` for names that the core specification forbids (section
  ///   "Node names": empty, only periods, or beginning with two underscores).
  static func metadataKey(_ path: String) throws(ZarrError) -> String {
    try key("zarr.json", in: path)
  }

  /// A key inside a node.
  static func key(_ key: String, in path: String) throws(ZarrError) -> String {
    if path.isEmpty { return key }
    for name in path.split(separator: "/", omittingEmptySubsequences: false) {
      guard !name.isEmpty, name.contains(where: { $0 != "." }), !name.hasPrefix("__"), !name.contains("\0")
      else { throw .invalidKey(path) }
    }
    return "\(path)/\(key)"
  }
}

extension ReadableStore {
  /// Reads and parses a document, `nil` if there is none.
  func document(_ key: String) throws(ZarrError) -> JSONValue? {
    guard let bytes = try read([ByteRangeRequest(key)])[0] else { return nil }
    return try JSONValue(parsing: bytes, key: key)
  }

  /// Reads and parses the metadata document of a node.
  func document(_ key: String, node path: String) throws(ZarrError) -> JSONValue {
    guard let document = try document(key) else { throw .missingNode(path: path) }
    return document
  }
}
