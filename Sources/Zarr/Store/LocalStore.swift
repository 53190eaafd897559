// SPDX-License-Identifier: Apache-2.0

/// A folder of the file system; every key is the relative path of a file.
///
/// A write makes the folders it needs, writes a new file beside the old one and renames it, so that
/// a reader sees the old or the new bytes and a kill leaves the old ones. It does not wait for the
/// disk: who needs that syncs files and folders afterwards.
public struct LocalStore: WritableStore {
  /// The folder.
  public let path: String

  /// - Parameter path: The folder; it need not exist before the first write.
  public init(path: String) {
    self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  public var batchSize: Int { 1 }

  /// The file of a key.
  ///
  /// - Throws: ``ZarrError/invalidKey(_:)`` if the key could name anything outside the folder.
  public func filePath(of key: String) throws(ZarrError) -> String {
    for name in key.split(separator: "/", omittingEmptySubsequences: false) {
      guard !name.isEmpty, name != ".", name != "..", !name.contains("\0") else { throw .invalidKey(key) }
    }
    return "\(path)/\(key)"
  }

  public func read(_ requests: [ByteRangeRequest]) throws(ZarrError) -> [[UInt8]?] {
    var results: [[UInt8]?] = []
    results.reserveCapacity(requests.count)
    for request in requests { results.append(try bytes(request)) }
    return results
  }
}
