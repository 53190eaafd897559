// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Foundation
import Networks
import Runs
import Tensors
import Training

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
    record.add(
      "waiting_share", .optional(waitingShare),
      text: waitingShare.map { String(format: "%.1f %%", 100 * $0) } ?? "-")
    record.add("seconds", .number(seconds), text: String(format: "%.1f", seconds))
    return record
  }
}

extension TrainingEstimate {
  /// What is printed instead of a training.
  var record: OutputRecord {
    var record = OutputRecord()
    record.add("model", .string(request.model))
    record.add("from", .optional(request.from))
    record.add("pairs", .list(request.pairs.map { .string($0) }), text: request.pairs.joined(separator: " "))
    record.add("logits", .list(logits.map { .string($0) }))
    record.add("parameters", .integer(parameterCount))
    record.add("voxel_size", .string(voxelSize))
    let patch = request.patch ?? []
    record.add(
      "patch", .list(patch.map { .integer($0) }), text: patch.map(String.init).joined(separator: "×"))
    record.add("batch", .optional(request.batch))
    record.add("accumulate", .integer(request.accumulation))
    record.add("steps", .integer(request.steps))
    record.add("validations", .integer(validationCount))
    record.add("loss", .string(request.loss.rawValue))
    record.add("optimizer", .string(request.optimizer.rawValue))
    record.add("learning_rate", .optional(request.learningRate))
    record.add("schedule", .string(request.schedule.rawValue))
    record.add("augmentation", .string(request.augmenting.rawValue))
    record.add("precision", .string(request.precision.rawValue))
    record.add("threads", .optional(request.threads))
    record.add("memory_bytes", .integer(memoryBytes), text: bytesText(memoryBytes))
    record.add("recomputation", .string(recomputation.rawValue))
    record.add("gflop_per_step", .number(gigaflopsAStep), text: String(format: "%.1f", gigaflopsAStep))
    record.add("seconds_per_step", .number(secondsAStep), text: String(format: "%.2f", secondsAStep))
    record.add("seconds", .number(seconds), text: "about \(ProgressMeter.clock(seconds))")
    return record
  }
}

extension Loss.Kind: ExpressibleByArgument {}
extension Loss.DiceExtent: ExpressibleByArgument {}
extension ByteCount: ExpressibleByArgument {
  init?(argument: String) { self.init(parsing: argument) }
}

extension BackendKind: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}
extension TrainingRequest.Augmenting: ExpressibleByArgument {}
extension TrainingRequest.OptimizerKind: ExpressibleByArgument {}
extension TrainingRequest.ScheduleKind: ExpressibleByArgument {}
extension TrainingRequest.Kept: ExpressibleByArgument {}
extension TrainingRequest.Preset: ExpressibleByArgument {}
