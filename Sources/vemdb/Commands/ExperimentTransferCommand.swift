// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Arrays
import Foundation
import Runs
import Tensors
import VolumeDatabase

/// `vemdb experiment transfer --pretrain a/em,a/mito --target c/em,c/mito --class mito --slices 1,2,4`
struct ExperimentTransferCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer",
    abstract: "Measure whether learning from other tissues saves labels of a new one.",
    discussion: """
      Pretrains on all sources and on each alone, scores these models on the target as they are, then for \
      every budget of labelled slices fine-tunes them and trains others from scratch, with as many steps and \
      with as many as pretraining and fine-tuning have together; all labels are the last budget. Everything \
      is scored on a part of the target whose labels no model has seen: its split, or one that is made, in x \
      below 40 labelled slices, else in z. The weights after the last step are scored, never the best. Learning \
      rates are chosen on a source. It says first how long it takes; stopped or killed, it goes on with \
      vemdb run resume. Tables and curves are in the run's folder.
      """)

  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  @Option(
    help: ArgumentHelp(
      "An image and its labels to be learned from first; may be given again. Pairs of one dataset are one source.",
      valueName: "image,labels"))
  var pretrain: [String]

  @Option(help: ArgumentHelp("The image and labels that there are few of.", valueName: "image,labels"))
  var target: String

  @Option(
    name: .customLong("class"), help: ArgumentHelp("What is to be found, as in mito.", valueName: "class"))
  var className: String

  @Option(help: ArgumentHelp("Budgets of labelled slices, as in 1,2,4,8.", valueName: "numbers"))
  var slices: String

  @Option(help: ArgumentHelp("How many times each arm is repeated.", valueName: "number"))
  var seeds = 3

  @Option(help: ArgumentHelp("Updates of each arm.", valueName: "number"))
  var steps = 200

  @Option(
    help: ArgumentHelp("Updates of each pretraining. (default: as many as --steps)", valueName: "number"))
  var pretrainSteps: Int?

  @Option(
    help: ArgumentHelp("Learning rates to choose from; a single one is not chosen.", valueName: "numbers"))
  var rates = "0.001,0.003"

  @Option(
    help: "What models of one source alone are for: none, zero-shot or finetune.")
  var alone: TransferRequest.Alone = .finetune

  @Option(
    help: ArgumentHelp(
      "How models and predictions are called. (default: transfer- and the run's number)", valueName: "name"))
  var name: String?

  @Option(help: "The widths of the network: fast or published.")
  var preset: TrainingRequest.Preset = .fast

  @Option(
    help: ArgumentHelp(
      "The working voxel size of all arms, as in 40,10,10nm. (default: chosen from all pairs)",
      valueName: "z,y,x"),
    transform: VoxelSize.init(parsing:))
  var voxelSize: VoxelSize?

  @Option(
    help: ArgumentHelp("The patch of all arms, as in 16,96,96. (default: chosen)", valueName: "z,y,x"))
  var patch: String?

  @Option(help: ArgumentHelp("Patches a batch.", valueName: "number"))
  var batch = 2

  @Option(help: ArgumentHelp("The first seed.", valueName: "number"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "In what numbers all arms are trained and predicted: float32, or bfloat16 where the CPU has it.",
      valueName: "precision"))
  var precision = Precision.float32

  @Option(help: ArgumentHelp("How many threads compute. (default: all)", valueName: "number"))
  var threads: Int?

  func run() throws {
    let budgets = slices.split(separator: ",").map { Int($0) }
    guard !budgets.isEmpty, budgets.allSatisfy({ $0 != nil }) else {
      throw ValidationError("'\(slices)' is no list of whole numbers: give --slices as in 1,2,4,8")
    }
    var request = TransferRequest(
      pretrain: pretrain, target: target, className: className, slices: budgets.compactMap { $0 })
    request.seeds = seeds
    request.steps = steps
    request.pretrainSteps = pretrainSteps
    request.rates = try TrainingOptions.numbers(rates)
    request.alone = alone
    request.name = name
    request.preset = preset
    request.voxelSize = voxelSize
    request.patch = try patch.map(TrainingOptions.patch)
    request.batch = batch
    request.seed = seed
    request.precision = precision
    request.threads = threads
    try TrainingOptions.wrongUse { try request.check() }
    let database = try VolumeDatabase(opening: database.folder, access: .writing)
    let stop = StopSignals()
    let outcome = try TrainingOptions.wrongUse {
      try TransferRun.start(
        request, in: database, progress: TerminalProgress(), cancellation: stop.flag
      ) { run in
        format.format.announce(run: run)
      }
    }
    outcome.print(as: format.format)
  }
}

extension TransferOutcome {
  /// Prints rows and differences for people, all scores for programs.
  func print(as format: OutputFormat) {
    switch format {
    case .json:
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      if let data = try? encoder.encode(self) { Swift.print(String(decoding: data, as: UTF8.self)) }
    case .csv: Swift.print(csv, terminator: "")
    case .table:
      Swift.print("\nForeground IoU on the test part of \(request.target):\n")
      format.print(rows.map(\.record), empty: "nothing was scored")
      Swift.print(
        "\nFine-tuned minus from scratch, with 95 % over repetitions and over columns of the test part:\n")
      format.print(differences.map(\.record), empty: "nothing to compare")
      Swift.print("\ntables and curves: runs/\(run)/table.json, table.csv, curves.svg")
    }
  }
}

extension TransferOutcome.Row {
  fileprivate var record: OutputRecord {
    var record: OutputRecord = ["method": .string(method), "source": .string(source.isEmpty ? "-" : source)]
    record.add("slices", .optional(slices), text: slices.map { "\($0)" } ?? "all")
    record.add("n", .integer(count))
    for (name, value) in [("mean", mean), ("sd", deviation), ("min", low), ("max", high)] {
      record.add(name, .optional(value), text: value.map { String(format: "%.4f", $0) } ?? "-")
    }
    return record
  }
}

extension TransferOutcome.Difference {
  fileprivate var record: OutputRecord {
    var record: OutputRecord = ["fine_tuned_from": .string(source), "against": .string(against)]
    record.add("slices", .optional(slices), text: slices.map { "\($0)" } ?? "all")
    record.add("n", .integer(count))
    for (name, value) in [
      ("difference", Optional(mean)), ("low_95", low), ("high_95", high), ("column_low_95", columnLow),
      ("column_high_95", columnHigh),
    ] {
      record.add(name, .optional(value), text: value.map { String(format: "%+.4f", $0) } ?? "-")
    }
    return record
  }
}

extension TransferRequest.Alone: ExpressibleByArgument {}
