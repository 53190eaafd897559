// SPDX-License-Identifier: Apache-2.0

import Arrays
import Catalog
import Segmentation
import VolumeDatabase

extension RegionReader {
  /// How many bytes of voxels are in memory at once, unless one slice of the region has more.
  static let slabBytes = 64 << 20

  /// The 26-connected pieces of the covered region, of a version whose values are classes: numbered
  /// from 1 by class, then by the raster order of their first voxels.
  func pieces(_ classes: [CoveredClass]) throws -> [QueryReport.Object] {
    var found: [(name: String, piece: StreamedComponents.Piece)] = []
    let groups = Dictionary(grouping: classes.indices.filter { classes[$0].mode == .semantic }) {
      classes[$0].boxes
    }
    for (boxes, members) in groups where !boxes.isEmpty {
      var labels: [UInt64: UInt64] = [:]
      for member in members { for value in classes[member].values { labels[value] = UInt64(member) + 1 } }
      for piece in try pieces(in: boxes, labels) { found.append((classes[Int(piece.label) - 1].name, piece)) }
    }
    // A class is in one group alone, whose pieces are in raster order.
    let ordered = found.enumerated().sorted { a, b in
      (a.element.piece.label, a.offset) < (b.element.piece.label, b.offset)
    }.map(\.element)
    return ordered.enumerated().map { number, one in
      QueryReport.Object(
        id: UInt64(number) + 1, className: one.name, voxels: one.piece.voxels,
        voxelsInRegion: one.piece.voxels,
        cubicMicrometres: Double(one.piece.voxels) * version.record.voxelSize.cubicMicrometres,
        box: one.piece.box, centroid: centroid(one.piece.centroid))
    }
  }

  private func pieces(
    in boxes: [Box], _ labels: [UInt64: UInt64]
  ) throws -> [StreamedComponents.Piece] {
    let whole = boxes.dropFirst().reduce(boxes[0]) { $0.union($1) }
    let record = version.record
    let sliceBytes = whole.extent[1] * whole.extent[2] * record.dataType.byteCount
    let fitting = max(1, Self.slabBytes / max(1, sliceBytes))
    // Slabs end where chunks do if they can, so that chunks are decoded once.
    let depth = fitting >= record.chunk[0] ? fitting / record.chunk[0] * record.chunk[0] : fitting
    var components = StreamedComponents(connectivity: .corners) { labels[$0] ?? 0 }
    // What takes no time is not worth a line.
    let isLong = whole.extent[0] > 4 * depth
    if isLong {
      progress.begin(
        ProgressStage("listing objects of \(record.reference)", total: whole.extent[0], unit: "slices"))
    }
    defer { if isLong { progress.end() } }
    var z = whole.lower[0]
    while z < whole.upper[0] {
      try cancellation.check()
      let end = min((z / depth + 1) * depth, whole.upper[0])
      let slab = Box(
        lower: [z, whole.lower[1], whole.lower[2]], upper: [end, whole.upper[1], whole.upper[2]])
      for part in slab.sections(of: boxes) {
        let voxels = try version.read(part.box, threads: threads)
        components.add(
          part.isCovered ? voxels : masked(voxels, part, boxes, labels), origin: part.box.origin)
      }
      z = end
      if isLong { progress.advance(to: z - whole.lower[0]) }
    }
    return components.finished()
  }

  /// The voxels, with those that no box holds replaced by a value that is no class.
  private func masked(
    _ voxels: NDArray, _ part: (box: Box, isCovered: Bool), _ boxes: [Box], _ labels: [UInt64: UInt64]
  ) -> NDArray {
    var result = NDArray(filledWith: labels[0] == nil ? 0 : freeValue(labels), voxels)
    for box in boxes {
      let own = box.intersection(part.box)
      if own.isEmpty { continue }
      let local = own.translated(by: part.box.origin.map { -$0 })
      result.copy(local, of: voxels, to: local.origin)
    }
    return result
  }

  /// A small value that is no class.
  private func freeValue(_ labels: [UInt64: UInt64]) -> UInt64 {
    (0...127).first { labels[$0] == nil } ?? 0
  }
}

extension Box {
  /// The slices of this box that some of the boxes touch, in stretches of z along which the same boxes
  /// are met, cut to what those span; with whether they hold every voxel of it.
  fileprivate func sections(of boxes: [Box]) -> [(box: Box, isCovered: Bool)] {
    let met = boxes.map { $0.intersection(self) }.filter { !$0.isEmpty }
    let cuts = Set(met.flatMap { [$0.lower[0], $0.upper[0]] }).sorted()
    return Swift.zip(cuts, cuts.dropFirst()).compactMap { z, end in
      let slices = Box(lower: [z, lower[1], lower[2]], upper: [end, upper[1], upper[2]])
      let own = met.map { $0.intersection(slices) }.filter { !$0.isEmpty }
      guard let first = own.first else { return nil }
      let span = own.reduce(first) { $0.union($1) }
      return (span, own.reduce(0) { $0 + $1.count } == span.count)
    }
  }
}

extension NDArray {
  /// An array like another one that holds one value everywhere.
  fileprivate init(filledWith value: UInt64, _ other: NDArray) {
    self.init(other.dataType, other.extent)
    if value == 0 { return }
    func fill<Element: ArrayElement>(_ type: Element.Type) {
      withMutableSpan(of: type) { span in
        for place in span.indices { span[place] = Element(nearest: Double(value)) }
      }
    }
    fill(other.dataType.elementType)
  }
}
