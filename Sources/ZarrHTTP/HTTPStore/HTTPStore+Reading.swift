// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
public import Zarr

extension HTTPStore {
  /// - Throws: `ZarrError.unreachable` after the last attempt, or `ZarrError.refused`
  ///   where another attempt would not help.
  public func read(_ requests: [ByteRangeRequest]) throws(ZarrError) -> [[UInt8]?] {
    let batch = Exchange.Batch()
    let futures = requests.map { request in
      whenFree { answer(Exchange(request, in: batch, options)) }
    }
    // All are waited for, so that nothing goes on after an error.
    var answers: [[UInt8]?] = []
    var failure: ZarrError?
    for (request, future) in zip(requests, futures) {
      do {
        answers.append(try future.wait().bytes)
      } catch {
        let known = HTTPFailure(error, isRange: request.range != .all)
        if failure == nil && known.kind != .pointless { failure = known.error(at: address(of: request.key)) }
      }
    }
    if let failure { throw failure }
    return answers
  }

  /// By a request for the head alone, or for the first byte where a server's head does not say the size.
  public func size(of key: String) throws(ZarrError) -> Int? {
    let exchange = Exchange(ByteRangeRequest(key, .bytes(offset: 0, length: 1)), in: .init(), options)
    do {
      return try whenFree { size(exchange) }.wait()
    } catch {
      throw HTTPFailure(error, isRange: true).error(at: address(of: key))
    }
  }

  // MARK: Ranges

  /// The bytes of a range, by another way where the server does not know how to give it.
  private func answer(_ exchange: Exchange) -> EventLoopFuture<RangeAnswer> {
    switch exchange.request.range {
    case .bytes(_, let length) where length <= 0, .suffix(let length) where length <= 0:
      // HTTP has no empty ranges; all there is to know is whether the object is there.
      return size(exchange).map { RangeAnswer(nothingOf: $0) }
    case .suffix(let length) where !manners.knowsSuffixes:
      return lastBytes(length, exchange)
    case .suffix(let length):
      let manners = manners
      return attempt(.GET, exchange).map { answer in
        if answer.wasWhole && (answer.objectSize ?? 0) > 2 * length + 4096 { manners.knowsSuffixes = false }
        return answer
      }.flatMapError { error in
        guard HTTPFailure(error, isRange: true).kind == .badRange else {
          return Self.failed(error)
        }
        return lastBytes(length, exchange).map { answer in
          manners.knowsSuffixes = false
          return answer
        }
      }
    default:
      return attempt(.GET, exchange)
    }
  }

  /// The last bytes of an object whose size must be asked for first.
  private func lastBytes(_ length: Int, _ exchange: Exchange) -> EventLoopFuture<RangeAnswer> {
    size(exchange).flatMap { size in
      guard let size, size > 0 else { return Self.loop.makeSucceededFuture(RangeAnswer(nothingOf: size)) }
      let count = min(length, size)
      return attempt(.GET, exchange.asking(for: .bytes(offset: size - count, length: count)))
    }
  }

  /// The bytes of an object; `nil` if there is none.
  private func size(_ exchange: Exchange) -> EventLoopFuture<Int?> {
    attempt(.HEAD, exchange.asking(for: .all)).flatMap { answer in
      // A head without a length is no answer.
      guard answer.isThere && answer.objectSize == nil else {
        return Self.loop.makeSucceededFuture(answer.objectSize)
      }
      return sizeByFirstByte(exchange)
    }.flatMapError { error in
      switch HTTPFailure(error, isRange: false).kind {
      case .passing, .pointless: Self.failed(error)
      // Some servers answer everything but GET by an error.
      case .lasting, .badRange, .forbidden: sizeByFirstByte(exchange)
      }
    }
  }

  private func sizeByFirstByte(_ exchange: Exchange) -> EventLoopFuture<Int?> {
    attempt(.GET, exchange.asking(for: .bytes(offset: 0, length: 1))).flatMapThrowing { answer in
      guard answer.isThere else { return nil }
      guard let size = answer.objectSize else {
        throw HTTPFailure("the server does not say how large the file is", .lasting)
      }
      return size
    }
  }

  // MARK: Attempts

  /// Asks, and asks again after a pause where that may help.
  private func attempt(
    _ method: HTTPMethod, _ exchange: Exchange, number: Int = 1
  ) -> EventLoopFuture<RangeAnswer> {
    if exchange.batch.hasFailed { return Self.failed(HTTPFailure("", .pointless)) }
    let range = exchange.request.range
    let request: HTTPClient.Request
    do {
      var headers: HTTPHeaders = ["Accept-Encoding": "identity", "User-Agent": "vemdb"]
      if let text = range.header { headers.add(name: "Range", value: text) }
      request = try HTTPClient.Request(
        url: target(of: exchange.request.key), method: method, headers: headers)
    } catch {
      return Self.failed(HTTPFailure("it is no address of a web server", .lasting))
    }
    let limit = range.byteCount.map { max($0, options.wholeLimit) } ?? exchange.request.byteLimit ?? .max
    return Self.client.execute(
      request: request,
      delegate: ResponseAccumulator(request: request, maxBodySize: min(limit, Self.objectLimit)),
      deadline: exchange.deadline
    ).futureResult.flatMapThrowing { response in
      try RangeAnswer(response, to: range, isHead: method == .HEAD)
    }.flatMapError { error in
      let failure = HTTPFailure(error, isRange: range != .all)
      let pause = TimeAmount.milliseconds(
        failure.pause ?? Int64(options.firstPause) << min(number - 1, 6))
      guard failure.kind == .passing, number < options.attempts, .now() + pause < exchange.deadline else {
        if failure.kind != .badRange && method != .HEAD { exchange.batch.fail() }
        return Self.failed(failure.told(after: number))
      }
      return Self.loop.flatScheduleTask(in: pause) {
        attempt(method, exchange, number: number + 1)
      }.futureResult
    }
  }

  private static var loop: any EventLoop { client.eventLoopGroup.next() }

  private static func failed<Answer: Sendable>(_ error: any Error) -> EventLoopFuture<Answer> {
    loop.makeFailedFuture(error)
  }

  /// No stored object is larger: 2 GiB.
  private static let objectLimit = 1 << 31
}
