// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Arrays
import Catalog
import VolumeDatabase

/// `vemdb split`: which labels train, validate and test.
struct SplitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Say which parts of a label volume train, validate and test.",
    discussion: """
      The new split takes the place of the old one; without a part the split is shown. Parts may not \
      overlap, nor come nearer to each other than the guard gap: two slices or 100 nm, whichever is more.
      """)

  @Argument(help: ArgumentHelp("The label volume: dataset/volume.", valueName: "volume"))
  var volume: String

  @Option(help: ArgumentHelp("A region whose labels train; may be given again.", valueName: "region"))
  var train: [String] = []

  @Option(help: ArgumentHelp("A region whose labels validate; may be given again.", valueName: "region"))
  var validation: [String] = []

  @Option(help: ArgumentHelp("A region whose labels test; may be given again.", valueName: "region"))
  var test: [String] = []

  @Flag(help: "Undo the split.")
  var clear = false

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    if clear && !(train + validation + test).isEmpty {
      throw ValidationError("--clear goes with no part")
    }
  }

  func run() throws {
    let reference = try VolumeReference(parsing: volume)
    let parts: [(SplitPart, [String])] = [(.train, train), (.validation, validation), (.test, test)]
    let isChange = clear || parts.contains { !$0.1.isEmpty }
    let database = try VolumeDatabase(opening: database.folder, access: isChange ? .writing : .reading)
    if isChange {
      let version = try database.record(VersionReference(volume: reference))
      var boxes: [SplitBox] = []
      for (part, regions) in parts {
        for region in regions {
          let box = try Region(parsing: region).box(
            in: version.shape, voxelSize: version.voxelSize, origin: version.origin, of: version.reference)
          boxes.append(SplitBox(part, box))
        }
      }
      try database.setSplits(boxes, of: reference)
    }
    let records = try database.splits(of: reference).map { one -> OutputRecord in
      var record: OutputRecord = ["volume": .string("\(reference)"), "part": .string(one.part.rawValue)]
      let bounds = [one.box.lower, one.box.upper].map { OutputValue.list($0.map { .integer($0) }) }
      record.add("box", .list(bounds), text: one.box.description)
      record.add("voxels", .exact(one.box.count))
      return record
    }
    format.format.print(records, empty: "\(reference) is not split")
  }
}
