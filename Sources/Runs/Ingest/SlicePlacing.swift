// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Foundation
import ImageFiles
import VolumeDatabase

/// Finds out where slices belong along z.
struct SlicePlacing {
  let source: any VoxelSource

  /// The version in whose extent they are placed; `nil` for a volume of their own.
  let frame: StoredVersion?

  /// The numbers that the slices of the frame's image have in their names, if it was made of such.
  let frameNumbering: IngestRecord.Numbering?

  init(_ source: any VoxelSource, frame: StoredVersion?, in database: VolumeDatabase) {
    self.source = source
    self.frame = frame
    frameNumbering = frame.flatMap { frame in
      guard let id = frame.record.runID, let run = try? database.catalog.run(id), run.kind == .ingest,
        let record = try? JSONDecoder().decode(IngestRecord.self, from: Data(run.parameters.utf8))
      else { return nil }
      return record.numbering
    }
  }

  /// The shape of the version: the frame's, else that of the slices with their gaps.
  func shape(volume: String, positions: SlicePositions?) throws(IngestError) -> Extent {
    guard let frame else {
      guard positions == nil else { throw .positionsOfNothing(volume) }
      guard source.depth < 1 << 24 else {
        throw .scatteredNumbers(
          first: source.sliceName(0), last: source.sliceName(source.extent[0] - 1))
      }
      return [source.depth, source.extent[1], source.extent[2]]
    }
    let shape = frame.record.shape
    guard source.extent[1] == shape[1], source.extent[2] == shape[2] else {
      throw .otherSize(
        slice: source.sliceName(0), size: [source.extent[1], source.extent[2]],
        version: frame.record.reference, versionSize: [shape[1], shape[2]])
    }
    return shape
  }

  /// Where each slice belongs, in rising z.
  func slices(
    positions: SlicePositions?, allowGaps: Bool, shape: Extent
  ) throws(IngestError) -> [(z: Int, index: Int)] {
    let count = source.extent[0]
    let version = frame?.record.reference ?? "the volume"
    let places: [Int]
    if let positions {
      guard positions.values.count == count else {
        throw .positionCount(slices: count, positions: positions.values.count)
      }
      places = positions.values
    } else if frame == nil || count == shape[0] {
      places = frame == nil ? source.sliceNumbers : Array(0..<count)
    } else if allowGaps, let numbering = source.numbering {
      places = try placed(numbering, version: version)
    } else {
      throw .unplaced(slices: count, version: version, depth: shape[0])
    }
    let sorted = places.enumerated().map { (z: $0.element, index: $0.offset) }.sorted { $0.z < $1.z }
    for (place, slice) in sorted.enumerated() {
      let isTaken = place > 0 && sorted[place - 1].z == slice.z
      guard slice.z >= 0, slice.z < shape[0], !isTaken else {
        throw .badPosition(slice.z, version: version, depth: shape[0])
      }
    }
    return sorted
  }

  /// The positions at which the frame has slices of these numbers; a frame without numbers counts from 0.
  private func placed(_ numbering: SliceNumbering, version: String) throws(IngestError) -> [Int] {
    let first = frameNumbering?.first ?? 0
    let step = max(1, frameNumbering?.step ?? 1)
    var places: [Int] = []
    for (index, number) in numbering.numbers.enumerated() {
      let place = (number - first) / step
      guard number >= first, place * step == number - first, place < frame?.record.shape[0] ?? 0 else {
        throw .foreignNumber(number, slice: source.sliceName(index), version: version)
      }
      places.append(place)
    }
    return places
  }
}
