// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Arrays
import Catalog
import Runs
import VolumeDatabase

/// What all kinds of ingest have in common.
struct IngestOptions: ParsableArguments {
  @Argument(
    help: "The volume to make, as in ratliver/em; the dataset is added if there is none.",
    transform: VolumeReference.init(parsing:))
  var volume: VolumeReference
  @Argument(
    help: """
      TIFF or PNG files, or folders of them, where numbers in the names give the order of slices; or one Zarr \
      volume, an OME-Zarr image or a Zarr array, by its path or its address (https://…, also a signed one: what follows its ? is not recorded).
      """)
  var paths: [String]

  @Option(
    help: ArgumentHelp(
      "Where the slices belong: z=18, z=1,30,60 or z=0:20, one for each slice.", valueName: "positions"),
    transform: SlicePositions.init(parsing:))
  var at: SlicePositions?
  @Option(
    help: ArgumentHelp(
      "What to take of a Zarr volume, as in z=0:64,y=1000:3000 or z=0nm:900nm. (default: all)",
      valueName: "region"), transform: { try Region(parsing: $0) })
  var region: Region?
  @Flag(help: "Leave places empty where numbers are missing in the names, instead of refusing.")
  var allowGaps = false
  @Flag(help: "Add a version to a volume that has some; slices that are not given stay as they are.")
  var newVersion = false
  @Option(help: "Which channel to take of files that have several, from 0.")
  var channel: Int?
  @Option(help: ArgumentHelp("The shape of a chunk, as in 16,128,128. (default: chosen)", valueName: "z,y,x"))
  var chunk: VoxelShape?
  @Option(
    help: ArgumentHelp("The shape of a shard, as in 16,2048,2048. (default: chosen)", valueName: "z,y,x"))
  var shard: VoxelShape?
  @Option(
    help: ArgumentHelp("How much memory to use, as in 2GiB. (default: as the chunks need)", valueName: "size")
  )
  var memory: ByteCount?
  @Option(help: ArgumentHelp("How many threads to use. (default: one for each core)", valueName: "n"))
  var threads: Int?
  @OptionGroup var format: FormatOptions
  @OptionGroup var database: DatabaseOptions

  func validate() throws {
    guard !paths.isEmpty else { throw ValidationError("name the files or the folder of the slices") }
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1") }
  }

  /// A run with these options.
  func run(_ kind: VolumeKind) -> IngestRun {
    var run = IngestRun(kind, into: volume, from: paths)
    run.positions = at
    run.region = region?.text
    run.allowGaps = allowGaps
    run.isNewVersion = newVersion
    run.channel = channel
    run.chunk = chunk?.sizes
    run.shard = shard?.sizes
    run.memory = memory?.bytes
    if let threads { run.threads = threads }
    return run
  }

  /// Runs and prints what was made.
  func perform(_ run: IngestRun) throws {
    let stop = StopSignals()
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    let outcome = try run.start(in: database, progress: TerminalProgress(), cancellation: stop.flag)
    format.format.print(OutputRecord(outcome))
  }
}

extension OutputRecord {
  init(_ outcome: IngestRun.Outcome) {
    let version = outcome.version
    self.init()
    add("version", .string(version.reference))
    add("kind", .string(version.kind.rawValue))
    add("shape", .list(version.shape.sizes.map { .integer($0) }), text: "\(version.shape)")
    add("data_type", .string(version.dataType.rawValue))
    add(
      "voxel_size_nm", .lengths(version.voxelSize.nanometres), text: "\(version.voxelSize)")
    add("chunk", .list(version.chunk.sizes.map { .integer($0) }), text: "\(version.chunk)")
    add("shard", .list(version.shard.sizes.map { .integer($0) }), text: "\(version.shard)")
    add("levels", .integer(version.levels))
    add("slices", .integer(outcome.sliceCount))
    add(
      "coverage",
      .list(
        outcome.coverage.map { box in
          .list([.list(box.lower.map { .integer($0) }), .list(box.upper.map { .integer($0) })])
        }),
      text: outcome.coverage.map { "z=\($0.lower[0]):\($0.upper[0])" }.joined(separator: " "))
    add("run", .integer(Int(outcome.runID)))
  }
}
