// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Runs
import VolumeDatabase

/// `vemdb verify`, `vemdb verify ratliver/em@1 --sample 20`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Compare what is stored with what was written.",
    discussion: """
      Every shard is hashed and compared with the manifest of its version, and catalog, manifests and folders \
      with each other. What is wrong is listed with its version, shard and box: missing (a listed file is not \
      there), torn (it ends too early), altered (other bytes), foreign (no manifest lists it), index-less (the \
      catalog lacks its statistics), description, lost, unlisted. Nothing is changed; exit code 1 says that \
      something is wrong.
      """)

  @Argument(
    help: ArgumentHelp(
      "A dataset, a volume, a version or a model. (default: everything)", valueName: "ref"),
    transform: AnyReference.init(parsing:))
  var reference: AnyReference?
  @Option(
    help: ArgumentHelp(
      "Hash so many shards of each version only; that all files are there is always looked at.",
      valueName: "number"))
  var sample: Int?
  @Option(
    help: ArgumentHelp("How many shards are hashed at once. (default: one a core)", valueName: "number"))
  var threads: Int?
  @OptionGroup var database: DatabaseOptions
  @OptionGroup var format: FormatOptions

  func validate() throws {
    if let sample, sample < 1 { throw ValidationError("--sample must be 1 or more") }
    if let threads, threads < 1 { throw ValidationError("--threads must be 1 or more") }
  }

  func run() throws {
    let database = try VolumeDatabase(opening: database.folder, access: .reading)
    let scope = try reference.map { try VerificationScope($0) } ?? .everything
    let stop = StopSignals()
    let flag = stop.flag
    let progress = TerminalProgress()
    let stage = ProgressTotal()
    let report = try database.verify(
      scope, sample: sample, threads: threads ?? ProcessInfo.processInfo.activeProcessorCount
    ) { done, total in
      if stage.begins { progress.begin(ProgressStage("verifying", total: total >> 20, unit: "MiB")) }
      progress.advance(to: done >> 20)
      try flag.check()
    }
    progress.end()
    withExtendedLifetime(stop) {}
    let records = report.problems.map { problem -> OutputRecord in
      [
        "problem": .string(problem.kind.rawValue), "what": .string(problem.what),
        "shard": .optional(problem.shard), "box": problem.box.map { .string("\($0)") } ?? .null,
        "detail": .string(problem.detail),
      ]
    }
    let looked =
      "\(report.versions) versions with \(report.shards) shards (\(report.hashedShards) hashed, "
      + "\(bytesText(report.hashedBytes))) and \(report.models) model versions"
    format.format.print(records, empty: "nothing is wrong in \(looked)")
    if report.isGood { return }
    let count = report.problems.count
    StandardError.print(
      "vemdb: \(count) \(count == 1 ? "thing is" : "things are") wrong in \(looked); see the list")
    throw ExitCode(1)
  }
}
