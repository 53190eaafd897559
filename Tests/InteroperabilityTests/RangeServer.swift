// SPDX-License-Identifier: Apache-2.0

import Foundation

/// `Python/range_server.py` over a folder, as long as the value lives.
final class RangeServer: Sendable {
  /// `http://127.0.0.1:port`.
  let address: String
  private let input: FileHandle

  init(_ folder: URL) throws {
    let process = Process()
    process.executableURL = ForeignProgram.python.url
    process.arguments = [ForeignProgram.script("range_server.py"), folder.path]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    var line = Data()
    while let byte = try output.fileHandleForReading.read(upToCount: 1), byte != Data([10]), !byte.isEmpty {
      line += byte
    }
    guard let port = Int(String(decoding: line, as: UTF8.self)) else { throw CocoaError(.executableLoad) }
    address = "http://127.0.0.1:\(port)"
    self.input = input.fileHandleForWriting
  }

  deinit { try? input.close() }
}
