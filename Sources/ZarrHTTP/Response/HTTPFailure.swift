// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import Zarr

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why one request failed, and what to do about it.
struct HTTPFailure: Error {
  enum Kind: Hashable, Sendable {
    /// Another attempt may succeed.
    case passing
    /// No attempt will.
    case lasting
    /// The server does not know such a range.
    case badRange
    /// The server does not let strangers see it.
    case forbidden
    /// It was not tried, because another request of its batch had failed.
    case pointless
  }

  let reason: String
  let kind: Kind
  /// How many milliseconds the server wants to be left alone.
  let pause: Int64?

  init(_ reason: String, _ kind: Kind, pause: Int64? = nil) {
    self.reason = reason
    self.kind = kind
    self.pause = pause
  }

  /// What an error of the client means.
  ///
  /// - Parameter isRange: A part of an object was asked for.
  init(_ error: any Error, isRange: Bool) {
    switch error {
    case let failure as HTTPFailure:
      self = failure
    case is ResponseAccumulator.ResponseTooBigError where isRange:
      self.init(
        "the server sends all of a large file where a part was asked for: it must support range requests",
        .badRange)
    case is ResponseAccumulator.ResponseTooBigError:
      self.init("it is larger than what is stored there can be", .lasting)
    case let error as HTTPClientError:
      let lasting: [HTTPClientError] = [
        .invalidURL, .emptyHost, .emptyScheme, .redirectLimitReached, .redirectCycleDetected,
      ]
      self.init(Self.words(error), lasting.contains(error) ? .lasting : .passing)
    case let error as NIOConnectionError:
      self.init(
        error.connectionErrors.isEmpty
          ? "the host '\(error.host)' was not found" : "no web server answers at \(error.host):\(error.port)",
        .passing)
    case ChannelError.connectTimeout:
      self.init("the connection could not be made in time", .passing)
    case HTTPParserError.invalidEOFState:
      self.init("the server closed the connection before all was read", .passing)
    case let error as IOError:
      self.init(Self.words(error), .passing)
    default:
      self =
        Self.ofEncryption(error)
        ?? HTTPFailure("the connection failed: \(String(describing: error).prefix(120))", .passing)
    }
  }

  /// What an error of the client's TLS library means, which names its reasons by words alone; `nil` for any
  /// other error.
  private static func ofEncryption(_ error: any Error) -> HTTPFailure? {
    let text = String(describing: error)
    if text.contains("CERTIFICATE_VERIFY_FAILED") || text.contains("failedToValidateHostname") {
      return HTTPFailure(
        "the server's certificate is not one that this machine trusts (it is self-signed, expired or another"
          + " host's): correct the address, or add the certificate to those of this machine", .lasting)
    }
    if text.contains("WRONG_VERSION_NUMBER") || text.contains("HTTP_REQUEST") {
      return HTTPFailure("the server does not speak TLS there: begin the address with http://", .lasting)
    }
    return nil
  }

  /// The failure as it is told after some attempts.
  func told(after attempts: Int) -> HTTPFailure {
    attempts == 1 ? self : HTTPFailure("\(reason) (tried \(attempts) times)", kind)
  }

  /// The error of the store.
  func error(at address: String) -> ZarrError {
    switch kind {
    case .passing: .unreachable(address: address, reason: reason)
    case .lasting, .badRange, .forbidden, .pointless: .refused(address: address, reason: reason)
    }
  }

  private static func words(_ error: IOError) -> String {
    switch error.errnoCode {
    case ECONNREFUSED: "no web server answers there"
    case EHOSTUNREACH, ENETUNREACH, ENETDOWN: "there is no way to the host"
    default: "the connection broke (error \(error.errnoCode) of the operating system)"
    }
  }

  private static func words(_ error: HTTPClientError) -> String {
    switch error {
    case .readTimeout: "the server said nothing for too long"
    case .deadlineExceeded: "the server took too long"
    case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
      "the connection could not be made in time"
    case .remoteConnectionClosed: "the server closed the connection before all was read"
    case .redirectLimitReached, .redirectCycleDetected: "the server redirects in circles"
    default: "the request failed: \(error.shortDescription.lowercased())"
    }
  }
}
