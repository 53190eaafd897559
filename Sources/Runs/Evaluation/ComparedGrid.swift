// SPDX-License-Identifier: Apache-2.0

import Catalog
import Arrays
import VolumeDatabase

/// A version read at the voxels of another one, whose voxels may be larger, smaller or elsewhere.
struct ComparedGrid: Sendable {
  let version: StoredVersion
  /// The shape of the other one.
  let shape: Extent
  /// Along each axis the place in the version of each voxel of the other one; `nil` if it is the same.
  private let places: [[Double]]?

  init(_ version: StoredVersion, at truth: StoredVersion) {
    self.version = version
    shape = truth.record.shape
    let (own, other) = (version.record, truth.record)
    if own.shape == other.shape && own.voxelSize == other.voxelSize && own.origin == other.origin {
      places = nil
      return
    }
    places = (0..<3).map { axis in
      let (from, to) = (other.voxelSize.nanometres[axis], own.voxelSize.nanometres[axis])
      return (0..<other.shape[axis]).map { index in
        (other.origin[axis] + Double(index) * from - own.origin[axis]) / to
      }
    }
  }

  /// The voxels of the other one whose centres lie in a box of the version.
  func box(_ box: Box) -> Box {
    guard let places else { return box }
    let ranges = (0..<3).map { axis -> Range<Int> in
      let inside = places[axis].indices.filter { box.range(axis).contains(nearest(places[axis][$0])) }
      guard let first = inside.first, let last = inside.last else { return 0..<0 }
      return first..<last + 1
    }
    return Box(lower: ranges.map(\.lowerBound), upper: ranges.map(\.upperBound))
  }

  private func nearest(_ place: Double) -> Int { Int((place + 0.5).rounded(.down)) }

  /// The values at the voxels of a box of the other one: of the nearest voxel of labels, of probabilities
  /// those between the voxels around (`float32`).
  func read(_ box: Box) throws -> NDArray {
    guard let places else { return try version.read(box) }
    let isLinear = version.record.kind == .probability
    let own = version.record.shape
    let lines = (0..<3).map { axis in
      box.range(axis).map { index -> Sample in
        Sample(places[axis][index], count: own[axis], isLinear: isLinear)
      }
    }
    let lower = lines.map { line in line.map(\.lower).min() ?? 0 }
    let upper = lines.map { line in (line.map(\.upper).max() ?? 0) + 1 }
    let read = Box(lower: lower, upper: upper)
    let voxels = try version.read(read)
    return isLinear
      ? linear(voxels, lines, read, box.extent, voxels.dataType.elementType)
      : picked(voxels, lines, read, box.extent, voxels.dataType.elementType)
  }

  /// A place between two voxels.
  private struct Sample {
    let lower: Int
    let upper: Int
    let weight: Float

    init(_ place: Double, count: Int, isLinear: Bool) {
      let clamped = min(max(place, 0), Double(count - 1))
      if isLinear {
        lower = Int(clamped)
        weight = Float(clamped - Double(lower))
        upper = weight > 0 ? lower + 1 : lower
      } else {
        lower = min(Int((clamped + 0.5).rounded(.down)), count - 1)
        upper = lower
        weight = 0
      }
    }
  }

  private func picked<Element: ArrayElement>(
    _ voxels: NDArray, _ lines: [[Sample]], _ read: Box, _ extent: Extent, _: Element.Type
  ) -> NDArray {
    var result: [Element] = []
    result.reserveCapacity(extent.count)
    voxels.withSpan(of: Element.self) { source in
      for z in lines[0] {
        for y in lines[1] {
          let row =
            ((z.lower - read.lower[0]) * read.extent[1] + y.lower - read.lower[1]) * read.extent[2]
            - read.lower[2]
          for x in lines[2] { result.append(source[row + x.lower]) }
        }
      }
    }
    return NDArray(result, extent)
  }

  private func linear<Element: ArrayElement>(
    _ voxels: NDArray, _ lines: [[Sample]], _ read: Box, _ extent: Extent, _: Element.Type
  ) -> NDArray {
    var result: [Float] = []
    result.reserveCapacity(extent.count)
    voxels.withSpan(of: Element.self) { source in
      func value(_ z: Int, _ y: Int, _ x: Int) -> Float {
        Float(
          source[
            ((z - read.lower[0]) * read.extent[1] + y - read.lower[1]) * read.extent[2] + x - read.lower[2]
          ].doubleValue)
      }
      func row(_ z: Int, _ y: Int, _ x: Sample) -> Float {
        let first = value(z, y, x.lower)
        return x.weight == 0 ? first : first + (value(z, y, x.upper) - first) * x.weight
      }
      func plane(_ z: Int, _ y: Sample, _ x: Sample) -> Float {
        let first = row(z, y.lower, x)
        return y.weight == 0 ? first : first + (row(z, y.upper, x) - first) * y.weight
      }
      for z in lines[0] {
        for y in lines[1] {
          for x in lines[2] {
            let first = plane(z.lower, y, x)
            result.append(z.weight == 0 ? first : first + (plane(z.upper, y, x) - first) * z.weight)
          }
        }
      }
    }
    return NDArray(result, extent)
  }
}
