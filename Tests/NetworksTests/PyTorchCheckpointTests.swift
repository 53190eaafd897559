// SPDX-License-Identifier: Apache-2.0

import Foundation
import Networks
import Tensors
import TestData
import Testing

@Suite("PyTorch checkpoints", .enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
struct PyTorchCheckpointTests {
  private func read(_ path: String) throws -> Parameters {
    try PyTorchCheckpoint.read(SharedData.path("data/oracles/\(path)"))
  }

  private func network() throws -> Parameters { try RSUNet.graph().initialParameters(seed: 1) }

  @Test("the older format holds the same numbers as the zip")
  func legacy() throws {
    let zip = try read("rsunet/rsunet.pth")
    let legacy = try read("rsunet/rsunet_legacy.pth")
    #expect(zip == legacy)
    #expect(zip["conv0.weight"]?.shape == [28, 1, 1, 5, 5])
  }

  @Test(
    "a whole checkpoint fills the network, 1,439,705 learned numbers",
    arguments: ["rsunet/rsunet.pth", "rsunet/rsunet_legacy.pth"])
  func whole(_ path: String) throws {
    var parameters = try network()
    let report = try parameters.load(read(path), from: path)
    #expect(report.isComplete && report.unexpected.isEmpty && report.prefix == "")
    let learned = parameters.filter { !$0.name.contains("running_") }
    #expect(learned.reduce(0) { $0 + $1.tensor.count } == 1_439_705)
  }

  @Test("names that DataParallel prefixed are found, and what is missing is told")
  func dataParallel() throws {
    var parameters = try network()
    let before = parameters
    let report = try parameters.load(read("rsunet/rsunet_dataparallel_part.pth"), from: "part.pth")
    #expect(report.prefix == "module.")
    #expect(Set(report.loaded.map { String($0.prefix { $0 != "." }) }) == ["conv0", "conv1"])
    #expect(report.loaded.count + report.missing.count == parameters.count)
    #expect(parameters["conv2.conv1.weight"] == before["conv2.conv1.weight"])
    #expect(parameters["conv0.weight"] == (try read("rsunet/rsunet.pth"))["conv0.weight"])
    #expect("\(report)".contains("names begin with 'module.'"))
  }

  @Test("a state dict under a key is found, six modules missing")
  func nested() throws {
    var parameters = try network()
    let report = try parameters.load(read("rsunet/rsunet_nested_part.pth"), from: "part.pth")
    #expect(report.prefix == "model.")
    let missing = Set(report.missing.map { String($0.prefix { $0 != "." }) })
    #expect(missing.count == 6)
  }

  @Test("tensors of another shape are left and told")
  func mismatched() throws {
    var parameters = try RSUNet.graph(widths: RSUNet.fastWidths).initialParameters(seed: 1)
    let report = try parameters.load(read("rsunet/rsunet.pth"), from: "rsunet.pth")
    #expect(report.mismatched.contains { $0.name == "conv0.weight" && $0.found == [28, 1, 1, 5, 5] })
    #expect(report.loaded.contains("conv2.conv2.weight"))
    #expect(!report.isComplete)
  }

  @Test("a file of another network is an error")
  func nothing() throws {
    var parameters = try network()
    let before = parameters
    let found = try read("sam2/tiny_checkpoint.pt")
    #expect(throws: CheckpointError.self) { _ = try parameters.load(found, from: "tiny.pt") }
    #expect(parameters == before)
  }

  @Test("a file that names posix.system is refused by that name")
  func malicious() throws {
    let path = SharedData.path("data/oracles/sam2/tiny_malicious.pt")
    #expect(throws: CheckpointError.forbiddenGlobal(path: path, name: "posix.system")) {
      _ = try PyTorchCheckpoint.read(path)
    }
    #expect(throws: CheckpointError.forbiddenGlobal(path: path, name: "posix.system")) {
      _ = try CheckpointFile.read(path)
    }
  }

  @Test(
    "half, bfloat16, transposed and offset views equal NumPy's",
    arguments: ["half", "bfloat16", "transposed_view", "slice_of_a_larger_storage"])
  func views(_ name: String) throws {
    let tensor = try #require(try read("sam2/tiny_training_checkpoint.pt")["model.\(name)"])
    let expected = try NPYFile(path: SharedData.path("data/oracles/sam2/tiny_\(name).npy"))
    #expect(tensor.shape == expected.shape)
    #expect(tensor.elements == expected.floats)
  }

  @Test("scalars, empty and shared tensors are read")
  func small() throws {
    let tensors = try read("sam2/tiny_training_checkpoint.pt")
    #expect(tensors["model.scalar"]?.shape == [])
    #expect(tensors["model.empty"]?.count == 0)
    let whole = try #require(tensors["model.shared_a"]).elements
    let part = try #require(tensors["model.shared_b"]).elements
    #expect(part == Array(whole.prefix(2 * 3 * 7 * 7)))
    #expect(try read("sam2/tiny_checkpoint.pt") == read("sam2/tiny_checkpoint_legacy.pt"))
  }

  @Test("TorchScript's attributes give the names of a state dict")
  func torchScript() throws {
    let tensors = try read("mitonet/small_mitonet.pth")
    #expect(tensors["encoder.conv1.0.weight"] != nil)
    #expect(try read("mitonet/small_mitonet_checkpoint.pth.tar").count > 100)
  }

  @Test(
    "a file cut short anywhere is an error, not a trap",
    arguments: ["tiny_checkpoint.pt", "tiny_checkpoint_legacy.pt"])
  func truncated(_ name: String) throws {
    let whole = try Data(contentsOf: SharedData.url("data/oracles/sam2/\(name)"))
    let path = NSTemporaryDirectory() + "vemdb-truncated-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    for count in stride(from: 0, to: whole.count, by: 397) {
      try whole.prefix(count).write(to: URL(fileURLWithPath: path))
      #expect(throws: CheckpointError.self) { _ = try CheckpointFile.read(path) }
    }
  }

  @Test("changed bytes give an error or numbers, never a trap")
  func fuzzed() throws {
    var random = SplitMix64(seed: 7)
    for name in ["tiny_checkpoint.pt", "tiny_checkpoint_legacy.pt", "tiny_malicious.pt"] {
      let whole = try Data(contentsOf: SharedData.url("data/oracles/sam2/\(name)"))
      let path = NSTemporaryDirectory() + "vemdb-fuzzed-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: path) }
      for _ in 0..<300 {
        var bytes = whole
        for _ in 0..<3 {
          // The pickle and the directory are near the ends.
          let near = Int(random.next() % 2000)
          let at = random.next() % 2 == 0 ? min(near, bytes.count - 1) : max(0, bytes.count - 1 - near)
          bytes[at] = UInt8(truncatingIfNeeded: random.next())
        }
        try bytes.write(to: URL(fileURLWithPath: path))
        _ = try? CheckpointFile.read(path)
      }
    }
  }
}

