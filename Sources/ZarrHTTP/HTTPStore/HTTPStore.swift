// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import Dispatch
import Foundation
import NIOCore
public import Zarr

/// A folder of a web server or of an object store's public address, read by ranges.
///
/// Several requests are under way at once, and each is repeated with growing pauses where the server is busy or
/// the connection fails. Nothing is listed, because HTTP has no such thing. The network is waited for on
/// threads of the HTTP client; calls block the calling thread, which must not be one of Swift's cooperative
/// pool. Copies share what was learned about the server.
///
/// ```swift
/// let store = try HTTPStore(address: "https://example.org/volume.zarr")
/// let array = try ZarrArray(opening: "0", in: store)
/// ```
public struct HTTPStore: ReadableStore {
  /// How patient a store is.
  public struct Options: Hashable, Sendable {
    /// How often a request is made before its failure counts, at least once.
    public var attempts = 5
    /// The pause before the second attempt in milliseconds; each further one is twice as long.
    public var firstPause = 250
    /// How many milliseconds a request may take with all its attempts, beside the time for its bytes.
    public var timeLimit = 90_000
    /// How many bytes a millisecond a server must send on average, so that a slow one is told from a dead one.
    public var slowestRate = 64
    /// How many requests are under way at once.
    public var concurrency = 16
    /// How many bytes of an object are read in vain from a server that knows no ranges.
    public var wholeLimit = 4 << 20

    public init() {}
  }

  /// The address of the folder, without a slash at its end and without what follows `?`.
  public let address: String

  /// What is added to the address of each object, as the signature of an object store, with its `?`; it may
  /// open what is not public, so that nobody is told of it.
  private let query: String

  let options: Options
  let manners = ServerManners()
  private let slots: DispatchSemaphore

  /// - Parameter address: Begins with `http://` or `https://`; what follows `?` is added to the address of each
  ///   object.
  /// - Throws: `ZarrError.refused` for any other address.
  public init(address: String, options: Options = Options()) throws(ZarrError) {
    guard let parts = URLComponents(string: address), let host = parts.host, !host.isEmpty,
      let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme)
    else {
      throw .refused(
        address: Self.bare(address),
        reason: "it is no address that begins with http:// or https:// and names a host")
    }
    guard parts.user == nil, parts.password == nil else {
      throw .refused(
        address: "\(scheme)://\(host)/…", reason: "an address with a password would be written down")
    }
    guard parts.fragment == nil else {
      throw .refused(
        address: Self.bare(address), reason: "names are added to it, so that it may have no '#'")
    }
    self.address = Self.bare(address)
    query = parts.percentEncodedQuery.map { $0.isEmpty ? "" : "?\($0)" } ?? ""
    self.options = options
    slots = DispatchSemaphore(value: max(1, options.concurrency))
  }

  /// As many ranges as keep a far server busy.
  public var batchSize: Int { max(2, options.concurrency) }

  /// No state of an object is told from another: it must not change while it is read.
  public func stamp(of key: String) throws(ZarrError) -> ObjectStamp? { nil }

  public func list(_ prefix: String) throws(ZarrError) -> [String] {
    throw .refused(address: address, reason: "a web server does not say which files it has")
  }

  /// An address without what follows `?` or `#`, and without a slash at its end.
  private static func bare(_ address: String) -> String {
    var folder = address.prefix { $0 != "?" && $0 != "#" }
    while folder.last == "/" { folder.removeLast() }
    return String(folder)
  }

  /// What is asked for to get an object.
  func target(of key: String) -> String { address(of: key) + query }

  /// The address of an object, as people are told it.
  func address(of key: String) -> String {
    var path = ""
    for byte in key.utf8 {
      let character = Character(UnicodeScalar(byte))
      if byte < 0x80 && (character.isLetter || character.isNumber || "-._~/".contains(character)) {
        path.append(character)
      } else {
        path += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return path.isEmpty ? address : "\(address)/\(path)"
  }

  /// Waits for a place among the requests under way, and gives it back once `request` has its answer.
  func whenFree<Answer: Sendable>(
    _ request: () -> EventLoopFuture<Answer>
  ) -> EventLoopFuture<Answer> {
    slots.wait()
    let future = request()
    let slots = slots
    future.whenComplete { _ in slots.signal() }
    return future
  }

  /// One client for the whole process: its connections are kept open between reads.
  static let client: HTTPClient = {
    var configuration = HTTPClient.Configuration()
    configuration.redirectConfiguration = .follow(max: 5, allowCycles: false)
    configuration.timeout.connect = .seconds(10)
    configuration.timeout.read = .seconds(30)
    configuration.decompression = .disabled
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 16
    // The store makes its own attempts.
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }()
}
