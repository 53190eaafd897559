// SPDX-License-Identifier: Apache-2.0

import Foundation
import Zarr
import ZarrHTTP

/// `Python/range_server.py` over a folder, as long as the value lives.
final class RangeServer: Sendable {
  /// `http://127.0.0.1:port`, or `https://` with a certificate.
  let address: String
  private let input: FileHandle

  /// - Parameter certificate: A PEM file of certificate and key.
  init(_ folder: URL, certificate: URL? = nil) throws {
    let process = Process()
    process.executableURL = ForeignProgram.python.url
    process.arguments =
      [ForeignProgram.script("range_server.py"), folder.path] + (certificate.map { [$0.path] } ?? [])
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data([10]), !byte.isEmpty {
      line += byte
    }
    guard let port = Int(String(decoding: line, as: UTF8.self)) else { throw CocoaError(.executableLoad) }
    address = "\(certificate == nil ? "http" : "https")://127.0.0.1:\(port)"
    self.input = input.fileHandleForWriting
  }

  deinit { try? input.close() }

  /// How often a mode, or a path that begins with `/`, was asked for.
  func count(_ name: String) throws -> Int { try number("count", name) }

  /// How many bytes of bodies a mode has sent.
  func sentBytes(_ mode: String) throws -> Int { try number("sent", mode) }

  /// How many requests of a mode were under way at once.
  func peak(_ mode: String) throws -> Int { try number("peak", mode) }

  private func number(_ counter: String, _ name: String) throws -> Int {
    let bytes = try HTTPStore(address: "\(address)/\(counter)").read([ByteRangeRequest(name)])[0]
    return bytes.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? -1
  }
}
