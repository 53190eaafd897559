// SPDX-License-Identifier: Apache-2.0

import Arrays

/// Joins the basins of a block of a watershed that are joined in the end whatever lies outside of the block,
/// so that what is kept of a block grows with its objects and its faces, not with every ripple of the heights.
///
/// ``FragmentMerger`` takes the ways between basins in falling order of their saddles, and joins two unless
/// the way sinks too far below the lower summit; of ways of one height the first voxels of the two basins
/// decide. A basin that lies inside the block, and whose first way leads to a summit as high as its own or
/// higher, meets that neighbour first, and what is decided then depends on its own summit alone. All its other
/// ways come later, so that they may count as ways of the neighbour; which basin they came from is kept,
/// because it decides between ways of one height (``FragmentContact/originA``).
struct BasinContraction {
  private let fragments: [Fragment]
  private let contacts: [FragmentContact]
  private let depth: Double

  /// Fragments that are joined, under the one that the others were joined to.
  private var forest: Forest
  /// The basin of each fragment: a flat part leads to another one.
  private var basins: [Int]
  /// Of each basin: its first voxel, and its summit's height.
  private var firsts: [Int]
  private var peaks: [Float]
  /// Basins that nothing outside of the block belongs to or touches.
  private var isClosed: [Bool]

  /// - Parameters:
  ///   - isInside: Of each fragment whether none of its voxels has neighbours in other blocks.
  ///   - depth: As in ``LabellingRule/Grouping/watershed(depth:)``.
  init(_ fragments: [Fragment], _ contacts: [FragmentContact], isInside: [Bool], depth: Double) {
    self.fragments = fragments
    self.contacts = contacts
    self.depth = depth
    forest = Forest(count: fragments.count)
    basins = Array(fragments.indices)
    firsts = fragments.map(\.basinFirst)
    peaks = fragments.map(\.peak)
    isClosed = isInside
    followExits(isInside)
    joinBasins()
  }

  /// Joins flat parts whose way uphill is known to where it leads.
  private mutating func followExits(_ isInside: [Bool]) {
    for (number, one) in fragments.enumerated() {
      if let exit = one.exit, isInside[number] { forest.hang(number, under: Int(exit.label) - 1) }
    }
    for number in fragments.indices { basins[number] = forest.root(of: number) }
    for (number, one) in fragments.enumerated() {
      let basin = basins[number]
      firsts[basin] = min(firsts[basin], firsts[number])
      peaks[basin] = max(peaks[basin], peaks[number])
      isClosed[basin] = isClosed[basin] && isInside[number]
      // A flat part with a voxel at a face may lead to here, or to somewhere else.
      if let exit = one.exit, !isInside[number] { isClosed[basins[Int(exit.label) - 1]] = false }
    }
  }

  private mutating func joinBasins() {
    var sides = ContactSides(contacts, of: basins)
    var candidates = fragments.indices.filter { basins[$0] == $0 && isClosed[$0] }
    candidates.sort { (peaks[$0], firsts[$0]) < (peaks[$1], firsts[$1]) }
    var before = 0
    // What is joined may give a neighbour a higher summit, or make it the only one of a height.
    while candidates.count != before {
      before = candidates.count
      candidates = candidates.filter { number in
        guard let neighbour = certainNeighbour(of: number, sides) else { return true }
        forest.hang(number, under: neighbour)
        sides.move(from: number, to: neighbour)
        return false
      }
    }
  }

  /// The basin that this one is joined to, whatever else there is.
  private mutating func certainNeighbour(of number: Int, _ sides: ContactSides) -> Int? {
    var best: FirstWay?
    var side = sides.first(of: number)
    while let current = side {
      let contact = contacts[current / 2]
      let neighbour = forest.root(of: current % 2 == 0 ? contact.b : contact.a)
      if neighbour != number {
        let way = FirstWay(neighbour, contact.saddle, key: key(of: contact))
        best = best.map { $0.earlier(way) } ?? way
      }
      side = sides.next(after: current)
    }
    guard let best, best.isCertain, peaks[number] <= peaks[best.neighbour],
      Double(best.saddle) >= (1 - depth) * Double(peaks[number])
    else { return nil }
    return best.neighbour
  }

  /// What decides between ways of one height, where it is known inside the block.
  private func key(of contact: FragmentContact) -> (Int, Int)? {
    guard let a = first(of: contact.a, contact.originA), let b = first(of: contact.b, contact.originB)
    else { return nil }
    return (min(a, b), max(a, b))
  }

  /// The first voxel of the basin at one side of a contact.
  private func first(of fragment: Int, _ origin: Int) -> Int? {
    if origin != FragmentContact.own { return origin }
    return isClosed[basins[fragment]] ? firsts[basins[fragment]] : nil
  }

