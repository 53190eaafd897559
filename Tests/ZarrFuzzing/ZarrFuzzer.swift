// SPDX-License-Identifier: Apache-2.0

import Arrays
import Zarr

/// Damages small hierarchies and reads what is left of them: whatever the bytes are, the module must give
/// elements or an error.
///
/// An input depends on the seed and its number alone, so that one that fails can be run again by itself.
public struct ZarrFuzzer: Sendable {
  /// What became of an input.
  public struct Outcome: Sendable {
    /// Whether metadata or group were understood.
    public var isOpened = false
    /// Whether elements came back, or what a group says.
    public var isRead = false
    /// The bytes of a stored object, an inner chunk's or a shard's, as the metadata declare them; 0 where
    /// they were refused.
    public var declaredBytes = 0
  }

  private let seed: UInt64
  private let cases: [FuzzCase]

  /// - Throws: What creating the undamaged hierarchies throws.
  public init(seed: UInt64) throws {
    self.seed = seed
    cases = try FuzzCase.all()
  }

  /// Runs one input.
  ///
  /// - Parameter note: Is told what the metadata declare before anything of that size is asked for.
  public func run(_ number: Int, _ note: (Int) -> Void = { _ in }) -> Outcome {
    var random = FuzzRandom(seed: seed, number: number)
    let objects = random.one(of: cases)
    let store = MemoryStore()
    do throws(ZarrError) {
      for (key, bytes) in try damaged(objects, &random) { try store.write(bytes, to: key) }
    } catch { preconditionFailure("a store in memory takes everything: \(error)") }
    var outcome = Outcome()
    let source: any ReadableStore = random.once(in: 2) ? store : FuzzStore(content: store)
    do throws(ZarrError) {
      if random.once(in: 16) || objects.isGroup {
        try readGroup(in: source, &outcome, &random, note)
        return outcome
      }
      let (array, box, elements) = try read("", in: source, &outcome, &random, note)
      _ = try array.presentChunks(ofShard: box.origin.indices.map { box.origin[$0] / array.grid.chunk[$0] })
      guard array.format == 3, outcome.declaredBytes <= 1 << 20, random.once(in: 8) else { return outcome }
      try ZarrArray(opening: "", in: store).write(elements, at: box.origin)
    } catch {
      precondition(!error.description.isEmpty, "every error says what is wrong")
    }
    return outcome
  }

  /// Reads what a group says of itself, and an array where it says that it is an image.
  private func readGroup(
    in store: any ReadableStore, _ outcome: inout Outcome, _ random: inout FuzzRandom, _ note: (Int) -> Void
  ) throws(ZarrError) {
    let group = try GroupMetadata(opening: "", in: store)
    outcome.isOpened = true
    _ = try ImageLabelMetadata(attributes: group.attributes, key: "zarr.json")?.json.text()
    let image = try MultiscaleMetadata(attributes: group.attributes, key: "zarr.json")
    outcome.isRead = true
    guard let image else { return }
    _ = image.ome().text()
    for level in image.levels.indices { _ = (image.voxelSize(ofLevel: level), image.origin(ofLevel: level)) }
    outcome.isRead = false
    _ = try read(random.one(of: image.levels).path, in: store, &outcome, &random, note)
  }

  /// Opens an array and reads a box of it.
  private func read(
    _ path: String, in store: any ReadableStore, _ outcome: inout Outcome, _ random: inout FuzzRandom,
    _ note: (Int) -> Void
  ) throws(ZarrError) -> (ZarrArray, Box, NDArray) {
    let array = try ZarrArray(opening: path, in: store)
    outcome.isOpened = true
    outcome.declaredBytes = Self.bytes(array)
    note(outcome.declaredBytes)
    let box = Self.box(array.shape, &random)
    let elements = try array.read(box, threads: random.once(in: 50) ? 2 : 1)
    outcome.isRead = true
    return (array, box, elements)
  }

  /// Damages a document, a chunk, or both.
  private func damaged(
    _ objects: FuzzCase, _ random: inout FuzzRandom
  ) throws(ZarrError) -> [String: [UInt8]] {
    var result = objects.objects
    let kind = random.below(10)
    if kind < 6 || objects.chunks.isEmpty {
      let key = random.one(of: objects.documents)
      var text = result[key] ?? []
      if kind > 0 || random.once(in: 2) {
        let other = random.one(of: cases)
        let value = try JSONValue(parsing: text, key: "")
        let donor = try JSONValue(
          parsing: other.objects[random.one(of: other.documents)] ?? [], key: "")
        text = Array(Mutation.json(value, donor, &random).text(indented: false).utf8)
      }
      if kind < 1 || random.once(in: 16) { Mutation.bytes(&text, &random) }
      result[key] = text
      // Without the document that is asked for first, that of the other version counts.
      if random.once(in: 32) { result[random.one(of: objects.documents)] = nil }
    }
    if kind > 4, !objects.chunks.isEmpty {
      let key = random.one(of: objects.chunks)
      var bytes = result[key] ?? []
      Mutation.bytes(&bytes, &random)
      result[key] = bytes
    }
    return result
  }

  /// A box of a few elements, at an end of the array more often than by chance.
  private static func box(_ shape: Extent, _ random: inout FuzzRandom) -> Box {
    var rest = 256
    var origin: [Int] = []
    var extent: [Int] = []
    for size in shape.sizes {
      let length = min(size, random.once(in: 2) ? rest : 1 + random.below(rest))
      extent.append(length)
      origin.append(
        random.once(in: 2) ? size - length : random.once(in: 2) ? 0 : random.below(size - length + 1))
      rest = max(1, rest / max(length, 1))
    }
    return Box(origin: origin, extent: Extent(extent))
  }

  private static func bytes(_ array: ZarrArray) -> Int {
    array.grid.chunk.count * array.dataType.byteCount
  }
}
