// SPDX-License-Identifier: Apache-2.0

import Arrays

/// How the voxels of a version say what belongs to objects.
enum ObjectReading: Hashable, Sendable {
  /// These values are objects; all others are, if they are inverted.
  case values(Set<UInt64>, isInverted: Bool)
  /// Every value but 0 is an object of its own.
  case ids
  /// Voxels above a threshold are objects; if inverted, those not above it.
  case probability(scale: Double, threshold: Double, isInverted: Bool)

  /// 1 in objects, else 0; in C order.
  func objects(_ voxels: NDArray) -> [UInt8] {
    func read<Element: ArrayElement>(_ type: Element.Type) -> [UInt8] {
      var result = [UInt8](repeating: 0, count: voxels.count)
      voxels.withSpan(of: type) { values in
        // Neighbours are mostly equal.
        var last = Element.zero
        var isObject = contains(last)
        for place in values.indices {
          if values[place] != last {
            last = values[place]
            isObject = contains(last)
          }
          if isObject { result[place] = 1 }
        }
      }
      return result
    }
    return read(voxels.dataType.elementType)
  }

  /// How high above nothing each voxel is, by its probability; 0 where there is no object.
  func heights(_ voxels: NDArray) -> [Float] {
    guard case .probability(let scale, _, let isInverted) = self else { return [] }
    func read<Element: ArrayElement>(_ type: Element.Type) -> [Float] {
      var result = [Float](repeating: 0, count: voxels.count)
      voxels.withSpan(of: type) { values in
        for place in values.indices where contains(values[place]) {
          let probability = values[place].doubleValue * scale
          // An object whose probability is 0 is one all the same.
          result[place] = max(.leastNormalMagnitude, Float(isInverted ? 1 - probability : probability))
        }
      }
      return result
    }
    return read(voxels.dataType.elementType)
  }

  private func contains<Element: ArrayElement>(_ value: Element) -> Bool {
    switch self {
    case .values(let known, let isInverted):
      (value.labelValue.map { known.contains($0) } ?? false) != isInverted
    case .ids: value != 0
    case .probability(let scale, let threshold, let isInverted):
      (value.doubleValue * scale > threshold) != isInverted
    }
  }
}
