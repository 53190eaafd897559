// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Arrays
import Foundation
import Runs
import Tensors
import Training
import VolumeDatabase

/// What `train` and `finetune` have in common.
struct TrainingOptions: ParsableArguments {
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  @Argument(help: ArgumentHelp("The model that gets a version; made if there is none.", valueName: "model"))
  var model: String

  @Option(
    name: .customLong("pair"),
    help: ArgumentHelp(
      "An image and its labels, as in ratliver/em,ratliver/mito; several are mixed in every batch.",
      valueName: "image,labels"))
  var pairs: [String] = []

  @Option(
    name: .customLong("class"),
    help: ArgumentHelp("What is to be found, as in mito; several give a logit each.", valueName: "class"))
  var classes: [String] = []

  @Option(
    help: ArgumentHelp("Learn from so many labelled slices of each pair, spread over z.", valueName: "number")
  )
  var slices: Int?

  @Option(help: ArgumentHelp("How many updates of the weights.", valueName: "number"))
  var steps = 400

  @Option(help: ArgumentHelp("What everything random derives from.", valueName: "number"))
  var seed: UInt64 = 0

  @Option(help: ArgumentHelp("Patches a step.", valueName: "number"))
  var batch = 2

  @Option(
    help: ArgumentHelp(
      "Depth, height and width of patches in working voxels. (default: 16,96,96, or 12,128,128 on thick sections)",
      valueName: "z,y,x"))
  var patch: String?

  @Option(
    help: ArgumentHelp(
      "The highest learning rate. (default: 0.003, or 0.001 for fine-tuning)", valueName: "rate"))
  var learningRate: Double?

  @Flag(help: "Keep the learning rate constant instead of warming up and following a cosine.")
  var constantRate = false

  @Option(help: "What is made small: dice, bce or dice+bce.")
  var loss: Loss.Kind = .diceCrossEntropy

  @Option(help: ArgumentHelp("The weight of positive voxels in the cross-entropy.", valueName: "weight"))
  var positiveWeight = 1.0

  @Option(help: "What is done to patches: mild, published or none.")
  var augmentation: TrainingRequest.Augmenting = .mild

  @Option(
    help: ArgumentHelp(
      "Steps between validations. (default: an eighth of all)", valueName: "number"))
  var validateEvery: Int?

  @Option(
    help: ArgumentHelp(
      "The gap between training and validation, as in 100nm. (default: two slices or 100 nm, whichever is more)",
      valueName: "length"))
  var `guard`: String?

  @Option(
    help: ArgumentHelp(
      "How much of each batch's statistics enters the running ones; 0.01 as published.", valueName: "share"))
  var batchNormMomentum = 0.1

  @Option(help: "Who computes: onednn or openblas.")
  var backend: BackendKind = .oneDNN

  @Option(help: ArgumentHelp("How many threads compute. (default: all)", valueName: "number"))
  var threads: Int?

  /// The request without what only one of the two commands has.
  func request() throws -> TrainingRequest {
    var request = TrainingRequest(model: model, pairs: pairs, classes: classes)
    request.slices = slices
    request.steps = steps
    request.seed = seed
    request.batch = batch
    request.patch = try patch.map(Self.patch)
    request.learningRate = learningRate
    request.isRateConstant = constantRate
    request.loss = loss
    request.positiveWeight = positiveWeight
    request.augmenting = augmentation
    request.validateEvery = validateEvery
    request.guardNanometres = try `guard`.map(Self.length)
    request.batchNormMomentum = batchNormMomentum
    request.backend = backend
    request.threads = threads
    return request
  }

  /// Trains, and prints the run's number first and what came of it last.
  func perform(_ request: TrainingRequest) throws {
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    let stop = StopSignals()
    let outcome = try TrainingRun.start(
      request, in: database, progress: TerminalProgress(), cancellation: stop.flag
    ) { run in
      format.format.announce(run: run)
    }
    format.format.print(outcome.record)
  }

  /// Reads `16,96,96`.
  static func patch(_ text: String) throws -> [Int] {
    let sizes = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard sizes.count == 3, sizes.allSatisfy({ ($0 ?? 0) > 0 }) else {
      throw ValidationError("'\(text)' is no patch: give depth, height and width, as in 16,96,96")
    }
    return sizes.compactMap { $0 }
  }

  private static func length(_ text: String) throws -> Double {
    let digits = text.prefix { $0.isNumber || $0 == "." }
    guard let unit = LengthUnit(symbol: text.dropFirst(digits.count).filter { $0 != " " }),
      let length = unit.nanometres(decimal: String(digits)), length >= 0
    else { throw ValidationError("'\(text)' is no length: give a number and a unit, as in 100nm") }
    return length
  }
}

extension OutputFormat {
  /// Tells a run's number before its work begins: on standard error where standard output is for one
  /// object alone.
  func announce(run: Int64) {
    if self == .table {
      FileHandle.standardOutput.write(Data("run \(run)\n".utf8))
    } else {
      StandardError.print("run \(run)")
    }
  }
}

extension TrainingRun.Outcome {
  /// What is printed at the end.
  var record: OutputRecord {
    var record = OutputRecord()
    record.add("run", .integer(Int(run)))
    record.add("model", .string(model))
    record.add("steps", .integer(steps))
    record.add("loss", .number(loss), text: String(format: "%.4f", loss))
    record.add(
      "validation_iou_foreground", .optional(validation),
      text: validation.map { String(format: "%.4f", $0) } ?? "-")
    record.add("seconds", .number(seconds), text: String(format: "%.1f", seconds))
    return record
  }
}

extension Loss.Kind: ExpressibleByArgument {}
extension BackendKind: ExpressibleByArgument {}
extension TrainingRequest.Augmenting: ExpressibleByArgument {}
extension TrainingRequest.Preset: ExpressibleByArgument {}
