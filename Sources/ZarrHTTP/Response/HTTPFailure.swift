// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore

/// Why one request failed, and whether another may succeed.
struct HTTPFailure: Error {
  let reason: String
  let isTransient: Bool
  /// Whether the server did not do as the header `Range` says.
  let isAboutRanges: Bool

  init(_ reason: String, isTransient: Bool, isAboutRanges: Bool = false) {
    self.reason = reason
    self.isTransient = isTransient
    self.isAboutRanges = isAboutRanges
  }

  /// What an error of the client means.
  ///
  /// - Parameter isRange: A part of an object was asked for.
  init(_ error: any Error, isRange: Bool) {
    switch error {
    case let failure as HTTPFailure:
      self = failure
    case is ResponseAccumulator.ResponseTooBigError:
      self.init(
        isRange
          ? "the server sends all of a large file where a part was asked for: it must support range requests"
          : "it is larger than any stored chunk can be", isTransient: false, isAboutRanges: isRange)
    case let error as HTTPClientError:
      let lasting: [HTTPClientError] = [
        .invalidURL, .emptyHost, .emptyScheme, .redirectLimitReached, .redirectCycleDetected,
      ]
      self.init(Self.words(error), isTransient: !lasting.contains(error))
    case is ChannelError:
      self.init("the connection could not be made in time", isTransient: true)
    default:
      self.init(
        "the connection failed before all was read: \(String(describing: error).prefix(120))",
        isTransient: true)
    }
  }

  private static func words(_ error: HTTPClientError) -> String {
    switch error {
    case .readTimeout, .deadlineExceeded: "the server said nothing for too long"
    case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
      "the connection could not be made in time"
    case .remoteConnectionClosed: "the server closed the connection before all was read"
    case .redirectLimitReached, .redirectCycleDetected: "the server redirects in circles"
    default: "the request failed: \(error.shortDescription.lowercased())"
    }
  }
}
