// SPDX-License-Identifier: Apache-2.0

import Arrays
import ArgumentParser
import Catalog
import Runs
import VolumeDatabase

/// `vemdb query ratliver --region z=18:36,y=0:1000,x=0:1000 --class mito`
struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Say which labels and predictions cover a region, and how much of it is what.",
    discussion: """
      Of a dataset or an image, the latest version of each volume over it is asked; of a label or prediction \
      volume, that volume alone. Voxels are counted where a version was really annotated or computed: outside \
      its coverage nothing is known. Counts come from the statistics of chunks; only chunks that the region \
      cuts are decoded.

      With --instances, objects are those of the voxels' ids; of a volume whose values are classes they are \
      the 26-connected pieces of the covered region, cut off at its border.
      """)

  @Argument(
    help: ArgumentHelp("A dataset, a volume or a version.", valueName: "ref"),
    transform: AnyReference.init(parsing:))
  var reference: AnyReference
  @Option(
    help: ArgumentHelp(
      "Only this part, as in z=18:36,y=0:1000 or z=900nm:1800nm. (default: all)", valueName: "region"),
    transform: Region.init(parsing:))
  var region: Region = .all
  @Option(
    name: .customLong("in"),
    help: ArgumentHelp(
      "Whose voxels the region counts. (default: the version or image asked about, else the dataset's only image)",
      valueName: "version"), transform: VersionReference.init(parsing:))
  var grid: VersionReference?
  @Option(name: .customLong("class"), help: ArgumentHelp("Only this class.", valueName: "class"))
  var className: String?
  @Option(
    name: .customLong("kind"),
    help: ArgumentHelp(
      "Which kinds of volumes to ask, with commas between: label, prediction, probability, image.",
      valueName: "kinds"), transform: kinds(named:))
  var kinds: Set<VolumeKind> = [.label, .prediction]
  @Flag(help: "List objects, with their boxes.")
  var instances = false
  @Option(help: ArgumentHelp("How many threads decode. (default: one for each core)", valueName: "n"))
  var threads: Int?
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  func run() throws {
    let stop = StopSignals()
    let database = try VolumeDatabase(opening: database.folder, access: .reading)
    var query = QueryRequest(about: reference)
    query.region = region
    query.grid = grid
    query.className = className
    query.kinds = kinds
    query.instances = instances
    if let threads { query.threads = threads }
    let report = try query.answer(from: database, progress: TerminalProgress(), cancellation: stop.flag)
    switch format.format {
    case .json: OutputFormat.json.print(report.record)
    case .csv: OutputFormat.csv.print(instances ? report.objectRows : report.classRows, empty: "")
    case .table: report.print(listingObjects: instances)
    }
  }

  private static func kinds(named text: String) throws -> Set<VolumeKind> {
    Set(
      try text.split(separator: ",").map { name in
        guard let kind = VolumeKind(rawValue: name.trimmingPrefix(" ").description) else {
          throw ValidationError(
            "'\(name)' is no kind of volume: use label, prediction, probability or image")
        }
        return kind
      })
  }
}
