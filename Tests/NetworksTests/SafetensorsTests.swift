// SPDX-License-Identifier: Apache-2.0

import Foundation
import Tensors
import Testing

@testable import Networks

@Suite("Safetensors")
struct SafetensorsTests {
  private let path = NSTemporaryDirectory() + "vemdb-\(UUID().uuidString).safetensors"

  /// A file by the words of the format, built by hand.
  private func write(header: String, numbers: [UInt8]) throws {
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
    bytes += Array(header.utf8) + numbers
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }

  @Test("what was written is read, with order and metadata")
  func roundTrip() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    var parameters = Parameters()
    parameters["b.weight"] = Tensor([1, -2, 3.5, .infinity, 0, -0], shape: [2, 3])
    parameters["a"] = Tensor([7], shape: [])
    parameters["empty"] = Tensor([], shape: [0, 4])
    let metadata = ["step": "12", "quote\"\\": "line\nü"]
    try Safetensors.write(parameters, metadata: metadata, to: path)
    let contents = try Safetensors.read(path)
    #expect(contents.metadata == metadata)
    for (name, tensor) in parameters { #expect(contents.parameters[name] == tensor) }
    #expect(contents.parameters.count == 3)
    #expect(try CheckpointFile.read(path).count == 3)
  }

  @Test("the bytes are those of the format")
  func bytes() {
    var parameters = Parameters()
    parameters["t"] = Tensor([1, 2], shape: [2])
    let parts = Safetensors.encoded(parameters, metadata: [:])
    let header = String(decoding: parts[1], as: UTF8.self)
    #expect(header.hasPrefix(#"{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#))
    #expect(parts[1].count % 8 == 0 && Int(parts[0][0]) == parts[1].count)
    #expect(parts[2] == [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40])
  }

  @Test("other types become floats")
  func types() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try write(
      header: #"{"h":{"dtype":"F16","shape":[1],"data_offsets":[0,2]},"#
        + #""b":{"dtype":"BF16","shape":[1],"data_offsets":[2,4]},"#
        + #""i":{"dtype":"I64","shape":[1],"data_offsets":[4,12]}}"#,
      numbers: [0, 0x3E, 0x40, 0xC0, 0xFE, 255, 255, 255, 255, 255, 255, 255])
    let tensors = try Safetensors.read(path).parameters
    #expect(tensors["h"]?.elements == [1.5])
    #expect(tensors["b"]?.elements == [-3])
    #expect(tensors["i"]?.elements == [-2])
  }

  @Test(
    "a header that does not agree with the numbers is an error",
    arguments: [
      #"{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
      #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
      #"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#,
      #"{"t":{"dtype":"F32","shape":[3],"data_offsets":[0,12]}}"#,
      #"{"t":{"dtype":"F32","shape":[-2],"data_offsets":[0,-8]}}"#,
      #"{"t":{"dtype":"F32","shape":[9223372036854775807,4],"data_offsets":[0,8]}}"#,
      #"{"t":{"dtype":"F8","shape":[8],"data_offsets":[0,8]}}"#,
      #"{"t":{"dtype":"F32","shape":[2]}}"#, "[]", "nonsense",
    ])
  func inconsistent(_ header: String) throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try write(header: header, numbers: [UInt8](repeating: 0, count: 8))
    #expect(throws: CheckpointError.self) { _ = try Safetensors.read(path) }
  }

  @Test("a header longer than the file is an error")
  func longHeader() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    for bytes in [[], [1, 2, 3], [255, 255, 255, 255, 255, 255, 255, 255], [9, 0, 0, 0, 0, 0, 0, 0, 123]]
      as [[UInt8]]
    {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      #expect(throws: CheckpointError.self) { _ = try Safetensors.read(path) }
    }
  }

  @Test("a folder that is not there is an error and leaves nothing")
  func unwritable() {
    let path = "/nonexistent/vemdb.safetensors"
    #expect(throws: CheckpointError.self) { try Safetensors.write(Parameters(), to: path) }
  }
}
