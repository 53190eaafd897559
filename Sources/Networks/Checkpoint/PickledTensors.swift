// SPDX-License-Identifier: Apache-2.0

/// The tensors of an unpickled object, by the keys and attributes that lead to them.
struct PickledTensors {
  private(set) var items: [(name: String, value: PickledTensor)] = []
  /// The types of the storages met, those no tensor uses included.
  private(set) var storages: [String: StorageType] = [:]

  private var room = 2_000_000
  private let path: String

  /// - Throws: ``CheckpointError/malformed(path:reason:)`` if objects nest deeper than 64 or there
  ///   are more than two million, shared ones counted as often as they are met.
  init(in root: PickleValue, path: String) throws(CheckpointError) {
    self.path = path
    try visit(root, name: "", depth: 0)
  }

  private mutating func visit(
    _ value: PickleValue, name: String, depth: Int
  ) throws(CheckpointError) {
    room -= 1
    guard depth <= 64, room > 0 else {
      throw .malformed(path: path, reason: "its objects nest too deeply or are too many")
    }
    switch value {
    case .tensor(let tensor):
      items.append((name, tensor))
    case .storage(let key, let type, _):
      storages[key] = type
    case .dictionary(let dictionary), .record(let dictionary):
      for (key, item) in dictionary.items {
        try visit(item, name: name.isEmpty ? key : "\(name).\(key)", depth: depth + 1)
      }
    case .list(let list):
      for (index, item) in list.items.enumerated() {
        try visit(item, name: name.isEmpty ? "\(index)" : "\(name).\(index)", depth: depth + 1)
      }
    case .tuple(let values):
      for (index, item) in values.enumerated() {
        try visit(item, name: name.isEmpty ? "\(index)" : "\(name).\(index)", depth: depth + 1)
      }
    case .none, .boolean, .integer, .wideInteger, .number, .text, .global:
      break
    }
  }
}
