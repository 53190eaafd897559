// SPDX-License-Identifier: Apache-2.0

public import Catalog
import Foundation

extension VolumeDatabase {
  /// Adds a version of a model: its files are staged, made durable and renamed into place, or nothing
  /// is to be seen of it.
  ///
  /// - Parameters:
  ///   - draft: Its staging path is chosen here.
  ///   - write: Puts the files into the folder whose path it is given, and returns the SHA-256 (64
  ///     hexadecimal digits) and the size of the weights among them.
  /// - Returns: The committed version.
  /// - Throws: What `write` throws, or ``DatabaseError``; nothing is left of the version then, unless
  ///   the error came after its seal: then the next opening for writing finishes it.
  public func addModelVersion(
    _ draft: ModelVersionDraft, write: (String) throws -> (hash: String, byteCount: Int)
  ) throws -> ModelVersionRecord {
    try requireWriting()
    var draft = draft
    let uuid = draft.uuid ?? UUID().uuidString.lowercased()
    draft.uuid = uuid
    draft.stagingPath = DatabaseLayout.stagingPath(uuid)
    let staging = layout.path(draft.stagingPath)
    guard let lock = try StagingLock(path: "\(staging).lock") else {
      throw DatabaseError.beingWritten("a version of the model")
    }
    let version = try catalog.reserveModelVersion(draft)
    do {
      try FileSystem.createFolders(staging)
      let (hash, byteCount) = try write(staging)
      try catalog.setWeights(hash: hash, byteCount: byteCount, ofModelVersion: version.id)
      try describe(try catalog.modelVersion(version.id), in: staging)
      try FileSystem.synchroniseTree(staging)
      try FileSystem.synchronise(layout.staging)
      try catalog.sealVersions([], modelVersions: [version.id])
    } catch {
      try? catalog.abandonModelVersions([version.id])
      try? FileSystem.removeTree(staging)
      try? FileSystem.removeTree("\(staging).lock")
      throw error
    }
    try finish(version)
    withExtendedLifetime(lock) {}
    return try catalog.modelVersion(version.id)
  }

  /// The folder of a committed version of a model, with `model.json` and `weights.safetensors`.
  public func folder(of version: ModelVersionRecord) -> String { layout.path(version.path) }

  /// The version of a model that a reference names; the latest committed one without a number.
  ///
  /// - Throws: ``DatabaseError/notCommitted(_:state:)``, or the catalog's error if there is none.
  public func modelVersion(_ reference: ModelReference) throws(DatabaseError) -> ModelVersionRecord {
    let version = try inCatalog { () throws(CatalogError) in
      try catalog.modelVersion(reference.number, ofModel: reference.name)
    }
    guard version.state == .committed else {
      throw .notCommitted(version.reference, state: version.state.rawValue)
    }
    return version
  }

  /// Finishes the commits of models that were interrupted after their seal, and clears away versions
  /// whose writer is gone before it.
  func rollModelsForward() throws(DatabaseError) {
    let unfinished = try inCatalog { () throws(CatalogError) in
      try catalog.modelVersions(states: [.staging, .sealed])
    }
    for found in unfinished {
      guard let path = found.stagingPath, let lock = try StagingLock(path: layout.path(path) + ".lock")
      else { continue }
      // Its writer may have ended between the look at the catalog and the lock.
      let version = try inCatalog { () throws(CatalogError) in try catalog.modelVersion(found.id) }
      if version.state == .sealed { try finish(version) }
      if version.state == .staging {
        try inCatalog { () throws(CatalogError) in try catalog.abandonModelVersions([version.id]) }
        try FileSystem.removeTree(layout.path(path))
        try FileSystem.removeTree(layout.path(path) + ".lock")
      }
      withExtendedLifetime(lock) {}
    }
  }

  private func finish(_ version: ModelVersionRecord) throws(DatabaseError) {
    guard let path = version.stagingPath else { return }
    let staging = layout.path(path)
    let target = layout.path(version.path)
    let model = layout.model(version.model)
    let now = Timestamp.now
    try FileSystem.createFolders(model)
    try writeSeries(ofModel: version.model, committing: version, at: now)
    if FileSystem.kind(staging) != nil { try FileSystem.rename(staging, to: target) }
    try FileSystem.synchronise(model)
    try FileSystem.synchronise(layout.models)
    try FileSystem.synchronise(layout.staging)
    try inCatalog { () throws(CatalogError) in
      try catalog.commitVersions([], modelVersions: [version.id], at: now)
    }
    try FileSystem.removeTree("\(staging).lock")
  }
}
