// SPDX-License-Identifier: Apache-2.0

import Arrays
import Networks
import Tensors
import VolumeDatabase

/// A pair made ready to be drawn from.
struct PairSource: Sendable {
  let image: StoredVersion
  let grid: WorkingGrid
  /// How values become 8-bit, where they are not; recorded with the run.
  let range: IntensityRange?
  /// One for each of the network's classes; `nil` where the pair does not label it.
  let classes: [ClassSource?]
  /// Preprocessed 8-bit planes on the working grid, by slice.
  let planes: PlaneCache
  private let normalized: [Float]

  init(
    image: StoredVersion, preprocessing: Preprocessing, grid: WorkingGrid, range: IntensityRange?,
    classes: [ClassSource?], budget: Int, threads: Int
  ) {
    self.image = image
    self.grid = grid
    self.range = range
    self.classes = classes
    normalized = preprocessing.normalized
    planes = PlaneCache(budget: budget) { slices in
      try SliceReader(version: image, threads: threads)
        .map(slices) { preprocessing.plane(from: $0, grid: grid, range: range) }
    }
  }

  /// The deepest patch that fits around all its labels, between slices that the image lacks.
  var depth: Int {
    let labelled = classes.compactMap { $0 }.flatMap { $0.training + $0.validation }
    return PatchGeometry.depth(around: labelled.map { $0.range(0) }, in: grid)
  }

  /// Copies a patch of the image into a span of floats that begins at `start`.
  func copyImage(
    _ place: PatchGeometry.Place, height: Int, width: Int, to target: inout MutableSpan<Float>, at start: Int
  ) throws {
    let planes = try planes.planes(place.slices)
    for (z, plane) in planes.enumerated() {
      let columns = plane.extent[1]
      plane.withSpan(of: UInt8.self) { source in
        for y in 0..<height {
          let from = (place.y + y) * columns + place.x
          let to = start + (z * height + y) * width
          for x in 0..<width { target[to + x] = normalized[Int(source[from + x])] }
        }
      }
    }
  }

  /// Copies the masks of a class and of where its label is known, each to where it begins at `start`.
  func copyLabels(
    _ classIndex: Int, within boxes: any KeyPath<ClassSource, [Box]> & Sendable, _ place: PatchGeometry.Place,
    height: Int, width: Int, target: inout MutableSpan<Float>, mask: inout MutableSpan<Float>, at start: Int
  ) throws {
    guard let source = classes[classIndex] else { return }
    let known = source[keyPath: boxes]
    let patch = Box(lower: [0, place.y, place.x], upper: [1, place.y + height, place.x + width])
    for (z, slice) in place.slices.enumerated() where source.isLabelled(slice, in: known) {
      let plane = try source.planes.planes([slice])[0]
      let columns = plane.extent[1]
      for box in known where box.range(0).contains(slice) {
        let inside = grid.inside(box)
        let part = patch.intersection(
          Box(lower: [0, inside.lower[1], inside.lower[2]], upper: [1, inside.upper[1], inside.upper[2]]))
        plane.withSpan(of: UInt8.self) { labels in
          for y in part.range(1) {
            for x in part.range(2) where labels[y * columns + x] != ClassSource.Voxel.ignored {
              let to = start + (z * height + y - place.y) * width + x - place.x
              target[to] = labels[y * columns + x] == 0 ? 0 : 1
              mask[to] = 1
            }
          }
        }
      }
    }
  }
}
