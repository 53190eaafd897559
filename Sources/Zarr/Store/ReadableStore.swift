// SPDX-License-Identifier: Apache-2.0

/// A part of a stored object.
public struct ByteRangeRequest: Hashable, Sendable {
  /// Which bytes.
  public enum Range: Hashable, Sendable {
    /// The whole object.
    case all
    /// `length` bytes from `offset` on.
    case bytes(offset: Int, length: Int)
    /// The last `length` bytes, or the whole of a shorter object.
    case suffix(length: Int)
  }

  /// The name of the object.
  public let key: String
  /// Which of its bytes.
  public let range: Range
  /// How large the whole object can be at most: a store that cannot know its size before must not take
  /// more; `nil` where nobody knows.
  public let byteLimit: Int?

  /// The whole object unless a range is given.
  public init(_ key: String, _ range: Range = .all, byteLimit: Int? = nil) {
    self.key = key
    self.range = range
    self.byteLimit = byteLimit
  }
}

/// A set of named byte strings that can be read, from any thread.
///
/// Keys are names joined by `/`, as in `0/c/1/2/3`. What a range asks for beyond the end of an object
/// is left out of the answer, so that a reader must check how much it got.
public protocol ReadableStore: Sendable {
  /// Reads a batch of ranges; a store far away asks for all of them at once.
  ///
  /// - Returns: The bytes for each request, `nil` where there is no such object.
  func read(_ requests: [ByteRangeRequest]) throws(ZarrError) -> [[UInt8]?]

  /// Reads one range into memory of the caller.
  ///
  /// - Returns: How many bytes were read, `nil` if there is no such object.
  func read(
    _ request: ByteRangeRequest, into target: UnsafeMutableRawBufferPointer
  ) throws(ZarrError) -> Int?

  /// The bytes of an object, `nil` if there is no such object.
  func size(of key: String) throws(ZarrError) -> Int?

  /// What changes whenever the object does; `nil` if there is none or the store cannot tell.
  func stamp(of key: String) throws(ZarrError) -> ObjectStamp?

  /// All keys that begin with a prefix, sorted.
  func list(_ prefix: String) throws(ZarrError) -> [String]

  /// How many ranges are worth asking for at once: 1 where a request costs no waiting.
  var batchSize: Int { get }
}

/// A store that can be written to.
public protocol WritableStore: ReadableStore {
  /// Stores an object in place of the one that was there; readers see either the old or the new one.
  func write(_ bytes: RawSpan, to key: String) throws(ZarrError)

  /// Stores an object whose bytes come part by part.
  ///
  /// - Parameter body: Appends the parts. If it returns `false` or throws, the object is left as it was.
  /// - Returns: What `body` did.
  func write(
    to key: String, _ body: (_ append: (RawSpan) throws(ZarrError) -> Void) throws(ZarrError) -> Bool
  ) throws(ZarrError) -> Bool

  /// Removes an object; no error if there is none.
  func erase(_ key: String) throws(ZarrError)

  /// Runs `body` while other writers below `prefix`, of other processes too, stay out as asked.
  ///
  /// - Parameter exclusive: Keep everyone out who calls this; otherwise only exclusive callers.
  func withLock<Result>(
    below prefix: String, exclusive: Bool, _ body: () throws(ZarrError) -> Result
  ) throws(ZarrError) -> Result
}

/// What tells one state of an object from another.
public struct ObjectStamp: Hashable, Sendable {
  let words: [UInt64]

  /// Any numbers that change with the object.
  public init(_ words: [UInt64]) { self.words = words }
}
