// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import Tensors

/// PyTorch's files of weights, zip and older, read without running any code.
///
/// Every tensor anywhere in the file is found; its name joins the keys that lead to it with dots:
/// a state dict under the key `model` gives `model.conv0.weight`. Which part belongs to a network
/// is decided when it is loaded: see ``Parameters/load(_:from:)``.
public enum PyTorchCheckpoint {
  /// Reads every tensor of a `.pth` or `.pt` file as floats.
  ///
  /// - Throws: ``CheckpointError/forbiddenGlobal(path:name:)`` if the file would make PyTorch call
  ///   something, ``CheckpointError/malformed(path:reason:)`` if it is cut short or a tensor
  ///   reaches outside its storage, ``CheckpointError/unsupported(path:what:)``.
  public static func read(_ path: String) throws(CheckpointError) -> Parameters {
    try parameters(in: CheckpointFile.contents(of: path), path: path)
  }

  static func isZip(_ data: Data) -> Bool { data.prefix(2).elementsEqual([0x50, 0x4B]) }

  static func isLegacy(_ data: Data) -> Bool { data.prefix(4).elementsEqual([0x80, 2, 0x8A, 10]) }

  /// The longest pickle that is read; those of large models have a few megabytes.
  static let longestPickle = 256 << 20

  static func parameters(in data: Data, path: String) throws(CheckpointError) -> Parameters {
    if isZip(data) { return try zipped(data, path) }
    if isLegacy(data) { return try legacy(data, path) }
    throw .unknownFormat(path: path)
  }

  private static func zipped(_ data: Data, _ path: String) throws(CheckpointError) -> Parameters {
    let zip = try ZipDirectory(data, path: path)
    guard
      let pickle = zip.entries.keys.filter({ $0.hasSuffix("/data.pkl") })
        .min(by: { ($0.count, $0) < ($1.count, $1) })
    else { throw .malformed(path: path, reason: "'data.pkl' is missing inside it") }
    let root = pickle.dropLast("data.pkl".count)
    if zip.entries["\(root)byteorder"] != nil {
      let order = data[try zip.range(of: "\(root)byteorder", in: data, path: path)]
      guard order.elementsEqual("little".utf8) else {
        throw .unsupported(path: path, what: "big-endian numbers")
      }
    }
    let range = try zip.range(of: pickle, in: data, path: path)
    guard range.count <= longestPickle else {
      throw .malformed(path: path, reason: "its pickle has \(range.count) bytes")
    }
    var unpickler = Unpickler([UInt8](data[range]), path: path)
    let tensors = try PickledTensors(in: unpickler.value(), path: path)
    return try parameters(tensors, in: data, path) { key throws(CheckpointError) in
      try zip.range(of: "\(root)data/\(key)", in: data, path: path)
    }
  }

  /// Five pickles (magic number, protocol, system, the object, storage keys), then for each key
  /// an 8-byte element count and the numbers.
  private static func legacy(_ data: Data, _ path: String) throws(CheckpointError) -> Parameters {
    // Only the pickles are copied: they end before the first storage.
    var unpickler = Unpickler([UInt8](data.prefix(longestPickle)), path: path)
    guard case .wideInteger(let magic) = try unpickler.value(),
      magic == [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19],
      case .integer(1001) = try unpickler.value(), case .dictionary(let system) = try unpickler.value()
    else { throw .malformed(path: path, reason: "its first pickles are not PyTorch's") }
    for case ("little_endian", .boolean(false)) in system.items {
      throw .unsupported(path: path, what: "big-endian numbers")
    }
    let tensors = try PickledTensors(in: unpickler.value(), path: path)
    guard case .list(let keys) = try unpickler.value() else {
      throw .malformed(path: path, reason: "its list of storages is missing")
    }
    var types: [String: StorageType] = [:]
    for tensor in tensors.items { types[tensor.value.key] = tensor.value.type }
    for (key, type) in tensors.storages { types[key] = types[key] ?? type }
    var ranges: [String: Range<Int>] = [:]
    var at = unpickler.position
    for case .text(let key) in keys.items {
      let count = data.littleEndian(at, 8)
      guard count >= 0, let type = types[key],
        case (let size, false) = count.multipliedReportingOverflow(by: type.byteCount),
        size <= data.count - at - 8
      else { throw .malformed(path: path, reason: "storage '\(key)' is cut short") }
      ranges[key] = at + 8..<at + 8 + size
      at += 8 + size
    }
    let found = ranges
    return try parameters(tensors, in: data, path) { key throws(CheckpointError) in
      guard let range = found[key] else {
        throw .malformed(path: path, reason: "storage '\(key)' is missing")
      }
      return range
    }
  }

  private static func parameters(
    _ tensors: PickledTensors, in data: Data, _ path: String,
    storage: (String) throws(CheckpointError) -> Range<Int>
  ) throws(CheckpointError) -> Parameters {
    var parameters = Parameters()
    // A view may repeat numbers by stride 0: what is made must not outgrow the file by far.
    var room = max(1 << 20, data.count)
    for (name, tensor) in tensors.items {
      func malformed(_ reason: String) -> CheckpointError {
        .malformed(path: path, reason: "'\(name)': \(reason)")
      }
      let numbers = StridedNumbers(
        storage: try storage(tensor.key), type: tensor.type, offset: tensor.offset,
        shape: tensor.shape, strides: tensor.strides)
      if let fault = numbers.fault { throw malformed(fault) }
      guard let count = Extent.checkedCount(of: tensor.shape), count <= room else {
        throw malformed("more numbers than the file has")
      }
      room -= count
      parameters[name] = Tensor(numbers.floats(in: data.bytes, count: count), shape: tensor.shape)
    }
    return parameters
  }
}
