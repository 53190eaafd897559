// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
public import Zarr

extension HTTPStore {
  /// - Throws: ``ZarrError/unreachable(address:reason:)`` after the last attempt, or
  ///   ``ZarrError/refused(address:reason:)`` where another attempt would not help.
  public func read(_ requests: [ByteRangeRequest]) throws(ZarrError) -> [[UInt8]?] {
    let futures = requests.map { request in
      request.range.byteCount == 0 ? nil : whenFree { attempt(.GET, request, number: 1) }
    }
    // All are waited for, so that nothing goes on after an error.
    let answers = futures.map { future in future.map { future in Result { try future.wait() } } }
    return try zip(requests, answers).map { (request, answer) throws(ZarrError) in
      // Of nothing, only whether it is there is asked.
      guard let answer else { return try size(of: request.key).map { _ in [] } }
      switch answer {
      case .success(let answer): return answer.bytes
      case .failure(let error):
        guard case .suffix(let length) = request.range, (error as? HTTPFailure)?.isAboutRanges == true else {
          throw failure(error, request.key)
        }
        return try end(of: request.key, length: length)
      }
    }
  }

  /// The last bytes of an object of a server that knows ranges, but not from the end.
  private func end(of key: String, length: Int) throws(ZarrError) -> [UInt8]? {
    guard let size = try size(of: key) else { return nil }
    let part = ByteRangeRequest(key, .bytes(offset: max(0, size - length), length: min(size, length)))
    do {
      return try whenFree { attempt(.GET, part, number: 1) }.wait().bytes
    } catch {
      throw failure(error, key)
    }
  }

  /// By a request for the head alone, or for the last byte where a server's head does not say the size.
  public func size(of key: String) throws(ZarrError) -> Int? {
    if let answer = try? whenFree({ attempt(.HEAD, ByteRangeRequest(key), number: 1) }).wait() {
      if let size = answer.objectSize { return size }
      if !answer.isThere { return nil }
    }
    let last = ByteRangeRequest(key, .suffix(length: 1))
    do {
      let answer = try whenFree { attempt(.GET, last, number: 1) }.wait()
      guard answer.isThere else { return nil }
      guard let size = answer.objectSize else {
        throw HTTPFailure("the server does not say how large it is", isTransient: false)
      }
      return size
    } catch {
      throw failure(error, key)
    }
  }

  /// Asks, and asks again after a pause where that may help.
  private func attempt(
    _ method: HTTPMethod, _ range: ByteRangeRequest, number: Int
  ) -> EventLoopFuture<RangeAnswer> {
    let loop = Self.client.eventLoopGroup.next()
    let request: HTTPClient.Request
    do {
      var headers: HTTPHeaders = ["Accept-Encoding": "identity", "User-Agent": "vemdb"]
      if let text = range.range.header { headers.add(name: "Range", value: text) }
      request = try HTTPClient.Request(url: address(of: range.key), method: method, headers: headers)
    } catch {
      return loop.makeFailedFuture(HTTPFailure("it is no address of a web server", isTransient: false))
    }
    let limit = range.range.byteCount.map { max($0, options.wholeLimit) } ?? Self.objectLimit
    return Self.client.execute(
      request: request, delegate: ResponseAccumulator(request: request, maxBodySize: limit),
      deadline: .now() + options.longest(forBytes: range.range.byteCount ?? Self.objectLimit)
    ).futureResult.flatMapThrowing { response in
      try RangeAnswer(response, to: range.range, isHead: method == .HEAD)
    }.flatMapError { error in
      let failure = HTTPFailure(error, isRange: range.range != .all)
      guard failure.isTransient else { return loop.makeFailedFuture(failure) }
      guard number < options.attempts else {
        let tried = options.attempts == 1 ? "" : " (tried \(options.attempts) times)"
        return loop.makeFailedFuture(HTTPFailure(failure.reason + tried, isTransient: true))
      }
      let pause = options.firstPause << min(number - 1, 6)
      return loop.flatScheduleTask(in: .milliseconds(Int64(pause))) {
        attempt(method, range, number: number + 1)
      }.futureResult
    }
  }

  private func failure(_ error: any Error, _ key: String) -> ZarrError {
    let failure = error as? HTTPFailure ?? HTTPFailure(error, isRange: false)
    let address = address(of: key)
    return failure.isTransient
      ? .unreachable(address: address, reason: failure.reason)
      : .refused(address: address, reason: failure.reason)
  }

  /// No stored object is larger: 2 GiB.
  private static let objectLimit = 1 << 31
}

extension ByteRangeRequest.Range {
  /// The value of the header `Range` (RFC 9110, section 14.2).
  var header: String? {
    switch self {
    case .all: nil
    case .bytes(let offset, let length): "bytes=\(offset)-\(offset + max(length, 1) - 1)"
    case .suffix(let length): "bytes=-\(length)"
    }
  }

  /// How many bytes are asked for.
  var byteCount: Int? {
    switch self {
    case .all: nil
    case .bytes(_, let length), .suffix(let length): length
    }
  }
}
