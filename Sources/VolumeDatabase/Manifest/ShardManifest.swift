// SPDX-License-Identifier: Apache-2.0

import Catalog

/// The list of every shard of a version: what must be there.
///
/// To every reader of Zarr a missing shard is fill value; only this list can tell that one was lost.
/// A text file: a header line, a line `hash bytes key` for every shard in the order of the keys, and a
/// last line `end count hash` with the XXH3-128 of all before it.
public struct ShardManifest: Hashable, Sendable {
  /// The shards by key.
  public let entries: [String: StoredShard]

  init(_ entries: some Sequence<StoredShard>) {
    self.entries = Dictionary(entries.map { ($0.key, $0) }) { _, last in last }
  }

  /// The shards in the order of their places: level, z, y, x.
  public var sorted: [StoredShard] {
    entries.values.compactMap { entry in ShardPlace(key: entry.key).map { (place: $0, entry: entry) } }
      .sorted { a, b in
        ([a.place.level] + a.place.index).lexicographicallyPrecedes([b.place.level] + b.place.index)
      }.map(\.entry)
  }

  /// The bytes of all shards.
  public var byteCount: Int { entries.values.reduce(0) { $0 + $1.byteCount } }

  static let header = "vemdb shards 1\n"

  /// The file's contents.
  var text: String {
    var text = Self.header
    for entry in sorted { text += "\(entry.hash) \(entry.byteCount) \(entry.key)\n" }
    return text + "end \(entries.count) \(Hash128(of: Array(text.utf8)))\n"
  }

  /// Reads a manifest.
  ///
  /// - Throws: ``DatabaseError/badManifest(path:reason:)``.
  init(parsing bytes: [UInt8], path: String) throws(DatabaseError) {
    let text = String(decoding: bytes, as: UTF8.self)
    guard text.hasPrefix(Self.header) else {
      throw .badManifest(path: path, reason: "its first line is wrong")
    }
    let lines = text.split(separator: "\n")
    let last = (lines.last ?? "").split(separator: " ")
    guard last.count == 3, last[0] == "end", let count = Int(last[1]),
      let hash = Hash128(hexadecimal: String(last[2])), let end = lines.last?.startIndex
    else { throw .badManifest(path: path, reason: "its last line is missing") }
    guard Hash128(of: Array(text[..<end].utf8)) == hash, count == lines.count - 2 else {
      throw .badManifest(path: path, reason: "its checksum does not agree")
    }
    var entries: [StoredShard] = []
    for line in lines.dropFirst().dropLast() {
      guard let entry = Self.entry(line), entry.byteCount > 0 else {
        throw .badManifest(path: path, reason: "the line '\(line)' is malformed")
      }
      entries.append(entry)
    }
    self.init(entries)
  }

  /// Reads `hash bytes key`.
  static func entry(_ line: Substring) -> StoredShard? {
    let parts = line.split(separator: " ")
    guard parts.count == 3, let hash = Hash128(hexadecimal: String(parts[0])), let bytes = Int(parts[1]),
      bytes >= 0,
      ShardPlace(key: parts[2]) != nil
    else { return nil }
    return StoredShard(key: String(parts[2]), byteCount: bytes, hash: hash)
  }
}
