// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// Puts the fragments of blocks together into the objects of the whole volume.
///
/// ```swift
/// var merger = FragmentMerger(shape: volume.extent, block: [64, 256, 256], rule: rule)
/// for index in merger.grid.indices { merger.add(labels(of: index).summary, at: index) }
/// let merged = merger.merged(minimumVoxels: 100)
/// ```
///
/// What comes out does not depend on how the volume was cut. Fragments that are joined become one node, of a
/// watershed also those that will be joined in any case (``BasinContraction``), so that besides four bytes a
/// fragment the memory grows with the objects, and with the layers of one row of blocks along z.
public struct FragmentMerger {
  /// The blocks.
  public let grid: ChunkGrid
  let rule: LabellingRule
  /// What is still told apart: fragments, and what earlier ones were joined to.
  var nodes: [Fragment] = []
  /// Nodes that belong together.
  var forest = Forest()
  /// Objects' nodes that touch.
  var contacts: [FragmentContact] = []
  /// Nodes of objects and of what may be a hole in them.
  var rims: Set<Rim> = []
  /// Ways from flat places uphill.
  var exits: [Exit] = []
  /// Which node each fragment is part of.
  var history = FragmentHistory()
  /// The blocks whose neighbours are still to come.
  var waiting: [[Int]: WaitingBlock] = [:]
  /// Of a rule by value: the node of each value, and of each slice if they are apart.
  var byValue: [ValuePlace: Int] = [:]
  /// How many nodes there were when they were last made fewer.
  var leastNodes = 0
  /// So few more are left as they are.
  var fewNodes = 1 << 12
  private var lastIndex: [Int]?

  /// How many fragments were added.
  public var fragmentCount: Int { history.fragmentCount }

  /// A block whose outermost layers are kept.
  struct WaitingBlock {
    /// As in ``BlockSummary/surfaces``.
    let surfaces: [BlockSurface]
    /// The node of each label, that of label 1 first.
    let nodes: [UInt32]
  }

  /// A way from a flat place uphill.
  struct Exit {
    let node: Int
    let place: Int
    let target: Int
  }

  /// An object's node that touches one of the background whose edge is not known to be open.
  struct Rim: Hashable {
    let object: UInt32
    let background: UInt32

    init(object: Int, background: Int) {
      self.object = UInt32(object)
      self.background = UInt32(background)
    }
  }

  struct ValuePlace: Hashable {
    let value: UInt64
    let slice: Int
  }

  /// - Parameters:
  ///   - shape: Of the volume.
  ///   - block: Of a block; the last ones along each axis are cut off by the volume.
  public init(shape: Extent, block: Extent, rule: LabellingRule) {
    grid = ChunkGrid(shape: shape, chunk: block)
    self.rule = rule
  }

  /// Adds a block.
  ///
  /// - Parameter index: Its place in ``grid``. Blocks come in C order; those that have nothing may be left
  ///   out.
  public mutating func add(_ summary: BlockSummary, at index: [Int]) {
    precondition(
      lastIndex.map { $0.lexicographicallyPrecedes(index) } ?? true, "blocks come in C order")
    if let last = lastIndex, last[0] != index[0] {
      waiting = waiting.filter { $0.key[0] == index[0] - 1 }
      if nodes.count - leastNodes > max(leastNodes, fewNodes) { compact() }
    }
    lastIndex = index
    let offset = nodes.count
    history.add(summary.fragments.count, ofBlock: grid.ordinal(of: index), firstNode: offset)
    for (number, one) in summary.fragments.enumerated() {
      nodes.append(one)
      nodes[offset + number].exit = nil
      forest.grow()
      if let exit = one.exit {
        exits.append(Exit(node: offset + number, place: exit.place, target: offset + Int(exit.label) - 1))
      }
    }
    for one in summary.contacts {
      var one = one
      (one.a, one.b) = (one.a + offset, one.b + offset)
      // Within a block the background comes last.
      if nodes[one.b].isBackground {
        addRim(object: one.a, background: one.b)
      } else {
        contacts.append(one)
      }
    }
    if rule.grouping == .values {
      joinValues(from: offset)
    } else {
      let block = WaitingBlock(
        surfaces: summary.surfaces, nodes: (offset..<nodes.count).map { UInt32($0) })
      meetNeighbours(of: block, at: index)
      waiting[index] = block
    }
  }

  /// Notes that an object touches background; nothing fills what reaches an edge.
  mutating func addRim(object: Int, background: Int) {
    if !nodes[background].touchesEdge { rims.insert(Rim(object: object, background: background)) }
  }

  private mutating func joinValues(from offset: Int) {
    let slice = grid.shape[1] * grid.shape[2]
    for number in offset..<nodes.count {
      let key = ValuePlace(
        value: nodes[number].value, slice: rule.isPerSlice ? nodes[number].first / slice : 0)
      if let known = byValue[key] { forest.unite(known, number) } else { byValue[key] = number }
    }
  }
}
