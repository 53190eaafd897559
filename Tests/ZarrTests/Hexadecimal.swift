// SPDX-License-Identifier: Apache-2.0

import Arrays
import Zarr

/// Bytes from hexadecimal digits.
func bytes(_ digits: String) -> [UInt8] {
  let digits = digits.filter { !$0.isWhitespace }.utf8.map { UInt8($0) }
  return stride(from: 0, to: digits.count, by: 2).map { place in
    UInt8(String(decoding: digits[place...(place + 1)], as: UTF8.self), radix: 16) ?? 0
  }
}

/// The core metadata of an array as zarr-python 3.1.6 orders them.
func document(
  shape: String, type: String, chunk: String, fill: String, codecs: String, more: String = ""
) -> String {
  """
  {"shape": \(shape), "data_type": "\(type)",
   "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": \(chunk)}},
   "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
   "fill_value": \(fill), "codecs": \(codecs), "attributes": {}, "zarr_format": 3,
   "node_type": "array", "storage_transformers": []\(more)}
  """
}

/// A store with the given texts and bytes.
func store(_ objects: [String: [UInt8]]) throws -> MemoryStore {
  let store = MemoryStore()
  for (key, value) in objects { try store.write(value, to: key) }
  return store
}

/// Numbers that no one would guess, the same in each run.
func pseudorandom<Element: ArrayElement & FixedWidthInteger>(
  _ extent: Extent, of type: Element.Type = Element.self, seed: UInt64 = 1
) -> NDArray {
  var state = seed
  return NDArray(
    (0..<extent.count).map { _ -> Element in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Element(truncatingIfNeeded: state >> 33)
    }, extent)
}
