// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Arrays
import Catalog
import Foundation
import Runs
import Tensors
import VolumeDatabase

/// `vemdb predict mito --on ratliver/em --as ratliver/mito-pred`
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Find a model's classes in an image and store them as a version.",
    discussion: """
      The image is preprocessed as the model was trained, computed in tiles that fit the memory, and the \
      probabilities are brought back to the image's voxels. In exact mode the result does not depend on the \
      tiles; seed mode repeats the published patches, whose mean is taken where they overlap. A prediction \
      covers its region alone, unless --onto names the version that it continues. One that was stopped or \
      killed goes on with vemdb run resume.
      """)

  @Argument(help: ArgumentHelp("The model, as in mito or mito@2.", valueName: "model"))
  var model: String
  @Option(name: .customLong("on"), help: ArgumentHelp("The image.", valueName: "image"))
  var image: String
  @Option(
    name: .customLong("as"), help: ArgumentHelp("The volume that gets a version.", valueName: "volume"))
  var target: String
  @Option(help: ArgumentHelp("The part that is predicted. (default: all of the image)", valueName: "region"))
  var region: String?
  @Option(
    help: ArgumentHelp(
      "The version of the volume whose voxels and coverage outside the region stay.", valueName: "version"))
  var onto: String?
  @Option(
    help: ArgumentHelp("exact or seed. (default: exact)", valueName: "mode"),
    transform: { try choice($0, of: PredictionRequest.Mode.self, called: "mode") })
  var mode = PredictionRequest.Mode.exact
  @Option(
    help: ArgumentHelp(
      "Above which probability a voxel belongs to a class. (default: the model's)", valueName: "number"))
  var threshold: Double?
  @Option(help: ArgumentHelp("A volume that gets the probabilities.", valueName: "volume"))
  var probabilities: String?
  @Option(help: ArgumentHelp("How much memory may be used, as in 8GiB. (default: 4GiB)", valueName: "size"))
  var memory: ByteCount?
  @Option(help: ArgumentHelp("How many threads compute. (default: one a core)", valueName: "number"))
  var threads: Int?
  @Option(
    help: ArgumentHelp("Who computes: onednn or openblas. (default: onednn)", valueName: "backend"),
    transform: { try choice($0, of: BackendKind.self, called: "backend") })
  var backend = BackendKind.oneDNN
  @Option(help: "Anything to be remembered with the version.")
  var note: String?
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    var request = PredictionRequest(
      model: model, image: image, target: target,
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
    request.region = region
    request.onto = onto
    request.mode = mode
    request.threshold = threshold
    request.probabilities = probabilities
    if let memory { request.memory = memory.bytes }
    request.backend = backend
    request.note = note
    let stop = StopSignals()
    let outcome = try PredictionRun.start(
      request, in: database, progress: TerminalProgress(), cancellation: stop.flag
    ) { run in
      format.format.announce(run: run)
    }
    format.format.print(outcome.record)
  }
}

/// The case whose raw value is `text`.
private func choice<Choice: RawRepresentable<String> & CaseIterable>(
  _ text: String, of type: Choice.Type, called name: String
) throws -> Choice {
  guard let choice = Choice(rawValue: text.lowercased()) else {
    let known = Choice.allCases.map(\.rawValue).joined(separator: " or ")
    throw ValidationError("'\(text)' is no \(name): use \(known)")
  }
  return choice
}

extension PredictionRun.Outcome {
  /// What is printed at the end.
  var record: OutputRecord {
    var record: OutputRecord = [
      "run": .integer(Int(run)), "version": .string(versions.first?.reference ?? ""),
      "model": .string(model), "image": .string(image),
    ]
    let probabilities = versions.dropFirst().map(\.reference)
    if !probabilities.isEmpty {
      record.add(
        "probabilities", .list(probabilities.map { .string($0) }),
        text: probabilities.joined(separator: ", "))
    }
    let boxes = coverage.map(\.description)
    record.add("coverage", .list(boxes.map { .string($0) }), text: boxes.joined(separator: "; "))
    record.add("tile", .list(tile.map { .integer($0) }), text: tile.map(String.init).joined(separator: "×"))
    record.add("seconds", .number(seconds), text: String(format: "%.1f", seconds))
    return record
  }
}
