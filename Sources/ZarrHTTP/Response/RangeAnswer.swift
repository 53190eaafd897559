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

  private init(_ bytes: [UInt8]?, isThere: Bool = true, objectSize: Int? = nil) {
    self.bytes = bytes
    self.isThere = isThere
    self.objectSize = objectSize
  }

  /// Checks a response.
  ///
  /// - Throws: ``HTTPFailure`` where the status is no answer, or the bytes are not those asked for.
  init(
    _ response: HTTPClient.Response, to range: ByteRangeRequest.Range, isHead: Bool
  ) throws(HTTPFailure) {
    if let coding = response.headers.first(name: "Content-Encoding"), coding.lowercased() != "identity" {
      throw HTTPFailure(
        "the server sends it compressed (\(coding)), although that was not allowed", isTransient: false)
    }
    let body = response.body.map { [UInt8](buffer: $0) } ?? []
    let said = response.headers.first(name: "Content-Range").flatMap(ContentRange.init)
    switch response.status.code {
    case 200 where isHead:
      let size = response.headers.first(name: "Content-Length").flatMap { Int($0) }
      self.init(nil, objectSize: size)
    case 200:
      self.init(Self.part(range, of: body), objectSize: body.count)
    case 206:
      try self.init(body, as: said, to: range)
    case 416 where range != .all:
      // Nothing of the object lies in the range.
      self.init([], objectSize: said?.total)
    case 404, 410:
      self.init(nil, isThere: false)
    case 408, 425, 429, 500, 502, 503, 504:
      throw HTTPFailure("the server answers \(response.status)", isTransient: true)
    case 401, 403:
      throw HTTPFailure(
        "the server answers \(response.status): it must be public, or does not say that a file is missing",
        isTransient: false)
    default:
      // An object store that knows no ranges from the end may say so by 400 or 501.
      throw HTTPFailure(
        "the server answers \(response.status)", isTransient: false,
        isAboutRanges: range != .all && [400, 501].contains(response.status.code))
    }
  }

  /// A partial response must be just what its header says, and that what was asked for.
  private init(
    _ body: [UInt8], as said: ContentRange?, to range: ByteRangeRequest.Range
  ) throws(HTTPFailure) {
    guard let said else {
      throw HTTPFailure("the server does not say which part it sends (Content-Range)", isTransient: false)
    }
    guard said.bytes.count == body.count else {
      throw HTTPFailure(
        "the server sends \(body.count) bytes where it says \(said.bytes.count)", isTransient: true)
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
      throw HTTPFailure(
        "the server sends another part than was asked for", isTransient: false, isAboutRanges: true)
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
