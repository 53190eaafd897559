// SPDX-License-Identifier: Apache-2.0

/// What a pickle of weights can hold. Nothing in it is ever called.
indirect enum PickleValue {
  case none
  case boolean(Bool)
  case integer(Int)
  /// An integer of more than 8 bytes, as in the older format's magic number.
  case wideInteger([UInt8])
  case number(Double)
  case text(String)
  case tuple([PickleValue])
  case list(PickleList)
  case dictionary(PickleDictionary)
  /// A class or function, by `module.name`; only ever compared with known names.
  case global(String)
  /// A storage by persistent id.
  case storage(key: String, type: StorageType, count: Int)
  case tensor(PickledTensor)
  /// An object of TorchScript: its attributes, no behaviour.
  case record(PickleDictionary)
}

/// A list, filled after it has been remembered.
final class PickleList {
  var items: [PickleValue] = []
}

/// A dictionary with text or integer keys in order, filled after it has been remembered.
final class PickleDictionary {
  var items: [(key: String, value: PickleValue)] = []
}

/// A tensor as the pickle describes it: a view of a storage.
struct PickledTensor {
  let key: String
  let type: StorageType
  /// In elements.
  let storageCount: Int
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}
