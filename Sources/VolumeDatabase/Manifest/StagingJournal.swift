// SPDX-License-Identifier: Apache-2.0

import Catalog
import Synchronization

/// The list of the shards that a staging folder already has, so that work killed half-way goes on.
///
/// A line goes to the file after its shard is written. A line that a kill cut short is left out; a
/// shard whose size or hash disagrees with its line was torn by a crash and counts as not written.
/// A shard that holds only the fill value has no file and a size of 0.
final class StagingJournal: Sendable {
  let path: String
  private let entriesByKey: Mutex<[String: StoredShard]>
  private let file: AppendingFile

  /// Opens the journal of a staging folder, or begins one.
  ///
  /// - Parameter folder: The staging folder, whose shards are checked against the journal.
  init(path: String, folder: String) throws(DatabaseError) {
    self.path = path
    var known: [String: StoredShard] = [:]
    if FileSystem.kind(path) == .file {
      for entry in Self.parse(try FileSystem.read(path)) {
        known[entry.key] = entry
      }
      for entry in known.values where entry.byteCount > 0 {
        let shard = "\(folder)/\(entry.key)"
        guard FileSystem.byteCount(shard) == entry.byteCount,
          Hash128(of: try FileSystem.read(shard)) == entry.hash
        else {
          known[entry.key] = nil
          continue
        }
      }
      // Written anew, so that no half line stands in the middle.
      let text = known.values.sorted { $0.key < $1.key }.map(Self.line).joined()
      try FileSystem.replace(path, with: Array(text.utf8))
    }
    entriesByKey = Mutex(known)
    file = try AppendingFile(path: path)
  }

  /// What is finished, by key.
  var entries: [String: StoredShard] { entriesByKey.withLock { $0 } }

  /// The entry of a finished shard.
  func entry(_ key: String) -> StoredShard? { entriesByKey.withLock { $0[key] } }

  /// Adds a finished shard.
  func append(_ entry: StoredShard) throws(DatabaseError) {
    try file.append(Array(Self.line(entry).utf8))
    entriesByKey.withLock { $0[entry.key] = entry }
  }

  private static func line(_ entry: StoredShard) -> String {
    "\(entry.hash) \(entry.byteCount) \(entry.key)\n"
  }

  private static func parse(_ bytes: [UInt8]) -> [StoredShard] {
    guard let end = bytes.lastIndex(of: 0x0A) else { return [] }
    return String(decoding: bytes[...end], as: UTF8.self).split(separator: "\n")
      .compactMap(ShardManifest.entry)
  }
}
