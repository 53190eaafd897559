// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Zarr

/// What a server's response says of a range that was asked for.
struct RangeAnswer: Sendable {
  /// The bytes; `nil` if there is no such object, or only its head was asked for.
  let bytes: [UInt8]?
  /// Whether there is such an object.
  let isThere: Bool
  /// The bytes of the whole object, if the server says so.
  let objectSize: Int?
  /// Whether the server sent all of the object, whatever was asked for.
  let wasWhole: Bool

  private init(_ bytes: [UInt8]?, isThere: Bool = true, objectSize: Int? = nil, wasWhole: Bool = false) {
    self.bytes = bytes
    self.isThere = isThere
    self.objectSize = objectSize
    self.wasWhole = wasWhole
  }

  /// An empty range of an object of this size; `nil` if there is none.
  init(nothingOf size: Int?) {
    self.init(size == nil ? nil : [], isThere: size != nil, objectSize: size)
  }

  /// Checks a response.
  ///
  /// - Throws: ``HTTPFailure`` where the status is no answer, or the bytes are not those asked for.
  init(
    _ response: HTTPClient.Response, to range: ByteRangeRequest.Range, isHead: Bool
  ) throws(HTTPFailure) {
    let headers = response.headers
    if response.status.code < 300, let coding = headers.first(name: "Content-Encoding"),
      coding.lowercased() != "identity"
    {
      throw HTTPFailure(
        "the server sends it compressed (Content-Encoding: \(coding)), although that was not allowed",
        .lasting)
    }
    let body = response.body.map { [UInt8](buffer: $0) } ?? []
    let said = headers.first(name: "Content-Range").flatMap(ContentRange.init)
    switch response.status.code {
    case 200 where isHead:
      self.init(nil, objectSize: headers.first(name: "Content-Length").flatMap { Int($0) })
    case 200:
      self.init(Self.part(range, of: body), objectSize: body.count, wasWhole: true)
    case 206:
      try self.init(body, as: said, to: range)
    case 416 where range.isBounded || said?.total == 0:
      // Nothing of the object lies in the range.
      self.init([], objectSize: said?.total ?? (range == .bytes(offset: 0, length: 1) ? 0 : nil))
    case 400, 405, 416, 501:
      // To the last bytes there is another way.
      throw HTTPFailure("the server answers \(response.status)", range == .all ? .lasting : .badRange)
    case 404, 410:
      self.init(nil, isThere: false)
    case 408, 425, 429, 500, 502, 503, 504:
      // No server is waited for longer than the deadline allows.
      let wanted = headers.first(name: "Retry-After").flatMap { Int64($0) }
      throw HTTPFailure(
        "the server answers \(response.status)", .passing,
        pause: wanted.map { min(max($0, 0), 86_400) * 1000 })
    case 401, 403:
      throw HTTPFailure(
        "the server answers \(response.status), because the file is not public, or is missing and the server does"
          + " not say so", .forbidden)
    default:
      throw HTTPFailure("the server answers \(response.status)", .lasting)
    }
  }

  /// A partial response must be just what its header says, and that what was asked for.
  private init(
    _ body: [UInt8], as said: ContentRange?, to range: ByteRangeRequest.Range
  ) throws(HTTPFailure) {
    guard let said else {
      throw HTTPFailure("the server does not say which part it sends (Content-Range)", .lasting)
    }
    guard said.bytes.count == body.count else {
      throw HTTPFailure("the server sends \(body.count) bytes where it says \(said.bytes.count)", .passing)
    }
    // Less than was asked for is only right where the object ends.
    let isRight =
      switch range {
      case .all: said.bytes.lowerBound == 0 && said.bytes.upperBound == said.total
      case .bytes(let offset, let length):
        said.bytes.lowerBound == offset
          && (body.count == length || body.count < length && said.bytes.upperBound == said.total)
      case .suffix(let length):
        said.total.map { said.bytes == max(0, $0 - length)..<$0 } ?? (body.count == length)
      }
    guard isRight else {
      throw HTTPFailure("the server sends another part than was asked for", .badRange)
    }
    self.init(body, objectSize: said.total)
  }

  /// What a range is of an object that was sent as a whole.
  private static func part(_ range: ByteRangeRequest.Range, of body: [UInt8]) -> [UInt8] {
    switch range {
    case .all: body
    case .bytes(let offset, let length): Array(body.dropFirst(offset).prefix(length))
    case .suffix(let length): body.suffix(length)
    }
  }
}

extension ByteRangeRequest.Range {
  /// Whether it is a range from one byte to another.
  fileprivate var isBounded: Bool {
    if case .bytes = self { true } else { false }
  }
}
