// SPDX-License-Identifier: Apache-2.0

/// What is kept of a labelled block: its fragments, and what its neighbours must know.
public struct BlockSummary: Hashable, Sendable {
  /// What is known of each fragment.
  public let fragments: [Fragment]
  let contacts: [FragmentContact]
  /// The first layers across z, y and x, then the last ones.
  let surfaces: [BlockSurface]
}

extension BlockSummary {
  /// What ``bytes`` begins with: another number for another layout.
  private static let layout = 0x6261_7369_6E02

  /// As bytes that ``init(bytes:)`` reads back.
  public var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.add(Self.layout)
    writer.add(fragments.count)
    for one in fragments {
      writer.add(one.voxels)
      writer.add(one.first)
      writer.add(Int(bitPattern: UInt(one.value)))
      writer.add((one.isBackground ? 1 : 0) | (one.touchesEdge ? 2 : 0) | (one.exit == nil ? 0 : 4))
      writer.add(Int(one.peak.bitPattern))
      writer.add(one.basinFirst)
      if let exit = one.exit {
        writer.add(exit.place)
        writer.add(Int(exit.label))
      }
    }
    writer.add(contacts.count)
    for one in contacts {
      writer.add(one.a)
      writer.add(one.b)
      writer.add(Int(one.saddle.bitPattern))
      writer.add(one.originA)
      writer.add(one.originB)
    }
    for surface in surfaces {
      writer.add(surface.runs.count)
      for run in surface.runs {
        writer.add(Int(run.start))
        writer.add(Int(run.count))
        writer.add(Int(run.label))
      }
      writer.add(surface.heights.count)
      for (height, direction) in zip(surface.heights, surface.directions) {
        writer.add(Int(height.bitPattern))
        writer.add(Int(direction))
      }
    }
    return writer.bytes
  }

  /// What ``bytes`` gave; `nil` for anything else.
  public init?(bytes: [UInt8]) {
    var reader = ByteReader(bytes)
    guard reader.next() == Self.layout, let count = reader.count() else { return nil }
    var fragments: [Fragment] = []
    for _ in 0..<count {
      var one = Fragment()
      guard let voxels = reader.next(), let first = reader.next(), let value = reader.next(),
        let flags = reader.next(), let peak = reader.next(), let basinFirst = reader.next()
      else { return nil }
      (one.voxels, one.first, one.value) = (voxels, first, UInt64(UInt(bitPattern: value)))
      (one.isBackground, one.touchesEdge) = (flags & 1 != 0, flags & 2 != 0)
      one.peak = Float(bitPattern: UInt32(truncatingIfNeeded: peak))
      one.basinFirst = basinFirst
      if flags & 4 != 0 {
        guard let place = reader.next(), let label = reader.next() else { return nil }
        one.exit = (place, UInt32(truncatingIfNeeded: label))
      }
      fragments.append(one)
    }
    guard let contactCount = reader.count() else { return nil }
    var contacts: [FragmentContact] = []
    for _ in 0..<contactCount {
      guard let a = reader.next(), let b = reader.next(), let saddle = reader.next(),
        let originA = reader.next(), let originB = reader.next()
      else { return nil }
      contacts.append(
        FragmentContact(
          a: a, b: b, saddle: Float(bitPattern: UInt32(truncatingIfNeeded: saddle)), originA: originA,
          originB: originB))
    }
    var surfaces: [BlockSurface] = []
    for _ in 0..<6 {
      guard let surface = reader.surface() else { return nil }
      surfaces.append(surface)
    }
    guard reader.isAtEnd else { return nil }
    self.init(fragments: fragments, contacts: contacts, surfaces: surfaces)
  }
}

extension ByteReader {
  fileprivate mutating func surface() -> BlockSurface? {
    guard let runCount = count() else { return nil }
    var runs: [BlockSurface.Run] = []
    for _ in 0..<runCount {
      guard let start = next(), let count = next(), let label = next() else { return nil }
      runs.append(
        BlockSurface.Run(
          start: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: count),
          label: UInt32(truncatingIfNeeded: label)))
    }
    guard let heightCount = count() else { return nil }
    var heights: [Float] = []
    var directions: [UInt8] = []
    for _ in 0..<heightCount {
      guard let height = next(), let direction = next() else { return nil }
      heights.append(Float(bitPattern: UInt32(truncatingIfNeeded: height)))
      directions.append(UInt8(truncatingIfNeeded: direction))
    }
    return BlockSurface(runs: runs, heights: heights, directions: directions)
  }
}
