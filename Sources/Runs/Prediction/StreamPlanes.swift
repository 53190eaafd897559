// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// The probabilities of one tile, plane after plane, in 65,535 steps; in memory or in a file of the run.
///
/// Tiles follow each other, but shards are as wide as the volume: what all tiles but the last have given
/// waits in files. Each plane there ends with a checksum, so that a run that was killed goes on after the
/// last whole one.
final class StreamPlanes: Sendable {
  private struct State {
    var planes: [Int: [UInt16]] = [:]
    var file: FileHandle?
    var count = 0
  }

  private let state: Mutex<State>
  private let elements: Int

  /// How many planes there are from the first one on.
  var count: Int { state.withLock { $0.count } }

  /// Planes in memory, which are given up by ``drop(before:)``.
  init(elements: Int) {
    self.elements = elements
    state = Mutex(State())
  }

  /// Planes in a file, what is whole of which is kept.
  ///
  /// - Parameter elements: How many numbers a plane has.
  init(elements: Int, file path: String) throws {
    self.elements = elements
    if !FileManager.default.fileExists(atPath: path) {
      try Data().write(to: URL(fileURLWithPath: path))
    }
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    var count = 0
    let size = 2 * elements + 8
    while let data = try file.read(upToCount: size), data.count == size, Self.isWhole([UInt8](data)) {
      count += 1
    }
    try file.truncate(atOffset: UInt64(count * size))
    state = Mutex(State(file: file, count: count))
  }

  /// Appends the next plane.
  func append(_ plane: [UInt16]) throws {
    precondition(plane.count == elements, "planes have one size")
    try state.withLock { state in
      if let file = state.file {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * elements + 8)
        for element in plane {
          bytes.append(UInt8(truncatingIfNeeded: element))
          bytes.append(UInt8(truncatingIfNeeded: element >> 8))
        }
        let sum = Self.checksum(bytes[...])
        for shift in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: sum >> (8 * UInt64(shift)))) }
        try file.seekToEnd()
        try file.write(contentsOf: Data(bytes))
      } else {
        state.planes[state.count] = plane
      }
      state.count += 1
    }
  }

  /// Leaves out planes that nobody will ask for.
  func skip(_ number: Int) { state.withLock { $0.count += number } }

  /// A plane that was appended, counted from the first.
  func plane(_ index: Int) throws -> [UInt16] {
    try state.withLock { state in
      guard let file = state.file else { return state.planes[index] ?? [] }
      try file.seek(toOffset: UInt64(index * (2 * elements + 8)))
      let bytes = [UInt8](try file.read(upToCount: 2 * elements) ?? Data())
      guard bytes.count == 2 * elements else { return [] }
      return (0..<elements).map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 }
    }
  }

  /// Gives up planes in memory.
  func drop(before index: Int) {
    state.withLock { state in
      for known in state.planes.keys where known < index { state.planes[known] = nil }
    }
  }

  private static func isWhole(_ record: [UInt8]) -> Bool {
    let sum = checksum(record.dropLast(8))
    return (0..<8).allSatisfy {
      record[record.count - 8 + $0] == UInt8(truncatingIfNeeded: sum >> (8 * UInt64($0)))
    }
  }

  /// FNV-1a of 64 bits.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { sum = (sum ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return sum
  }
}
