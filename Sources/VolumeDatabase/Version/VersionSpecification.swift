// SPDX-License-Identifier: Apache-2.0

public import Arrays
public import Catalog

/// What a version that is about to be written will be.
public struct VersionSpecification: Hashable, Sendable {
  /// The volume that gets the version; made if there is none of this name.
  public var volume: VolumeReference
  /// What the voxels are.
  public var kind: VolumeKind
  /// The type of a voxel; an integer type for labels and predictions.
  public var dataType: DataType
  /// Voxels along z, y, x.
  public var shape: Extent
  /// Distances between voxels.
  public var voxelSize: VoxelSize
  /// The position of the centre of the first voxel, nm, z, y, x.
  public var origin: [Double] = [0, 0, 0]
  /// The shape of a chunk on all levels; `nil` chooses, and takes the parent's where there is one.
  public var chunk: Extent?
  /// The shape of a shard on all levels; `nil` chooses.
  public var shard: Extent?
  /// What the values mean; empty for images.
  public var classes: [ClassAssignment] = []
  /// The image that labels or predictions belong to; its scale levels are taken over if the shapes agree.
  public var image: VersionReference?
  /// The version of the same volume that this one continues or corrects: what is not written is shared
  /// with it.
  public var parent: VersionReference?
  /// The run that makes it.
  public var runID: Int64?
  /// What a stored value is multiplied by to give a probability.
  public var valueScale: Double?
  /// The files it is made from, in their order along z.
  public var sourceFiles: [SourceFileRecord] = []
  /// Anything else.
  public var note: String?
  /// How hard Zstandard tries.
  public var compressionLevel = 1

  /// - Precondition: The shape has three axes.
  public init(
    volume: VolumeReference, kind: VolumeKind, dataType: DataType, shape: Extent, voxelSize: VoxelSize
  ) {
    precondition(shape.rank == 3, "a volume has three axes")
    self.volume = volume
    self.kind = kind
    self.dataType = dataType
    self.shape = shape
    self.voxelSize = voxelSize
  }

  /// Whether the voxels are classes or ids, which are reduced by mode rather than mean.
  var isLabel: Bool { kind == .label || kind == .prediction }

  /// Checks what can be checked without a database.
  ///
  /// - Throws: ``DatabaseError/badVersion(_:reason:)``.
  func check() throws(DatabaseError) {
    func refused(_ reason: String) -> DatabaseError { .badVersion("\(volume)", reason: reason) }
    guard shape.sizes.allSatisfy({ $0 > 0 && $0 < 1 << 31 }) else {
      throw refused("its shape \(shape) has an axis without voxels or with more than 2³¹")
    }
    guard origin.count == 3, origin.allSatisfy(\.isFinite) else {
      throw refused("its origin is not three numbers")
    }
    switch kind {
    case .image:
      guard classes.isEmpty else { throw refused("an image has no classes") }
    case .label, .prediction:
      guard dataType.isInteger || dataType == .bool else {
        throw refused("labels are whole numbers, not \(dataType)")
      }
      guard !classes.isEmpty else { throw refused("what its values mean is not said: give classes") }
      let values = classes.filter { $0.mode == .semantic }.map(\.value)
      guard values.count == classes.count || (classes.count == 1 && classes[0].mode == .instance) else {
        throw refused("its values are either classes, each with its value, or the ids of one class")
      }
      guard !values.contains(nil), Set(values).count == values.count else {
        throw refused("two classes have one value, or one has none")
      }
    case .probability:
      guard classes.count == 1, classes[0].mode == .probability else {
        throw refused("a probability is that of one class")
      }
    }
  }
}
