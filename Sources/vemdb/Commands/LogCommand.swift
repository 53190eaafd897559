// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Catalog
import Runs
import VolumeDatabase

/// `vemdb log ratliver/mito-pred@1`
struct LogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log",
    abstract: "Print where a version, a model or a run came from.",
    discussion: """
      The lineage as a nested list: the run that made it with its settings, seed and program version, the model \
      and its parent, labels and images, down to the files that were ingested.
      """)

  @Argument(
    help: ArgumentHelp(
      "A volume or version (dataset/volume@3), a model (model:name@2) or a run (run:12).", valueName: "ref"),
    transform: AnyReference.init(parsing:))
  var reference: AnyReference
  @Flag(help: "Print what was made from it instead.")
  var descendants = false
  @Option(help: ArgumentHelp("How many steps to follow. (default: all)", valueName: "steps"))
  var depth: Int?
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    if let depth, depth < 0 { throw ValidationError("--depth cannot be negative") }
  }

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .reading)
    let lineage = try Lineage(
      of: reference, in: database, descendants ? .descendants : .ancestors, depth: depth ?? .max)
    switch format.format {
    case .table: for line in lineage.tree { print(line) }
    case .csv: OutputFormat.csv.print(lineage.edgeRecords, empty: "")
    case .json:
      OutputFormat.json.print([
        "nodes": .list(lineage.nodes.map { .object($0.record) }),
        "edges": .list(lineage.edgeRecords.map { .object($0) }),
      ])
    }
  }
}

extension LineageNode {
  fileprivate var record: OutputRecord {
    var record: OutputRecord = [
      "id": .string(reference), "type": .string(type), "ref": .string(reference), "state": .string(state),
      "summary": .string(summary),
    ]
    for fact in facts { record.add(fact.name.replacing(" ", with: "_"), .string(fact.value)) }
    return record
  }
}

extension Lineage {
  /// From what was used to what was made of it.
  fileprivate var edgeRecords: [OutputRecord] {
    func name(_ key: LineageNode.ID) -> String { nodes.first { $0.id == key }?.reference ?? "" }
    return edges.map { edge in
      [
        "from": .string(name(edge.parent)), "to": .string(name(edge.child)), "role": .string(edge.role),
      ]
    }
  }
}
