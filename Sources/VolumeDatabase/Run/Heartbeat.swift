// SPDX-License-Identifier: Apache-2.0

public import Catalog
import Zarr

/// The contents of `runs/<id>/heartbeat`: when a run last showed life, and how far it was. The catalog has
/// the same; the file is for those who see the folder only, and for a catalog that is rebuilt.
public struct Heartbeat: Hashable, Sendable {
  /// The name of the file.
  static let name = "heartbeat"

  /// When it showed life.
  public let moment: Timestamp
  /// Units of work done.
  public let done: Int
  /// Units of work in all, if they are known.
  public let total: Int?

  /// A sign of life.
  public init(at moment: Timestamp = .now, done: Int, total: Int?) {
    self.moment = moment
    self.done = done
    self.total = total
  }

  /// Writes the file in a run's folder, in one step. It does not wait for the disk: the next comes soon.
  public func write(folder: String) throws(DatabaseError) {
    let json: JSONValue = [
      "heartbeat_at": .string(moment.rawValue), "done": .integer(done),
      "total": total.map { .integer($0) } ?? .null,
    ]
    try FileSystem.replace(
      "\(folder)/\(Self.name)", with: Array((json.text(indented: false) + "\n").utf8), isDurable: false)
  }

  /// Reads the file of a run's folder; `nil` if there is none that can be read.
  public init?(folder: String) {
    guard let bytes = try? FileSystem.read("\(folder)/\(Self.name)"),
      let json = try? JSONValue(parsing: bytes, key: Self.name),
      let moment = json["heartbeat_at"]?.string, let done = json["done"]?.int
    else { return nil }
    self.init(at: Timestamp(rawValue: moment), done: done, total: json["total"]?.int)
  }
}
