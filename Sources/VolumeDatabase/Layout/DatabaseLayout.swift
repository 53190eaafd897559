// SPDX-License-Identifier: Apache-2.0

/// Where things lie in a database's folder.
///
///     catalog.sqlite
///     volumes/<dataset>/<volume>/<n>/ , <n>.shards
///     models/<model>/<n>/
///     runs/<id>/
///     staging/<uuid>/ , <uuid>.shards , <uuid>.journal , <uuid>.lock
///     trash/<uuid>/
///     renaming.json (while something is renamed)
public struct DatabaseLayout: Hashable, Sendable {
  /// The database's folder, without a slash at the end.
  public let root: String

  init(root: String) {
    var root = root
    while root.count > 1 && root.hasSuffix("/") { root.removeLast() }
    self.root = root
  }

  /// The file of the catalog.
  public var catalog: String { "\(root)/catalog.sqlite" }
  /// The folder of all volumes.
  public var volumes: String { "\(root)/volumes" }
  /// The folder of what is not yet committed.
  public var staging: String { "\(root)/staging" }
  /// The folder of all models.
  public var models: String { "\(root)/models" }
  /// The folder of all runs.
  public var runs: String { "\(root)/runs" }

  /// The folder of what is removed, until it is gone.
  public var trash: String { "\(root)/trash" }
  /// The lock of those who write the groups of datasets, volumes and models.
  var groupLock: String { "\(root)/.lock" }

  /// What says that a renaming is under way.
  var renaming: String { "\(root)/renaming.json" }

  /// The folder of a version as seen from that of a version in the dataset `other`, as in `../../em/1`.
  static func path(
    ofVersion number: Int, of volume: String, in dataset: String, from other: String
  ) -> String {
    dataset == other ? "../../\(volume)/\(number)" : "../../../\(dataset)/\(volume)/\(number)"
  }

  /// The folder of a model.
  func model(_ name: String) -> String { "\(models)/\(name)" }

  /// The folder of a dataset.
  func dataset(_ name: String) -> String { "\(volumes)/\(name)" }

  /// The folder of a volume.
  func volume(_ reference: VolumeReference) -> String { "\(volumes)/\(reference)" }

  /// The folder of a committed version.
  func version(_ reference: VolumeReference, _ number: Int) -> String {
    "\(volume(reference))/\(number)"
  }

  /// The staging folder of a version, relative to ``root``.
  static func stagingPath(_ uuid: String) -> String { "staging/\(uuid)" }

  /// A path relative to ``root`` made whole.
  public func path(_ relative: String) -> String { "\(root)/\(relative)" }

  /// The manifest beside a version's folder, committed or staged.
  static func manifest(of folder: String) -> String { "\(folder).shards" }
}
