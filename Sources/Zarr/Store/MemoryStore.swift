// SPDX-License-Identifier: Apache-2.0

import Arrays
import Synchronization

/// A store in memory, for tests and for small hierarchies that are sent elsewhere.
public final class MemoryStore: WritableStore {
  private struct Object {
    var bytes: [UInt8]
    var number: UInt64
  }

  private struct State {
    var objects: [String: Object] = [:]
    var written: UInt64 = 0
    var readCount = 0
  }

  private let state = Guarded(State())
  private let lock = Guarded(())

  /// An empty store.
  public init() {}

  /// How many ranges were asked for so far.
  public var readCount: Int { state.withLock { $0.readCount } }

  public var batchSize: Int { 8 }

  public func read(_ requests: [ByteRangeRequest]) throws(ZarrError) -> [[UInt8]?] {
    state.withLock { state in
      state.readCount += requests.count
      return requests.map { request in
        guard let bytes = state.objects[request.key]?.bytes else { return nil }
        switch request.range {
        case .all: return bytes
        case .bytes(let offset, let length): return Array(bytes.dropFirst(offset).prefix(length))
        case .suffix(let length): return bytes.suffix(length)
        }
      }
    }
  }

  public func size(of key: String) throws(ZarrError) -> Int? {
    state.withLock { $0.objects[key]?.bytes.count }
  }

  public func stamp(of key: String) throws(ZarrError) -> ObjectStamp? {
    state.withLock { $0.objects[key].map { ObjectStamp([$0.number]) } }
  }

  public func list(_ prefix: String) throws(ZarrError) -> [String] {
    state.withLock { $0.objects.keys.filter { $0.hasPrefix(prefix) }.sorted() }
  }

  public func write(_ bytes: RawSpan, to key: String) throws(ZarrError) {
    let copy = [UInt8](copying: bytes)
    state.withLock { state in
      state.written += 1
      state.objects[key] = Object(bytes: copy, number: state.written)
    }
  }

  public func erase(_ key: String) throws(ZarrError) {
    state.withLock { _ = $0.objects.removeValue(forKey: key) }
  }

  public func withLock<Result>(
    below prefix: String, exclusive: Bool, _ body: () throws(ZarrError) -> Result
  ) throws(ZarrError) -> Result {
    try lock.withLock { (_) throws(ZarrError) in try body() }
  }
}
