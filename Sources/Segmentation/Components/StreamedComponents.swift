// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// Finds the connected pieces of a label volume that is given slab after slab, in rising z.
///
/// Only the runs of equal voxels of two slices are kept, and one set of sums a piece, so that the
/// memory needed does not grow with the volume. Two neighbours belong together if their values are
/// mapped to one class other than 0.
///
/// ```swift
/// var components = StreamedComponents(connectivity: .corners) { $0 == 255 ? 1 : 0 }
/// for slab in slabs { components.add(slab.voxels, origin: slab.box.origin) }
/// for piece in components.finished() { print(piece.voxels, piece.box) }
/// ```
///
/// Union–find over runs: Rosenfeld and Pfaltz 1966, doi:10.1145/321356.321357.
public struct StreamedComponents {
  /// A connected piece.
  public struct Piece: Hashable, Sendable {
    /// What its values are mapped to.
    public let label: UInt64
    /// How many voxels it has.
    public let voxels: Int
    /// The smallest box that holds it.
    public let box: Box
    /// The mean position of its voxels.
    public let centroid: [Double]
  }

  private let connectivity: Connectivity
  private let label: (UInt64) -> UInt64
  private var sums: [PieceSums] = []
  private var forest = Forest()
  /// The rows of the last slice, by their y.
  private var rows: [Int: [NumberedRun]] = [:]
  private var lastZ: Int?

  /// - Parameters:
  ///   - connectivity: Which voxels are neighbours.
  ///   - label: What a value is mapped to; 0 is no piece.
  public init(connectivity: Connectivity, label: @escaping (UInt64) -> UInt64 = { $0 }) {
    self.connectivity = connectivity
    self.label = label
  }

  /// Adds the voxels of a slab.
  ///
  /// - Parameters:
  ///   - slab: Of shape [z, y, x]; integers or `bool`.
  ///   - origin: Where it lies. Slices that are left out hold nothing.
  /// - Precondition: The slab begins after the last slice that was added.
  public mutating func add(_ slab: NDArray, origin: [Int]) {
    precondition(slab.rank == 3 && origin.count == 3, "slabs have the axes z, y, x")
    precondition(lastZ.map { origin[0] > $0 } ?? true, "slabs come in rising z")
    var read = [LabelRun]()
    for plane in 0..<slab.extent[0] {
      let z = origin[0] + plane
      let before = lastZ == z - 1 ? rows : [:]
      var current: [Int: [NumberedRun]] = [:]
      for y in 0..<slab.extent[1] {
        LabelRun.read(slab, row: plane * slab.extent[1] + y, into: &read)
        var runs = labelled(read, offset: origin[2])
        if runs.isEmpty { continue }
        let place = origin[1] + y
        for (dz, dy, reach) in connectivity.rowsBefore {
          guard let other = dz == 0 ? current[place + dy] : before[place + dy] else { continue }
          join(&runs, to: other, reach: reach)
        }
        for index in runs.indices { enter(&runs[index], z: z, y: place) }
        current[place] = runs
      }
      rows = current
      lastZ = z
    }
  }

  /// All pieces, by the raster order of their first voxels.
  public mutating func finished() -> [Piece] {
    var result: [Piece] = []
    var totals: [Int: PieceSums] = [:]
    for number in sums.indices {
      let root = forest.root(of: number)
      if root != number { totals[root, default: sums[root]].merge(sums[number]) }
    }
    for number in sums.indices where forest.root(of: number) == number {
      result.append((totals[number] ?? sums[number]).piece)
    }
    return result
  }

  /// The runs of a row that have a label, neighbours of one label joined.
  private func labelled(_ read: [LabelRun], offset: Int) -> [NumberedRun] {
    var runs: [NumberedRun] = []
    for run in read where run.value != 0 || label(0) != 0 {
      let label = label(run.value)
      if label == 0 { continue }
      if let last = runs.last, last.label == label, last.end == run.start + offset {
        runs[runs.count - 1].end = run.end + offset
      } else {
        runs.append(NumberedRun(start: run.start + offset, end: run.end + offset, label: label, number: -1))
      }
    }
    return runs
  }

  private mutating func join(_ runs: inout [NumberedRun], to others: [NumberedRun], reach: Int) {
    var first = 0
    for index in runs.indices {
      let run = runs[index]
      while first < others.count && others[first].end + reach <= run.start { first += 1 }
      var place = first
      while place < others.count && others[place].start < run.end + reach {
        if others[place].label == run.label {
          let number = forest.root(of: others[place].number)
          if runs[index].number < 0 {
            runs[index].number = number
          } else {
            forest.unite(runs[index].number, number)
          }
        }
        place += 1
      }
    }
  }

  /// Gives a run a number, if it has met no piece, and adds it to the piece's sums.
  private mutating func enter(_ run: inout NumberedRun, z: Int, y: Int) {
    if run.number < 0 {
      run.number = sums.count
      forest.grow()
      sums.append(PieceSums(label: run.label))
    }
    sums[run.number].add(run.start..<run.end, z: z, y: y)
  }
}

/// A run of voxels of one label, and the piece that it belongs to.
private struct NumberedRun {
  var start: Int
  var end: Int
  var label: UInt64
  var number: Int
}

/// What is summed over a piece's runs.
private struct PieceSums {
  let label: UInt64
  private var voxels = 0
  private var lower = SIMD3(repeating: Int.max)
  private var upper = SIMD3(repeating: Int.min)
  private var positions = SIMD3(repeating: 0)

  init(label: UInt64) { self.label = label }

  mutating func add(_ x: Range<Int>, z: Int, y: Int) {
    voxels += x.count
    lower = pointwiseMin(lower, SIMD3(z, y, x.lowerBound))
    upper = pointwiseMax(upper, SIMD3(z + 1, y + 1, x.upperBound))
    positions &+= SIMD3(z * x.count, y * x.count, (x.lowerBound + x.upperBound - 1) * x.count / 2)
  }

  mutating func merge(_ other: PieceSums) {
    voxels += other.voxels
    lower = pointwiseMin(lower, other.lower)
    upper = pointwiseMax(upper, other.upper)
    positions &+= other.positions
  }

  var piece: StreamedComponents.Piece {
    StreamedComponents.Piece(
      label: label, voxels: voxels,
      box: Box(lower: (0..<3).map { lower[$0] }, upper: (0..<3).map { upper[$0] }),
      centroid: (0..<3).map { Double(positions[$0]) / Double(voxels) })
  }
}
