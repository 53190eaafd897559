// SPDX-License-Identifier: Apache-2.0

public import Arrays

/// A coarser block for the next level of an image's pyramid: means over boxes of voxels.
///
/// At a ragged end the voxels that are there are averaged.
///
/// - Parameters:
///   - block: Of shape [z, y, x], of any type but `bool`.
///   - factors: 1 or 2 for each axis.
/// - Returns: A block of the same type whose shape is `block`'s divided by `factors`, rounded up;
///   whole numbers rounded half to even, exact for 64-bit ones too.
/// - Precondition: Three axes, three factors of 1 or 2, no `bool`.
/// - Complexity: O(voxels).
public func reducedByMean(_ block: NDArray, factors: [Int]) -> NDArray {
  check(block, factors)
  if factors == [1, 1, 1] { return block }
  switch block.dataType {
  case .uint8: return meansOfIntegers(block, factors, UInt8.self, sums: UInt16.self)
  case .int8: return meansOfIntegers(block, factors, Int8.self, sums: Int16.self)
  case .uint16: return meansOfIntegers(block, factors, UInt16.self, sums: UInt32.self)
  case .int16: return meansOfIntegers(block, factors, Int16.self, sums: Int32.self)
  case .uint32: return meansOfIntegers(block, factors, UInt32.self, sums: UInt64.self)
  case .int32: return meansOfIntegers(block, factors, Int32.self, sums: Int64.self)
  case .uint64: return meansOfIntegers(block, factors, UInt64.self, sums: UInt128.self)
  case .int64: return meansOfIntegers(block, factors, Int64.self, sums: Int128.self)
  case .float16: return meansOfFloats(block, factors, Float16.self)
  case .float32: return meansOfFloats(block, factors, Float.self)
  case .float64: return meansOfFloats(block, factors, Double.self)
  case .bool: preconditionFailure("truth values have no mean: reduce them by mode")
  }
}

/// A coarser block for the next level of a label volume's pyramid: the most frequent value of each
/// box of voxels, the smallest of those that are equally frequent.
///
/// Every value of the result is one of the block's. At a ragged end the voxels that are there vote.
///
/// - Parameters:
///   - block: Of shape [z, y, x], of integers or `bool`.
///   - factors: 1 or 2 for each axis.
/// - Returns: A block of the same type whose shape is `block`'s divided by `factors`, rounded up.
/// - Precondition: Three axes, three factors of 1 or 2, no floating-point type.
/// - Complexity: O(voxels).
public func reducedByMode(_ block: NDArray, factors: [Int]) -> NDArray {
  check(block, factors)
  if factors == [1, 1, 1] { return block }
  switch block.dataType {
  case .uint8, .bool: return modes(block, factors, UInt8.self)
  case .int8: return modes(block, factors, Int8.self)
  case .uint16: return modes(block, factors, UInt16.self)
  case .int16: return modes(block, factors, Int16.self)
  case .uint32: return modes(block, factors, UInt32.self)
  case .int32: return modes(block, factors, Int32.self)
  case .uint64: return modes(block, factors, UInt64.self)
  case .int64: return modes(block, factors, Int64.self)
  case .float16, .float32, .float64:
    preconditionFailure("\(block.dataType) is not a type of labels: reduce it by mean")
  }
}

private func check(_ block: NDArray, _ factors: [Int]) {
  precondition(block.rank == 3 && factors.count == 3, "blocks [z, y, x] are reduced")
  precondition(factors.allSatisfy { $0 == 1 || $0 == 2 }, "a block is reduced by 1 or 2 along an axis")
}
