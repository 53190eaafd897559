// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Arrays
import Catalog
import Foundation
import Runs
import Segmentation
import VolumeDatabase

/// `vemdb instances ratliver/mito-pred --as ratliver/mito-objects`
struct InstancesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "instances",
    abstract: "Make objects of labels, a prediction or probabilities.",
    discussion: """
      Connected voxels of a class become one object with an id of its own; --watershed parts objects that \
      touch, where the way from one to the other gets thin or improbable. Objects are numbered by their first \
      voxels, so that blocks, threads and interruptions leave no trace. A run that was stopped or killed goes \
      on with vemdb run resume.
      """)

  @Argument(
    help: ArgumentHelp("Labels, a prediction or probabilities.", valueName: "prediction"))
  var source: String
  @Option(
    name: .customLong("as"), help: ArgumentHelp("The volume that gets a version.", valueName: "volume"))
  var target: String
  @Option(
    name: .customLong("class"),
    help: ArgumentHelp(
      "Only this class; with --boundaries, what lies between them. (default: the only one)",
      valueName: "class"))
  var className: String?
  @Option(help: ArgumentHelp("The part that is looked at. (default: all of it)", valueName: "region"))
  var region: String?
  @Option(help: ArgumentHelp("Above which probability a voxel belongs to an object.", valueName: "number"))
  var threshold = 0.5
  @Option(
    help: ArgumentHelp(
      "Which voxels are neighbours: 6 (faces), 18 (and edges) or 26 (and corners). (default: 6)",
      valueName: "count"),
    transform: Connectivity.init(neighbours:))
  var connectivity = Connectivity.faces
  @Option(
    help: ArgumentHelp("Part touching objects by distance or by probability.", valueName: "height"),
    transform: watershed(_:))
  var watershed: InstanceRequest.Watershed?
  @Option(
    help: ArgumentHelp(
      "Two parts are one object unless the way between them sinks by more than this share.",
      valueName: "share"))
  var depth = 0.25
  @Option(help: ArgumentHelp("Larger distances count as this one, in nm.", valueName: "nm"))
  var distanceLimit = 500.0
  @Option(
    help: ArgumentHelp(
      "Leave smaller objects out: voxels as in 100, or a volume as in 0.01um3.", valueName: "size"))
  var minimumSize: String?
  @Flag(help: "What an object encloses becomes part of it.")
  var fillHoles = false
  @Flag(help: "Take each slice for itself.")
  var perSlice = false
  @Flag(help: "The volume shows the boundaries between objects.")
  var boundaries = false
  @Option(help: ArgumentHelp("How many threads work. (default: one a core)", valueName: "number"))
  var threads: Int?
  @Option(help: "Anything to be remembered with the version.")
  var note: String?
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    var request = InstanceRequest(
      source: source, target: target, threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
    request.className = className
    request.region = region
    request.threshold = threshold
    request.connectivity = connectivity
    request.watershed = watershed
    request.depth = depth
    request.distanceLimit = distanceLimit
    request.minimumSize = minimumSize
    request.fillsHoles = fillHoles
    request.isPerSlice = perSlice
    request.showsBoundaries = boundaries
    request.note = note
    let stop = StopSignals()
    let outcome = try InstanceRun.start(
      request, in: database, progress: TerminalProgress(), cancellation: stop.flag
    ) { run in
      format.format.announce(run: run)
    }
    format.format.print(outcome.record)
  }

  private static func watershed(_ text: String) throws -> InstanceRequest.Watershed {
    guard let height = InstanceRequest.Watershed(rawValue: text.lowercased()) else {
      throw ValidationError("'\(text)' is nothing to part objects by: use distance or probability")
    }
    return height
  }
}

extension Connectivity {
  /// That of 6, 18 or 26 neighbours.
  init(neighbours text: String) throws {
    guard let count = Int(text), let connectivity = Connectivity(rawValue: count) else {
      throw ValidationError("'\(text)' is no number of neighbours: use 6, 18 or 26")
    }
    self = connectivity
  }
}

extension InstanceRun.Outcome {
  /// What is printed at the end.
  var record: OutputRecord {
    var record: OutputRecord = [
      "run": .integer(Int(run)), "version": .string(version.reference), "source": .string(source),
      "class": .string(className), "objects": .integer(objects),
    ]
    let boxes = coverage.map(\.description)
    record.add("coverage", .list(boxes.map { .string($0) }), text: boxes.joined(separator: "; "))
    record.add("seconds", .number(seconds), text: String(format: "%.1f", seconds))
    return record
  }
}
