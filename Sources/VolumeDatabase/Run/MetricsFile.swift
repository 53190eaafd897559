// SPDX-License-Identifier: Apache-2.0

public import Catalog
import Zarr

/// The file `runs/<id>/metrics.jsonl`: the time series of a run, as the catalog has them, so that a lost
/// catalog can be rebuilt.
///
/// Each line is either the points of one moment, or says that those after a step count no more, because
/// the run went on from there.
public enum MetricsFile {
  static let name = "metrics.jsonl"

  /// Adds points that were taken at one moment.
  ///
  /// - Parameter folder: The run's folder.
  public static func append(
    _ points: [MetricPoint], at moment: Timestamp, folder: String
  ) throws(DatabaseError) {
    if points.isEmpty { return }
    let entries = points.map { point -> JSONValue in
      .array([.string(point.name), .integer(point.step), .number(point.value)])
    }
    try append(["at": .string(moment.rawValue), "points": .array(entries)], folder: folder)
  }

  /// Says that the points after a step count no more; writes nothing where there are none.
  public static func truncate(after step: Int, folder: String) throws(DatabaseError) {
    if FileSystem.kind("\(folder)/\(name)") == nil { return }
    try append(["truncated_after": .integer(step)], folder: folder)
  }

  private static func append(_ line: JSONValue, folder: String) throws(DatabaseError) {
    let path = "\(folder)/\(name)"
    // A line that a kill cut short is ended first, so that it spoils no other.
    let isWhole = FileSystem.byteCount(path).map { $0 == 0 } ?? true
    let file = try AppendingFile(path: path)
    try file.append(Array(((isWhole ? "" : "\n") + line.text(indented: false) + "\n").utf8))
  }

  /// Reads the points that count, by moment; lines that cannot be read are passed over.
  static func read(folder: String) throws(DatabaseError) -> [(moment: Timestamp, points: [MetricPoint])] {
    let path = "\(folder)/\(name)"
    guard FileSystem.kind(path) == .file else { return [] }
    var batches: [(moment: Timestamp, points: [MetricPoint])] = []
    for line in try FileSystem.read(path).split(separator: 0x0A) {
      guard let json = try? JSONValue(parsing: Array(line), key: name) else { continue }
      if let step = json["truncated_after"]?.int {
        batches = batches.map { ($0.moment, $0.points.filter { $0.step <= step }) }
      } else if let moment = json["at"]?.string {
        batches.append((Timestamp(rawValue: moment), (json["points"]?.array ?? []).compactMap(point)))
      }
    }
    return batches.filter { !$0.points.isEmpty }
  }

  private static func point(_ json: JSONValue) -> MetricPoint? {
    guard let parts = json.array, parts.count == 3, let name = parts[0].string, let step = parts[1].int else {
      return nil
    }
    switch parts[2] {
    case .string("NaN"): return MetricPoint(name, step: step, value: .nan)
    case .string("Infinity"): return MetricPoint(name, step: step, value: .infinity)
    case .string("-Infinity"): return MetricPoint(name, step: step, value: -.infinity)
    default: return parts[2].double.map { MetricPoint(name, step: step, value: $0) }
    }
  }
}
