// SPDX-License-Identifier: Apache-2.0

public import Arrays
import Synchronization

/// Keeps the planes of a volume that were made last, within a budget of bytes.
public final class PlaneCache: Sendable {
  private struct State {
    var planes: [Int: (plane: NDArray, used: Int)] = [:]
    var bytes = 0
    var clock = 0
  }

  private let budget: Int
  private let make: @Sendable ([Int]) throws -> [NDArray]
  private let state = Mutex(State())

  /// - Parameters:
  ///   - budget: Bytes of planes that are kept; those just asked for are always handed out.
  ///   - make: Makes planes, given the slices that are wanted in rising order.
  public init(budget: Int, make: @escaping @Sendable ([Int]) throws -> [NDArray]) {
    self.budget = budget
    self.make = make
  }

  /// The planes of the slices, kept ones at once and the others made in one call.
  ///
  /// - Throws: What making throws.
  public func planes(_ slices: [Int]) throws -> [NDArray] {
    var found = state.withLock { state in
      state.clock += 1
      var found: [Int: NDArray] = [:]
      for slice in slices where state.planes[slice] != nil {
        state.planes[slice]?.used = state.clock
        found[slice] = state.planes[slice]?.plane
      }
      return found
    }
    let missing = Set(slices).subtracting(found.keys).sorted()
    if !missing.isEmpty {
      let made = try make(missing)
      precondition(made.count == missing.count, "a plane for every slice")
      for (slice, plane) in zip(missing, made) { found[slice] = plane }
      state.withLock { keep(missing, made, in: &$0) }
    }
    return slices.compactMap { found[$0] }
  }

  private func keep(_ slices: [Int], _ planes: [NDArray], in state: inout State) {
    for (slice, plane) in zip(slices, planes) where state.planes[slice] == nil {
      state.planes[slice] = (plane, state.clock)
      state.bytes += plane.byteCount
    }
    while state.bytes > budget,
      let oldest = state.planes.min(by: { ($0.value.used, $0.key) < ($1.value.used, $1.key) })
    {
      state.bytes -= oldest.value.plane.byteCount
      state.planes[oldest.key] = nil
    }
  }
}
