// SPDX-License-Identifier: Apache-2.0

public import Catalog
public import VolumeDatabase

/// What a query asks.
///
/// ```swift
/// var query = QueryRequest(about: try AnyReference(parsing: "ratliver"))
/// query.region = try Region(parsing: "z=18:36,y=0:1000,x=0:1000")
/// query.className = "mito"
/// for version in try query.answer(from: database).versions { print(version.classes) }
/// ```
public struct QueryRequest: Sendable {
  /// A dataset, a volume or a version.
  public var subject: AnyReference
  /// Which part; in voxels of ``grid``, else of the version or image asked about, else of the
  /// dataset's only image.
  public var region = Region.all
  /// The version whose voxels the region counts.
  public var grid: VersionReference?
  /// Only this class, by its name or a synonym.
  public var className: String?
  /// Which kinds of versions are looked for in a dataset or over an image.
  public var kinds: Set<VolumeKind> = [.label, .prediction]
  /// Whether objects are listed.
  public var instances = false
  /// How many threads decode.
  public var threads: Int

  /// Asks about all of something.
  public init(about subject: AnyReference) {
    self.subject = subject
    threads = Machine.threads
  }
}