@Suite("Hostile checkpoints")
struct HostileCheckpointTests {
  /// The older format: a pickled magic number, the protocol version 1001, facts of the machine, and a
  /// pickle that calls a function, by hand from the opcodes of Python's `pickletools`.
  private func legacyFile(calling function: String) throws -> String {
    var bytes: [UInt8] = [
      0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
    ]
    bytes += [0x80, 2, 0x4D, 0xE9, 0x03, 0x2E]
    bytes += [0x80, 2, 0x7D, 0x2E]
    bytes += [0x80, 2] + Array("c\(function)\n".utf8)
    bytes += [0x58, 4, 0, 0, 0] + Array("true".utf8) + [0x85, 0x52, 0x2E]
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).pth")
    try Data(bytes).write(to: url)
    return url.path
  }

  @Test(
    "a file that calls a function is refused by the name of the function",
    arguments: ["os.system", "posix.system", "builtins.eval", "torch.hub.load"])
  func refused(_ name: String) throws {
    let dot = try #require(name.lastIndex(of: "."))
    let path = try legacyFile(calling: "\(name[..<dot])\n\(name[name.index(after: dot)...])")
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: CheckpointError.forbiddenGlobal(path: path, name: name)) {
      _ = try CheckpointFile.read(path)
    }
  }
}
