// SPDX-License-Identifier: Apache-2.0

import Catalog
import Foundation

extension VolumeDatabase {
  /// How long a file that is to replace another must have lain there to belong to nobody, in seconds.
  private static let patience = 60.0

  /// Files that a kill left beside those that they were to replace, and what runs have kept between two steps
  /// and nobody goes on with.
  ///
  /// - Returns: Those of nobody, and those of runs that can be resumed; whole paths.
  func leftovers() throws(DatabaseError) -> (free: [String], resumable: [(path: String, run: Int64)]) {
    var free = try unfinishedFiles()
    var resumable: [(path: String, run: Int64)] = []
    let staged = try inCatalog { () throws(CatalogError) in
      Set(try catalog.unfinishedVersions().compactMap(\.runID))
    }
    for name in try FileSystem.names(in: layout.runs) {
      let folder = "\(layout.runs)/\(name)"
      guard FileSystem.kind(folder) == .folder, let id = Int64(name), try !isWorkedOn(run: id) else {
        continue
      }
      for file in try FileSystem.names(in: folder) {
        // Planes of a streamed prediction are of use as long as there is something to store them in.
        if file.hasSuffix(".planes") {
          if staged.contains(id) {
            resumable.append(("\(folder)/\(file)", id))
          } else {
            free.append("\(folder)/\(file)")
          }
        } else if file.hasPrefix("."), file.hasSuffix(".partial") {
          free.append("\(folder)/\(file)")
        }
      }
    }
    return (free, resumable)
  }

  /// Removes leftovers, but for those of a run that somebody works on by now.
  func removeLeftovers(_ paths: [String]) throws(DatabaseError) {
    for path in paths {
      let parts = path.dropFirst(layout.runs.count).split(separator: "/")
      if path.hasPrefix(layout.runs + "/"), let id = parts.first.flatMap({ Int64($0) }),
        try isWorkedOn(run: id)
      {
        continue
      }
      try FileSystem.removeFile(path)
    }
  }

  /// Files that were to replace others, and whose process is gone or has forgotten them.
  private func unfinishedFiles() throws(DatabaseError) -> [String] {
    var folders = [layout.root, layout.volumes]
    for dataset in try self.folders(in: layout.volumes) {
      let volumes = try self.folders(in: dataset)
      folders += [dataset] + volumes
      for volume in volumes { folders += try self.folders(in: volume) }
    }
    for top in [layout.models, layout.runs] {
      let inner = try self.folders(in: top)
      folders += inner
      for folder in inner { folders += try self.folders(in: folder) }
    }
    let now = Date().timeIntervalSince1970
    var found: [String] = []
    for folder in folders {
      for name in try FileSystem.names(in: folder) where name.hasSuffix(FileSystem.unfinishedEnding) {
        let path = "\(folder)/\(name)"
        guard let facts = FileSystem.facts(path), now - facts.modifiedSeconds > Self.patience else {
          continue
        }
        found.append(path)
      }
    }
    return found
  }

  private func folders(in path: String) throws(DatabaseError) -> [String] {
    try FileSystem.folders(in: path).map { "\(path)/\($0)" }
  }
}
