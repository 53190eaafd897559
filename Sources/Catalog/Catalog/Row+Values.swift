// SPDX-License-Identifier: Apache-2.0

internal import Arrays
internal import Foundation
internal import GRDB

/// What a row of a damaged file says that no row can say.
struct UnreadableColumn: Error, CustomStringConvertible {
  let column: String
  var description: String { "column \(column) holds an impossible value" }
}

extension Row {
  /// One of the words of a closed set.
  func word<Word: RawRepresentable<String>>(_ column: String) throws -> Word {
    guard let text: String = self[column], let word = Word(rawValue: text) else {
      throw UnreadableColumn(column: column)
    }
    return word
  }

  /// An unsigned number that is stored bit for bit as a signed one.
  func unsigned(_ column: String) -> UInt64? {
    (self[column] as Int64?).map(UInt64.init(bitPattern:))
  }

  /// Sizes in the columns `name_z`, `name_y`, `name_x`.
  func extent(_ name: String) throws -> Extent {
    let sizes = ["z", "y", "x"].map { axis -> Int in self["\(name)_\(axis)"] }
    guard Extent.checkedCount(of: sizes) != nil else { throw UnreadableColumn(column: name) }
    return Extent(sizes)
  }

  /// Bounds in the columns `z_start` to `x_end`.
  func box() throws -> Box {
    Box(
      lower: [self["z_start"], self["y_start"], self["x_start"]],
      upper: [self["z_end"], self["y_end"], self["x_end"]])
  }

  /// A hash in 16 bytes.
  func hash128(_ column: String) throws -> Hash128? {
    guard let bytes = self[column] as Data? else { return nil }
    guard let hash = Hash128(bytes: bytes) else { throw UnreadableColumn(column: column) }
    return hash
  }

  /// A moment, if there is one.
  func time(_ column: String) -> Timestamp? {
    (self[column] as String?).map(Timestamp.init(rawValue:))
  }
}

extension Box {
  /// The bounds in the order of the columns `z_start, y_start, x_start, z_end, y_end, x_end`.
  var columns: StatementArguments { StatementArguments(lower + upper) }
}

extension Hash128 {
  /// The bytes as SQLite takes them.
  var data: Data { Data(bytes) }
}