  /// What is left.
  ///
  /// - Returns: The number of each fragment among those that are left, those, and which of them touch.
  mutating func result() -> (numbers: [Int], fragments: [Fragment], contacts: [FragmentContact]) {
    let roots = fragments.indices.map { forest.root(of: $0) }
    var numbers = [Int](repeating: 0, count: fragments.count)
    var left: [Fragment] = []
    for number in fragments.indices where roots[number] == number {
      numbers[number] = left.count
      left.append(fragments[number])
    }
    for number in fragments.indices where roots[number] != number {
      numbers[number] = numbers[roots[number]]
      left[numbers[number]].absorb(fragments[number])
    }
    for number in fragments.indices where roots[number] == number {
      left[numbers[number]].basinFirst = firsts[number]
    }
    for number in left.indices {
      if let exit = left[number].exit {
        left[number].exit = (exit.place, UInt32(numbers[Int(exit.label) - 1] + 1))
      }
    }
    func origin(_ fragment: Int, _ known: Int) -> Int {
      known != FragmentContact.own || basins[fragment] == roots[fragment] ? known : firsts[basins[fragment]]
    }
    let moved = contacts.compactMap { one -> FragmentContact? in
      var moved = one
      (moved.originA, moved.originB) = (origin(one.a, one.originA), origin(one.b, one.originB))
      return moved.between(numbers[one.a], numbers[one.b])
    }
    return (numbers, left, Self.highest(moved))
  }

  /// The highest ways between each two fragments; of one height those that may come first.
  private static func highest(_ contacts: [FragmentContact]) -> [FragmentContact] {
    func key(_ one: FragmentContact) -> (Int, Int, Float, Int, Int) {
      let isOwn = (one.originA == FragmentContact.own ? 0 : 1, one.originB == FragmentContact.own ? 0 : 1)
      return (
        one.a, one.b, -one.saddle, isOwn.0 * 2 + isOwn.1,
        isOwn == (1, 1) ? min(one.originA, one.originB) : max(one.originA, one.originB)
      )
    }
    func second(_ one: FragmentContact) -> Int { max(one.originA, one.originB) }
    let sorted = contacts.sorted {
      let (one, other) = (key($0), key($1))
      return one == other ? second($0) < second($1) : one < other
    }
    var kept: [FragmentContact] = []
    for one in sorted {
      if let last = kept.last, last.a == one.a, last.b == one.b {
        if last.saddle > one.saddle { continue }
        // Of each kind the first comes first wherever the unknown origins lie.
        if (last.originA == FragmentContact.own) == (one.originA == FragmentContact.own),
          (last.originB == FragmentContact.own) == (one.originB == FragmentContact.own)
        {
          continue
        }
      }
      kept.append(one)
    }
    return kept
  }
}

/// Where the first of some ways leads.
private struct FirstWay {
  private(set) var neighbour: Int
  let saddle: Float
  /// The least key of the ways of this height.
  private var key: (Int, Int)
  /// Whether the keys of all of them are known.
  private var isKnown: Bool
  /// Whether all of them lead to one neighbour.
  private var isSingle = true

  init(_ neighbour: Int, _ saddle: Float, key: (Int, Int)?) {
    self.neighbour = neighbour
    self.saddle = saddle
    self.key = key ?? (.max, .max)
    isKnown = key != nil
  }

  var isCertain: Bool { isSingle || isKnown }

  func earlier(_ other: FirstWay) -> FirstWay {
    if saddle != other.saddle { return saddle > other.saddle ? self : other }
    var result = key <= other.key ? self : other
    result.isKnown = isKnown && other.isKnown
    result.isSingle = isSingle && other.isSingle && neighbour == other.neighbour
    return result
  }
}

/// The contacts of each basin, as lists that are put together in no time.
private struct ContactSides {
  private static let none: Int32 = -1
  /// The sides 2n and 2n + 1 of a contact n lie in the lists of its `a` and its `b`.
  private var following: [Int32]
  private var heads: [Int32]
  private var tails: [Int32]

  init(_ contacts: [FragmentContact], of basins: [Int]) {
    following = [Int32](repeating: Self.none, count: 2 * contacts.count)
    heads = [Int32](repeating: Self.none, count: basins.count)
    tails = heads
    for (number, one) in contacts.enumerated() {
      for (side, basin) in [(2 * number, basins[one.a]), (2 * number + 1, basins[one.b])] {
        if tails[basin] == Self.none {
          heads[basin] = Int32(side)
        } else {
          following[Int(tails[basin])] = Int32(side)
        }
        tails[basin] = Int32(side)
      }
    }
  }

  func first(of basin: Int) -> Int? { heads[basin] == Self.none ? nil : Int(heads[basin]) }

  func next(after side: Int) -> Int? { following[side] == Self.none ? nil : Int(following[side]) }

  mutating func move(from basin: Int, to other: Int) {
    if heads[basin] == Self.none { return }
    if tails[other] == Self.none {
      heads[other] = heads[basin]
    } else {
      following[Int(tails[other])] = heads[basin]
    }
    tails[other] = tails[basin]
    (heads[basin], tails[basin]) = (Self.none, Self.none)
  }
}
