// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The JSON header of a safetensors file.
struct SafetensorsHeader: Decodable {
  /// Where one tensor lies, in bytes after the header.
  struct Entry: Decodable {
    let dtype: String
    let shape: [Int]
    let begin: Int
    let end: Int

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      dtype = try fields.decode(String.self, forKey: .dtype)
      shape = try fields.decode([Int].self, forKey: .shape)
      let offsets = try fields.decode([Int].self, forKey: .offsets)
      guard offsets.count == 2, offsets[0] >= 0 else {
        throw DecodingError.dataCorruptedError(
          forKey: .offsets, in: fields, debugDescription: "two offsets, none negative")
      }
      begin = offsets[0]
      end = offsets[1]
    }
  }

  let metadata: [String: String]
  let tensors: [String: Entry]

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: Name.self)
    var metadata: [String: String] = [:]
    var tensors: [String: Entry] = [:]
    for key in fields.allKeys {
      if key.stringValue == "__metadata__" {
        metadata = try fields.decode([String: String].self, forKey: key)
      } else {
        tensors[key.stringValue] = try fields.decode(Entry.self, forKey: key)
      }
    }
    self.metadata = metadata
    self.tensors = tensors
  }
}
