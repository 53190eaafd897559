// SPDX-License-Identifier: Apache-2.0

import Arrays
import Foundation
import Tensors

/// The safetensors format: an 8-byte little-endian header length, a JSON header, the numbers.
///
/// See <https://github.com/huggingface/safetensors#format>.
public enum Safetensors {
  /// The longest header that is read, as in the reference implementation.
  static let longestHeader = 100_000_000

  /// What a file holds.
  public struct Contents: Sendable {
    /// The tensors in the order in which their numbers lie in the file, all as floats.
    public let parameters: Parameters
    /// Free text by key: `__metadata__`.
    public let metadata: [String: String]
  }

  /// Reads a file: F32 as it is, other types converted to floats.
  ///
  /// - Throws: ``CheckpointError/unreadable(path:reason:)``, or
  ///   ``CheckpointError/malformed(path:reason:)`` if the header is too long or no JSON, if a type
  ///   is unknown, or if the tensors overlap, leave holes or do not end with the file.
  public static func read(_ path: String) throws(CheckpointError) -> Contents {
    let data = try CheckpointFile.contents(of: path)
    func malformed(_ reason: String) -> CheckpointError { .malformed(path: path, reason: reason) }
    guard data.count >= 8 else { throw malformed("it is shorter than 8 bytes") }
    let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= longestHeader, Int(length) <= data.count - 8 else {
      throw malformed("its header of \(length) bytes is longer than the file or than allowed")
    }
    let start = 8 + Int(length)
    let header: SafetensorsHeader
    do {
      header = try JSONDecoder().decode(SafetensorsHeader.self, from: data[8..<start])
    } catch {
      throw malformed("its header is no JSON object of tensors")
    }
    var parameters = Parameters()
    var end = 0
    for (name, entry) in header.tensors.sorted(by: { $0.value.begin < $1.value.begin }) {
      guard let type = StorageType(rawValue: entry.dtype) else {
        throw .unsupported(path: path, what: "'\(name)' of type \(entry.dtype)")
      }
      guard let count = Extent.checkedCount(of: entry.shape),
        case (let bytes, false) = count.multipliedReportingOverflow(by: type.byteCount),
        entry.begin == end, entry.end >= entry.begin, entry.end - entry.begin == bytes,
        entry.end <= data.count - start
      else { throw malformed("the place of '\(name)' does not agree with its shape and neighbours") }
      end = entry.end
      let numbers = StridedNumbers(
        storage: start + entry.begin..<start + entry.end, type: type, offset: 0,
        shape: [count], strides: [1])
      parameters[name] = Tensor(numbers.floats(in: data.bytes, count: count), shape: entry.shape)
    }
    guard end == data.count - start else {
      throw malformed("\(data.count - start - end) bytes at its end belong to no tensor")
    }
    return Contents(parameters: parameters, metadata: header.metadata)
  }

  /// Replaces the file at `path` by `parameters` as F32, in their order; the numbers begin at a
  /// multiple of 8 bytes. The same parameters and metadata give the same bytes.
  ///
  /// - Throws: ``CheckpointError/unwritable(path:reason:)``; the old file is then unchanged.
  public static func write(
    _ parameters: Parameters, metadata: [String: String] = [:], to path: String
  ) throws(CheckpointError) {
    try writeAtomically(encoded(parameters, metadata: metadata), to: path)
  }

  /// The bytes of a file, in parts: length, header, then each tensor.
  static func encoded(_ parameters: Parameters, metadata: [String: String]) -> [[UInt8]] {
    var fields: [String] = []
    if !metadata.isEmpty {
      let pairs = metadata.sorted { $0.key < $1.key }
        .map { "\(quoted($0.key)):\(quoted($0.value))" }
      fields.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var parts: [[UInt8]] = []
    var offset = 0
    for (name, tensor) in parameters {
      let end = offset + tensor.count * 4
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      fields.append(
        "\(quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
      offset = end
      parts.append(littleEndianBytes(of: tensor))
    }
    var header = Array("{\(fields.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    return [length, header] + parts
  }

  private static func littleEndianBytes(of tensor: Tensor) -> [UInt8] {
    tensor.withSpan { span in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(span.count * 4)
      for index in span.indices {
        let bits = span[index].bitPattern
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 24))
      }
      return bytes
    }
  }

  /// A JSON string: quotes, backslashes and control characters escaped.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }
}
