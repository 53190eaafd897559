// SPDX-License-Identifier: Apache-2.0

extension ZarrArray {
  /// A shard, or a chunk of an array without shards, as it is to be stored.
  public struct EncodedShard: Sendable {
    /// The bytes of the stored object.
    public let bytes: [UInt8]
    /// Whether each inner chunk is stored, in C order of the shard's full grid; the others read as the
    /// fill value.
    public let presentChunks: [Bool]
  }
}
