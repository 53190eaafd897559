// SPDX-License-Identifier: Apache-2.0

import Arrays
import ImageFiles

/// How voxels of source files become voxels of a version.
struct VoxelConversion: Hashable, Sendable {
  enum Mode: Hashable, Sendable {
    /// Gray values, kept.
    case image
    /// Classes by value, kept; each must be one of these.
    case classes(Set<UInt64>)
    /// All values but 0 become 1.
    case nonzero
    /// Ids of objects, kept.
    case instances
  }

  let mode: Mode

  /// The type of what is read.
  let source: DataType

  /// The type of the version.
  let target: DataType

  /// - Parameter source: The type of the files' samples.
  /// - Throws: ``IngestError/unstorableType(_:path:)`` for images of 64-bit floating point.
  init(_ mode: Mode, source: DataType, path: String) throws(IngestError) {
    self.mode = mode
    self.source = source
    switch (mode, source) {
    case (.image, .float64): throw .unstorableType(source, path: path)
    case (.image, .float16): target = .float32
    case (.image, _): target = source
    case (.nonzero, _), (_, .bool): target = .uint8
    case (_, .float16), (_, .float32): target = .uint32
    case (_, .float64): target = .uint64
    default: target = source
    }
  }

  /// Whether voxels are stored as they are read.
  var keepsVoxels: Bool { mode != .nonzero && source == target }

  /// The voxels of a slice in the type of the version.
  ///
  /// - Throws: ``IngestError/fractionalLabel(_:slice:)``.
  func converted(_ slice: NDArray, name: String) throws(IngestError) -> NDArray {
    if mode == .nonzero || slice.dataType == .bool { return slice.mappedNonzero() }
    if slice.dataType == target { return slice }
    if mode == .image { return slice.halfToSingle() }
    guard let result = slice.wholeNumbers(as: target) else {
      let value = slice.firstUnfit(for: target).map { "the value \($0)" } ?? "a value"
      throw .fractionalLabel(value, slice: name)
    }
    return result
  }

  /// Checks the values of a slice against the class map.
  ///
  /// - Throws: ``IngestError/unnamedValues(_:slice:voxels:)``, ``IngestError/fractionalLabel(_:slice:)``.
  func check(_ slice: NDArray, name: String) throws(IngestError) {
    guard case .classes(let allowed) = mode else { return }
    let voxels = try converted(slice, name: name)
    let unnamed = voxels.valueCounts().filter { !allowed.contains($0.key) }
    guard !unnamed.isEmpty else { return }
    let isSigned = voxels.dataType.isSigned
    let values = unnamed.keys.sorted().map { isSigned ? "\(Int64(bitPattern: $0))" : "\($0)" }
    let shown = values.prefix(8) + (values.count > 8 ? ["and \(values.count - 8) more"] : [])
    throw .unnamedValues(Array(shown), slice: name, voxels: unnamed.values.reduce(0, +))
  }
}
