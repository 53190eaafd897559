// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import VolumeDatabase

/// Which voxels of a label version belong to a class.
enum LabelRule: Hashable, Sendable {
  /// Those of one of these values.
  case values(Set<UInt64>)
  /// All but 0: ids of objects of the class.
  case nonzero

  /// The rule of a version for a class, or `nil` if the version does not have it.
  init?(of version: StoredVersion, classID: Int64) {
    let found = version.classes.filter { $0.classID == classID }
    if found.contains(where: { $0.mode == .instance }) {
      self = .nonzero
      return
    }
    let values = Set(found.compactMap(\.value))
    if values.isEmpty { return nil }
    self = .values(values)
  }

  /// Ones where a voxel belongs to the class, else zeros.
  func mask(of labels: NDArray) -> NDArray {
    mask(labels, labels.dataType.elementType)
  }

  private func mask<Element: ArrayElement>(_ labels: NDArray, _: Element.Type) -> NDArray {
    var result = NDArray(.uint8, labels.extent)
    labels.withSpan(of: Element.self) { source in
      result.withMutableSpan(of: UInt8.self) { target in
        switch self {
        case .nonzero:
          for index in source.indices { target[index] = source[index] == 0 ? 0 : 1 }
        case .values(let values):
          // Signed values are compared as the bits that the catalog keeps.
          if values.count == 1, let value = values.first {
            for index in source.indices { target[index] = source[index].labelValue == value ? 1 : 0 }
          } else {
            for index in source.indices {
              target[index] = source[index].labelValue.map(values.contains) == true ? 1 : 0
            }
          }
        }
      }
    }
    return result
  }

  /// How many voxels of a chunk belong to the class.
  func count(in chunk: ChunkStatistic) -> Int {
    switch self {
    case .nonzero: chunk.nonzero
    case .values(let values): values.reduce(0) { $0 + (chunk.counts[$1] ?? 0) }
    }
  }
}
