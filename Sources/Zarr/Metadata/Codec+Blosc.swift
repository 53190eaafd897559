// SPDX-License-Identifier: Apache-2.0

import Arrays

extension Codec {
  /// The configuration of `blosc`. Decoding needs none of it: each chunk says how it was made.
  public struct Blosc: Hashable, Sendable {
    /// What compresses the shuffled bytes.
    public enum Compressor: String, CaseIterable, Sendable {
      case blosclz, lz4, lz4hc, snappy, zlib, zstd
    }

    /// How bytes or bits that stand at one place of neighbouring elements come together.
    public enum Shuffle: String, CaseIterable, Sendable {
      case none = "noshuffle"
      case bytes = "shuffle"
      case bits = "bitshuffle"
    }

    /// What compresses.
    public let compressor: Compressor
    /// From 0, which only copies, to 9.
    public let level: Int
    /// What happens before.
    public let shuffle: Shuffle
    /// The bytes of what is shuffled; `nil` for those of the array's element.
    public let typeSize: Int?
    /// The bytes of a block; 0 for what the library thinks best.
    public let blockSize: Int

    /// - Parameters:
    ///   - level: From 0 to 9.
    ///   - typeSize: The bytes of what is shuffled, the array's element by default.
    ///   - blockSize: The bytes of a block; 0 for what the library thinks best.
    public init(
      _ compressor: Compressor = .lz4, level: Int = 5, shuffle: Shuffle = .bytes, typeSize: Int? = nil,
      blockSize: Int = 0
    ) {
      self.compressor = compressor
      self.level = level
      self.shuffle = shuffle
      self.typeSize = typeSize
      self.blockSize = blockSize
    }

    /// The same with the size of what is shuffled known.
    func forElements(of type: DataType) -> Blosc {
      Blosc(
        compressor, level: level, shuffle: shuffle, typeSize: typeSize ?? type.byteCount, blockSize: blockSize
      )
    }
  }
}

extension Codec.Blosc {
  var json: JSONValue {
    var configuration: JSONObject = [
      "cname": .string(compressor.rawValue), "clevel": .integer(level), "shuffle": .string(shuffle.rawValue),
    ]
    if let typeSize { configuration["typesize"] = .integer(typeSize) }
    configuration["blocksize"] = .integer(blockSize)
    return ["name": "blosc", "configuration": .object(configuration)]
  }

  /// Reads the configuration of v3.
  init(_ members: MetadataReader) throws(ZarrError) {
    try members.allow("cname", "clevel", "shuffle", "typesize", "blocksize")
    let shuffle = try members.required("shuffle")
    guard let shuffle = shuffle.string.flatMap(Shuffle.init) else {
      throw members.invalid("the codec 'blosc' has the unknown shuffle \(shuffle)")
    }
    try self.init(
      members, name: try members.required("cname"), level: try members.required("clevel"), shuffle,
      typeSize: members.members["typesize"])
  }

  /// Reads the compressor of a v2 array, whose shuffles are numbers: none, bytes, bits, or −1 for bits of
  /// single bytes and bytes of anything longer.
  init(v2 members: MetadataReader, _ type: DataType) throws(ZarrError) {
    let shuffle: Shuffle
    let number = members.members["shuffle"] ?? 1
    switch number.int {
    case 0: shuffle = .none
    case 1: shuffle = .bytes
    case 2: shuffle = .bits
    case -1: shuffle = type.byteCount == 1 ? .bits : .bytes
    default: throw members.invalid("the compressor 'blosc' has the unknown shuffle \(number)")
    }
    try self.init(
      members, name: members.members["cname"] ?? "lz4", level: members.members["clevel"] ?? 5, shuffle,
      typeSize: nil)
  }

  private init(
    _ members: MetadataReader, name: JSONValue, level: JSONValue, _ shuffle: Shuffle, typeSize: JSONValue?
  ) throws(ZarrError) {
    guard let name = name.string else { throw members.invalid("the cname of 'blosc' is no name") }
    guard let compressor = Compressor(rawValue: name) else {
      throw .unsupported(key: members.key, what: "the compressor '\(name)' of 'blosc'")
    }
    guard let level = level.int, (0...9).contains(level) else {
      throw members.invalid("the codec 'blosc' has the clevel \(level), which is none of 0 to 9")
    }
    let blockSize = members.members["blocksize"] ?? 0
    guard let blockSize = blockSize.int, (0...Int(Int32.max)).contains(blockSize) else {
      throw members.invalid("the codec 'blosc' has the blocksize \(blockSize)")
    }
    if let typeSize, typeSize.int.map({ (1...255).contains($0) }) != true {
      throw members.invalid("the codec 'blosc' has the typesize \(typeSize), which is none of 1 to 255")
    }
    self.init(compressor, level: level, shuffle: shuffle, typeSize: typeSize?.int, blockSize: blockSize)
  }
}
