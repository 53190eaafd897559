// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Segmentation
import VolumeDatabase

extension RegionReader {
  /// Which ids are wanted of a part of a chunk.
  private struct WantedIDs: BoxedPart {
    let box: Box
    let ids: Set<UInt64>
  }

  /// The objects that have voxels in the covered region, of a version whose values are their ids.
  ///
  /// An object lies in the region as far as its fragments do; only fragments that reach over the
  /// region's border are decoded.
  func objects(_ classes: [CoveredClass]) throws -> [QueryReport.Object] {
    try classes.filter { $0.mode == .instance }.flatMap { one -> [QueryReport.Object] in
      guard let first = one.boxes.first else { return [] }
      let whole = one.boxes.reduce(first) { $0.union($1) }
      let inside = try voxelsInside(one, of: whole)
      return try catalog.instances(ofVersion: version.record.id, touching: whole, classID: one.id)
        .compactMap { object in
          guard let voxels = inside[object.id], voxels > 0 else { return nil }
          return QueryReport.Object(
            id: object.id, className: one.name, voxels: object.voxels, voxelsInRegion: voxels,
            cubicMicrometres: Double(object.voxels) * version.record.voxelSize.cubicMicrometres,
            box: object.box, centroid: centroid(object.centroid))
        }
    }
  }

  /// How many voxels each id has in the covered boxes.
  private func voxelsInside(_ one: CoveredClass, of whole: Box) throws -> [UInt64: Int] {
    let grid = ChunkGrid(shape: version.record.shape, chunk: version.record.chunk)
    var inside: [UInt64: Int] = [:]
    // By chunk, by the covered box: which ids lie across the border there.
    var cut: [Int: [Box: Set<UInt64>]] = [:]
    for fragment in try catalog.fragments(ofVersion: version.record.id, touching: whole, classID: one.id) {
      if one.boxes.contains(where: { $0.contains(fragment.box) }) {
        inside[fragment.instance, default: 0] += fragment.voxels
        continue
      }
      for box in one.boxes {
        let part = box.intersection(fragment.box)
        if part.isEmpty { continue }
        for index in grid.chunks(touching: part).positions {
          let piece = grid.box(at: index).intersection(box)
          cut[grid.ordinal(of: index), default: [:]][piece, default: []].insert(fragment.instance)
        }
      }
    }
    let parts = cut.mapValues { pieces in
      pieces.map { WantedIDs(box: $0.key, ids: $0.value) }
    }
    let decoded = try decode(parts) { chunk, parts, origin in
      parts.reduce(into: [UInt64: Int]()) { sum, part in
        let voxels = chunk.cropped(to: part.box.translated(by: origin.map { -$0 }))
        sum.merge(valueCounts(of: voxels).filter { part.ids.contains($0.key) }, uniquingKeysWith: +)
      }
    }
    return inside.merging(decoded, uniquingKeysWith: +)
  }
}
