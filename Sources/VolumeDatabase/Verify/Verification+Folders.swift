// SPDX-License-Identifier: Apache-2.0

import Catalog
import Foundation
import Zarr

extension Verification {
  // MARK: Models

  mutating func verify(_ model: ModelVersionRecord) throws {
    report.models += 1
    let folder = layout.path(model.path)
    guard FileSystem.kind(folder) == .folder else {
      report.add(.lost, model.reference, "its folder \(model.path) is gone: restore it from a backup")
      return
    }
    let weights = "\(folder)/weights.safetensors"
    guard let facts = FileSystem.facts(weights) else {
      report.add(.missing, model.reference, "its weights.safetensors is gone: restore it from a backup")
      return
    }
    if facts.byteCount < model.byteCount ?? 0 {
      report.add(.torn, model.reference, "its weights.safetensors ends too early: restore it from a backup")
    } else if try VolumeDatabase.sha256(ofFile: weights) != model.weightsHash {
      report.add(.altered, model.reference, "its weights are not those that were written: restore them")
    }
    let path = "\(folder)/model.json"
    let json = (try? FileSystem.read(path)).flatMap { try? JSONValue(parsing: $0, key: path) }
    if json == nil {
      report.add(.description, model.reference, "its model.json is gone or cannot be read")
    } else if let uuid = json?["vemdb"]?["uuid"]?.string, uuid != model.uuid {
      report.add(.description, model.reference, "its model.json is not that of this version")
    }
  }

  // MARK: Catalog and folders

  /// Looks for files without rows, and for groups and runs without files.
  mutating func compareFolders() throws {
    // Folders first: what is committed after that has its row by the time it is looked for.
    let datasets = try FileSystem.folders(in: layout.volumes)
    let known = try catalog.datasets()
    for dataset in known {
      compareGroup("volumes/\(dataset.name)", dataset.name, VolumeDatabase.facts(of: dataset))
    }
    for name in datasets where !known.contains(where: { $0.name == name }) {
      report.add(.unlisted, "volumes/\(name)", "no dataset has this name: vemdb repair enters it")
    }
    for name in datasets { try compareVolumes(of: name) }
    try compareModels()
    try compareRuns()
  }

  private mutating func compareVolumes(of dataset: String) throws {
    for name in try FileSystem.folders(in: layout.dataset(dataset)) {
      let path = "volumes/\(dataset)/\(name)"
      let entries = try FileSystem.names(in: layout.path(path))
      guard let volume = try? catalog.volume(named: name, in: dataset), volume.name == name else {
        report.add(.unlisted, path, "no volume has this name: vemdb repair enters it")
        continue
      }
      let versions = try catalog.versions(ofVolume: volume.id, states: Set(VersionState.allCases))
      if versions.contains(where: { $0.committedAt != nil }) {
        compareGroup(path, volume.reference, VolumeDatabase.changeableFacts(of: volume))
      }
      for entry in entries where entry != "zarr.json" && !entry.hasSuffix(FileSystem.unfinishedEnding) {
        let stem = entry.hasSuffix(".shards") ? String(entry.dropLast(7)) : entry
        let version = versions.first { "\($0.number)" == stem }
        if let version, version.freedAt == nil { continue }
        if version != nil {
          report.add(.unlisted, "\(path)/\(entry)", "its version was to be removed: vemdb gc does it")
        } else if Int(stem) != nil {
          report.add(.unlisted, "\(path)/\(entry)", "no version has this number: vemdb repair enters it")
        } else {
          report.add(
            .foreign, "\(path)/\(entry)", "it is no part of the volume: move it away if it is not yours")
        }
      }
    }
  }

  private mutating func compareGroup(_ path: String, _ reference: String, _ known: JSONObject) {
    let facts = try? VolumeDatabase.facts(ofGroup: layout.path(path))
    if facts.map({ VolumeDatabase.agrees($0, with: known) }) != true {
      report.add(
        .description, reference,
        "\(path)/zarr.json is missing or is not what was written: vemdb repair writes it anew")
    }
  }

  private mutating func compareModels() throws {
    for name in try FileSystem.folders(in: layout.models) {
      let model = try catalog.models().first { $0.name == name }
      let known = try model.map {
        try catalog.modelVersions(ofModel: $0.id, states: Set(VersionState.allCases))
      }
      for entry in try FileSystem.folders(in: layout.model(name))
      where known?.contains(where: { "\($0.number)" == entry }) != true {
        report.add(.unlisted, "models/\(name)/\(entry)", "no model has this version: vemdb repair enters it")
      }
    }
  }

  private mutating func compareRuns() throws {
    let found = try FileSystem.folders(in: layout.runs)
    let runs = try catalog.runs()
    for run in runs {
      let file = try? RunFile(folder: "\(layout.runs)/\(run.id)")
      if file?.uuid != run.uuid {
        report.add(
          .description, run.reference,
          "its run.json is missing or is not what was written: vemdb repair writes it anew")
      }
    }
    for name in found where !runs.contains(where: { "\($0.id)" == name }) {
      report.add(.unlisted, "runs/\(name)", "no run has this number: vemdb repair enters it")
    }
  }
}
