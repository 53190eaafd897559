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
      tiles, which are run plane by plane along z; seed mode repeats the published patches, whose mean is \
      taken where they overlap. Of several models the mean is taken. A prediction covers its region alone, \
      unless --onto names the version that it continues. One that was stopped or killed goes on with vemdb \
      run resume.
      """)

  @Argument(
    help: ArgumentHelp("The model, as in mito or mito@2; several for their mean.", valueName: "model"))
  var models: [String]
  @Option(name: .customLong("on"), help: ArgumentHelp("The image.", valueName: "image"))
  var image: String
  @Option(
    name: .customLong("as"), help: ArgumentHelp("The volume that gets a version.", valueName: "volume"))
  var target: String?
  @Option(
    help: ArgumentHelp(
      "Instead of all: draw one slice, as in z=40, into the picture that --output names.",
      valueName: "region"))
  var slice: String?
  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("Where --slice puts its picture, which ends with .png.", valueName: "file"))
  var output: String?
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
  @Option(
    help: ArgumentHelp(
      "float32, or bfloat16 where the CPU has it. (default: float32)", valueName: "precision"),
    transform: { try choice($0, of: Precision.self, called: "precision") })
  var precision = Precision.float32
  @Flag(help: "Take the mean over the image turned and mirrored in eight ways.")
  var augment = false
  @Flag(help: "Leave shards out, and uncovered, in which the image has one value alone.")
  var skipBlank = false
  @Option(help: "Anything to be remembered with the version.")
  var note: String?
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    if models.isEmpty { throw ValidationError("name at least one model") }
    if (slice == nil) != (output == nil) {
      throw ValidationError("--slice and --output go together")
    }
    if (slice == nil) == (target == nil) {
      throw ValidationError("name the volume with --as, or draw one slice with --slice")
    }
    if slice != nil && (region != nil || onto != nil || probabilities != nil) {
      throw ValidationError("--slice goes without --region, --onto and --probabilities")
    }
  }

  func run() throws {
    let database = try VolumeDatabase(
      opening: database.folder, access: slice == nil ? .writing : .reading)
    // A preview is stored nowhere; it has a name all the same.
    let nowhere = "\(image.split(separator: "/").first ?? "")/preview"
    var request = PredictionRequest(
      model: models[0], image: image, target: target ?? nowhere,
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
    request.others = Array(models.dropFirst())
    request.region = slice ?? region
    request.onto = onto
    request.mode = mode
    request.threshold = threshold
    request.probabilities = probabilities
    if let memory { request.memory = memory.bytes }
    request.backend = backend
    request.precision = precision
    request.augments = augment
    request.skipsBlank = skipBlank
    request.note = note
    let stop = StopSignals()
    if let output {
      let outcome = try PredictionPreview.draw(
        request, to: output, in: database, progress: TerminalProgress(), cancellation: stop.flag)
      format.format.print(outcome.record(file: output))
      return
    }
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

extension PredictionPreview.Outcome {
  /// What is printed at the end.
  func record(file: String) -> OutputRecord {
    var record: OutputRecord = [
      "file": .string(file), "image": .string(image), "slice": .string(box.description),
    ]
    record.add("models", .list(models.map { .string($0) }), text: models.joined(separator: ", "))
    for (name, share) in zip(classes, shares) {
      record.add(name, .number(share), text: String(format: "%.1f %% of the voxels", 100 * share))
    }
    return record
  }
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
