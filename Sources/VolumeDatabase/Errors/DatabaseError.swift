// SPDX-License-Identifier: Apache-2.0

/// What went wrong in a volume database.
public enum DatabaseError: Error, Equatable, Sendable {
  /// A name that breaks the rules of ``ObjectName``.
  case badName(String, noun: String)
  /// A reference that cannot be read.
  case badReference(String, expected: String)
  /// A region that cannot be read, or that holds no voxel.
  case badRegion(String, reason: String)
  /// A region that leaves the volume; `valid` is the range that would have been accepted.
  case regionOutOfBounds(region: String, volume: String, valid: String)
  /// Chunk and shard shapes that do not fit each other.
  case badChunkShape(chunk: [Int], shard: [Int])
}

extension DatabaseError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .badName(let name, let noun):
      "'\(name)' cannot name a \(noun): use letters, digits, '_', '.' and '-', with a letter or digit "
        + "first, at least one letter, and at most \(ObjectName.longest) characters"
    case .badReference(let text, let expected):
      "'\(text)' is no reference that is understood here: expected \(expected)"
    case .badRegion(let text, let reason):
      "the region '\(text)' cannot be used: \(reason) (as in z=18:36,y=0:1000,x=0:1000)"
    case .regionOutOfBounds(let region, let volume, let valid):
      "the region '\(region)' leaves \(volume): valid is \(valid)"
    case .badChunkShape(let chunk, let shard):
      "chunks of \(list(chunk)) voxels do not fill shards of \(list(shard)): give three sizes z,y,x "
        + "each, every shard size a multiple of the chunk's"
    }
  }

  private func list(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: ",") }
}
