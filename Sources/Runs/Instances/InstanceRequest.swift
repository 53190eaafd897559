// SPDX-License-Identifier: Apache-2.0

public import Segmentation

/// What a person asks of `vemdb instances`; also the settings that the run records.
public struct InstanceRequest: Codable, Hashable, Sendable {
  /// By what touching objects are parted.
  public enum Watershed: String, Codable, CaseIterable, Hashable, Sendable {
    /// By how far inside of the object a voxel is.
    case distance
    /// By how probable the class is.
    case probability
  }

  /// Labels, a prediction or probabilities, as in `ratliver/mito-pred@2`.
  public var source: String
  /// The volume that gets a version, as in `ratliver/mito-objects`.
  public var target: String
  /// Of several classes this one; of boundaries what lies between them.
  public var className: String?
  /// The part that is looked at, as in `z=18:36,y=0:1000`; all that is covered by default.
  public var region: String?
  /// Above which probability a voxel belongs to an object.
  public var threshold = 0.5
  /// Which voxels are neighbours.
  public var connectivity = Connectivity.faces
  /// By what touching objects are parted; `nil` leaves them together.
  public var watershed: Watershed?
  /// Two parts are one object unless the way between them sinks by more than this share of the lower
  /// one's height.
  public var depth = 0.25
  /// Larger distances count as this one, in nm.
  public var distanceLimit = 500.0
  /// Smaller objects are left out: voxels as in `100`, or a volume as in `0.01um3`.
  public var minimumSize: String?
  /// Whether what an object encloses becomes part of it.
  public var fillsHoles = false
  /// Whether each slice is taken for itself.
  public var isPerSlice = false
  /// Whether the source shows the boundaries between objects.
  public var showsBoundaries = false
  /// How many threads work; the result does not depend on it.
  public var threads: Int
  /// Anything to be noted with the version.
  public var note: String?
  /// The most voxels of a block; the result does not depend on it.
  var blockVoxels = 1 << 23

  /// A request with the default settings.
  public init(source: String, target: String, threads: Int) {
    self.source = source
    self.target = target
    self.threads = threads
  }

  /// Checks what can be checked without a database.
  func check() throws(InstanceError) {
    if threads < 1 { throw .badOption("--threads", reason: "at least one is needed") }
    if !(threshold >= 0 && threshold < 1) {
      throw .badOption("--threshold", reason: "it lies between 0 and 1")
    }
    if !(depth >= 0 && depth < 1) { throw .badOption("--depth", reason: "it is a share from 0 to below 1") }
    if !(distanceLimit > 0 && distanceLimit <= 100_000) {
      throw .badOption("--distance-limit", reason: "it lies between 0 and 100000 nm")
    }
  }

  /// The rule by which voxels become objects.
  var rule: LabellingRule {
    LabellingRule(
      watershed == nil ? .components : .watershed(depth: depth), connectivity: connectivity,
      isPerSlice: isPerSlice, fillsHoles: fillsHoles)
  }
}
