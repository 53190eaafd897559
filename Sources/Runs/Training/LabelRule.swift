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

  /// Ones where two objects, or an object and what is none, meet in the plane: where the 3×3 neighbourhood
  /// has more than one value, on a grid to which labels are brought by the nearest voxel.
  ///
  /// Objects of a class without ids are the areas of its value.
  func boundary(of labels: NDArray, on extent: Extent) -> NDArray {
    boundary(labels, on: extent, labels.dataType.elementType)
  }

  private func boundary<Element: ArrayElement>(
    _ labels: NDArray, on extent: Extent, _: Element.Type
  ) -> NDArray {
    let (height, width) = (extent[0], extent[1])
    let (rows, columns) = (labels.extent[0], labels.extent[1])
    let ids = labels.withSpan(of: Element.self) { source in
      (0..<height * width).map { place -> UInt64 in
        let y = min(rows - 1, (2 * (place / width) + 1) * rows / (2 * height))
        let x = min(columns - 1, (2 * (place % width) + 1) * columns / (2 * width))
        let value = source[y * columns + x].labelValue ?? 0
        if case .values(let values) = self { return values.contains(value) ? 1 : 0 }
        return value
      }
    }
    var result = NDArray(.uint8, [height, width])
    result.withMutableSpan(of: UInt8.self) { target in
      for y in 0..<height {
        for x in 0..<width {
          let own = ids[y * width + x]
          for row in max(0, y - 1)...min(height - 1, y + 1) {
            for column in max(0, x - 1)...min(width - 1, x + 1) where ids[row * width + column] != own {
              target[y * width + x] = 1
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
