// SPDX-License-Identifier: Apache-2.0

public import Catalog
import Zarr

/// A folder of volumes, versions, models and runs: the catalog joined with the stored arrays.
///
/// ```swift
/// let database = try VolumeDatabase.create(at: "lab.vemdb")
/// try database.addDataset("ratliver", DatasetFacts(tissue: "liver"))
/// let writer = try VersionWriter(specification, in: database)
/// for layer in 0..<writer.layerCount { try writer.writeLayer(slab(layer), layer: layer) }
/// try writer.finish(coverage: [Box(shape)])
/// try database.commit([writer])
/// let em = try database.version(VersionReference(parsing: "ratliver/em"))
/// let cut = try em.read(Box(origin: [0, 0, 0], extent: [16, 512, 512]))
/// ```
///
/// All calls are synchronous, and may come from any thread.
public final class VolumeDatabase: Sendable {
  /// What a database is opened for.
  public enum Access: Sendable {
    /// Needs no permission to write.
    case reading
    /// Also finishes commits that a crash interrupted.
    case writing
  }

  /// The format of the folder that this program writes.
  static let format = 1

  /// Where things lie.
  public let layout: DatabaseLayout

  /// What is known.
  public let catalog: Catalog

  /// What the database was opened for.
  public let access: Access

  /// Called as a commit proceeds; a test throws from it to leave things as a crash would.
  let interruption: Interruption?

  typealias Interruption = @Sendable (CommitStep) throws(DatabaseError) -> Void

  init(layout: DatabaseLayout, catalog: Catalog, access: Access, interruption: Interruption?) {
    self.layout = layout
    self.catalog = catalog
    self.access = access
    self.interruption = interruption
  }

  func requireWriting() throws(DatabaseError) {
    if access != .writing { throw .openedForReading(path: layout.root) }
  }
}
