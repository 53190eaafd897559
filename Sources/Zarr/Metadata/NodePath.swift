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
  /// Reads the documents that describe a node, by their names: `zarr.json` of Zarr v3, or else `.zarray`,
  /// `.zgroup` and `.zattrs` of v2, as far as they are there.
  ///
  /// - Throws: ``ZarrError/missingNode(path:)`` if there is none. A bucket that may not be listed forbids
  ///   what it does not have, so that ``ZarrError/refused(address:reason:)`` is thrown only where nothing
  ///   else is found.
  public func nodeDocuments(of path: String) throws(ZarrError) -> [String: [UInt8]] {
    var documents: [String: [UInt8]] = [:]
    var refusal: ZarrError?
    // Of v3 there is one, so that nothing else need be asked for.
    for names in [["zarr.json"], [".zarray", ".zgroup", ".zattrs"]] where documents.isEmpty {
      let requests = try names.map { (name) throws(ZarrError) in
        ByteRangeRequest(try NodePath.key(name, in: path), byteLimit: 256 << 20)
      }
      let found = try granted(requests, &refusal)
      for (name, bytes) in zip(names, found) { documents[name] = bytes }
    }
    if documents.isEmpty { throw refusal ?? .missingNode(path: path) }
    return documents
  }

  /// Reads objects, of which those that are refused are left out; the first refusal is remembered.
  private func granted(
    _ requests: [ByteRangeRequest], _ refusal: inout ZarrError?
  ) throws(ZarrError) -> [[UInt8]?] {
    do {
      return try read(requests)
    } catch {
      guard case .refused = error else { throw error }
      refusal = refusal ?? error
      if requests.count == 1 { return [nil] }
      var found: [[UInt8]?] = []
      for request in requests { found += try granted([request], &refusal) }
      return found
    }
  }

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
