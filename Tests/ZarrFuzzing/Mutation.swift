// SPDX-License-Identifier: Apache-2.0

import Zarr

/// Changes such as damage, carelessness and malice make.
enum Mutation {
  /// Numbers at the ends of types and of what an implementation may take for granted.
  static let numbers: [UInt64] = [
    0, 1, 2, 3, 4, 7, 8, 16, 64, 127, 128, 255, 256, 4096, 65_535, 65_536, 1 << 20, 1 << 31, 1 << 32, 1 << 40,
    1 << 53 + 1, 1 << 60, 1 << 62, 1 << 63 - 1, 1 << 63, 1 << 63 + 1, .max - 15, .max - 1, .max,
  ]

  /// One to four changes of bytes, half of the time of none but their values.
  static func bytes(_ bytes: inout [UInt8], _ random: inout FuzzRandom) {
    let first = random.once(in: 2) ? 0 : 4
    for _ in 0...random.below(4) { change(&bytes, kind: first + random.below(9 - first), &random) }
  }

  private static func change(_ bytes: inout [UInt8], kind: Int, _ random: inout FuzzRandom) {
    let place = random.below(bytes.count)
    switch kind {
    case 0: bytes.removeLast(random.below(bytes.count + 1))
    case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(8)))
    case 2:
      bytes.insert(
        contentsOf: (0...random.below(8)).map { _ in UInt8.random(in: 0...255, using: &random) }, at: place)
    case 3:
      let other = random.below(bytes.count)
      bytes.insert(contentsOf: bytes[min(place, other)..<max(place, other)].prefix(64), at: place)
    case 4, 5: write(random.one(of: numbers), 8, at: place / 8 * 8, &bytes)
    case 6: write(random.one(of: numbers), random.one(of: [1, 2, 4]), at: place, &bytes)
    case 7 where !bytes.isEmpty: bytes[place] = UInt8.random(in: 0...255, using: &random)
    default: if !bytes.isEmpty { bytes[place] ^= 1 << UInt8(random.below(8)) }
    }
  }

  private static func write(_ number: UInt64, _ count: Int, at place: Int, _ bytes: inout [UInt8]) {
    for index in 0..<count where place + index < bytes.count {
      bytes[place + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
    }
  }

  /// A document with one or more of its values changed, removed, or replaced by those of another.
  static func json(_ value: JSONValue, _ other: JSONValue, _ random: inout FuzzRandom) -> JSONValue {
    var value = value
    repeat {
      // Half of the time a number: a wrong name is refused long before anything is done with it.
      let parts = flattened(value)
      let numbers = parts.indices.filter { if case .integer = parts[$0] { true } else { false } }
      let place =
        random.once(in: 2) && !numbers.isEmpty ? random.one(of: numbers) : random.below(parts.count)
      value = changed(value, place, other, &random) ?? .null
    } while random.once(in: 3)
    return value
  }

  /// All parts in the order of the text.
  private static func flattened(_ value: JSONValue) -> [JSONValue] {
    switch value {
    case .array(let elements): [value] + elements.flatMap(flattened)
    case .object(let members): [value] + members.flatMap { flattened($0.value) }
    default: [value]
    }
  }

  private static func count(_ value: JSONValue) -> Int { flattened(value).count }

  /// The value whose `place`th part in the order of the text is changed; `nil` where it is to be left out.
  private static func changed(
    _ value: JSONValue, _ place: Int, _ other: JSONValue, _ random: inout FuzzRandom
  ) -> JSONValue? {
    if place == 0 { return replacement(for: value, other, &random) }
    var rest = place - 1
    switch value {
    case .array(var elements):
      for (index, element) in elements.enumerated() {
        if rest < count(element) {
          let new = changed(element, rest, other, &random)
          elements.replaceSubrange(index...index, with: new.map { [$0] } ?? [])
          break
        }
        rest -= count(element)
      }
      return .array(elements)
    case .object(var members):
      for (key, member) in members {
        if rest < count(member) {
          members[key] = changed(member, rest, other, &random)
          break
        }
        rest -= count(member)
      }
      return .object(members)
    default: return value
    }
  }

  private static func replacement(
    for value: JSONValue, _ other: JSONValue, _ random: inout FuzzRandom
  ) -> JSONValue? {
    if case .integer(let number) = value, !random.once(in: 3) {
      return random.once(in: 3)
        ? JSONValue(random.one(of: numbers)) : JSONValue(number &+ random.one(of: [-2, -1, 1, 2, 3, 8]))
    }
    switch random.below(8) {
    case 0: return nil
    case 1: return part(of: other, &random)
    case 2: return JSONValue(random.one(of: numbers))
    case 3: return .integer(-1 - random.below(3))
    case 4:
      return random.one(of: [
        nil, true, false, 0.5, -0.0, 1e308, "", "/", ".", "..", "0/../0", "0", "C", "F", "NaN", "-Infinity",
        "0x7fc00000", "start",
        "big", "bytes", "blosc", "sharding_indexed", "float16", "bool", "uint64", [], [1], [1, 1], [0, 0],
        [2, 2, 2], [[1]], [1, 9_223_372_036_854_775_807], [0, 9_223_372_036_854_775_807],
        [1_152_921_504_606_846_976, 1], [1_099_511_627_776, 1], [4, 1_048_576], ["name": "zstd"],
        ["must_understand": false],
        JSONValue([Int](repeating: 1, count: 40)),
      ])
    case 5:
      guard case .integer(let number) = value else { return .array([value, value]) }
      return JSONValue(number &* random.one(of: [-1, 2, 3, 1 << 20, 1 << 31, 1 << 58]))
    case 6:
      guard case .array(let elements) = value else { return ["name": value] }
      return .array(random.once(in: 2) ? elements + elements : elements.reversed())
    default:
      return .array([value])
    }
  }

  private static func part(of value: JSONValue, _ random: inout FuzzRandom) -> JSONValue {
    if random.once(in: 4) { return value }
    switch value {
    case .array(let elements) where !elements.isEmpty: return part(of: random.one(of: elements), &random)
    case .object(let members) where !members.isEmpty:
      return part(of: random.one(of: members.map(\.value)), &random)
    default: return value
    }
  }
}
