// SPDX-License-Identifier: Apache-2.0

/// One step of the chain by which a chunk becomes bytes, as the metadata name it.
public indirect enum Codec: Hashable, Sendable {
  /// The axes in another order: axis `i` of the encoded array is axis `order[i]` of the decoded one.
  case transpose(order: [Int])
  /// Elements one after another in C order; `nil` where the byte order does not matter.
  case bytes(ByteOrder?)
  /// A shard: smaller chunks and an index in one object.
  case sharding(Sharding)
  /// Zstandard; `checksum` appends the frame's own checksum of its content.
  case zstd(level: Int, checksum: Bool)
  /// Deflate with a gzip header and checksum.
  case gzip(level: Int)
  /// Deflate with a zlib header and checksum, under the name `numcodecs.zlib`.
  case zlib(level: Int)
  /// Blocks that are shuffled and then compressed, by the C library of that name.
  case blosc(Blosc)
  /// One block of LZ4 after its length, under the name `numcodecs.lz4`.
  case lz4(acceleration: Int)
  /// Four bytes of CRC-32C at the end.
  case crc32c
  /// Four bytes of Fletcher's checksum as HDF5 has it, under the name `numcodecs.fletcher32`.
  case fletcher32

  /// Which byte of a number comes first.
  public enum ByteOrder: String, Sendable {
    case little, big
  }

  /// The configuration of `sharding_indexed`.
  public struct Sharding: Hashable, Sendable {
    /// The shape of an inner chunk; divides the shard's.
    public let chunkShape: [Int]
    /// The chain of an inner chunk.
    public let codecs: [Codec]
    /// The chain of the index, without compression.
    public let indexCodecs: [Codec]
    /// Where in the shard the index lies.
    public let indexLocation: IndexLocation

    /// Where in the shard the index lies.
    public enum IndexLocation: String, Sendable {
      case start, end
    }

    /// By default the index is little-endian with a checksum, at the end.
    public init(
      chunkShape: [Int], codecs: [Codec], indexCodecs: [Codec] = [.bytes(.little), .crc32c],
      indexLocation: IndexLocation = .end
    ) {
      self.chunkShape = chunkShape
      self.codecs = codecs
      self.indexCodecs = indexCodecs
      self.indexLocation = indexLocation
    }
  }

  /// Whether the codec turns an array into bytes; a chain has exactly one such.
  var makesBytes: Bool {
    switch self {
    case .bytes, .sharding: true
    case .transpose, .zstd, .gzip, .zlib, .blosc, .lz4, .crc32c, .fletcher32: false
    }
  }
}
