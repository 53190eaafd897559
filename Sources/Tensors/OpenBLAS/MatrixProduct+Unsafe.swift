// SPDX-License-Identifier: Apache-2.0

import COpenBLAS
import Dispatch

/// A row-major matrix somewhere in memory.
@safe struct Matrix {
  let start: UnsafePointer<Float>

  /// The distance of two rows, in elements.
  let rowStride: Int

  /// Whether the product takes its transpose.
  var isTransposed = false

  init(_ start: UnsafePointer<Float>, rowStride: Int, isTransposed: Bool = false) {
    unsafe self.start = unsafe start
    self.rowStride = rowStride
    self.isTransposed = isTransposed
  }
}

/// target ← a · b + (accumulates ? target : 0) with a of rows × inner and b of inner × columns.
func multiply(
  _ a: Matrix, _ b: Matrix, into target: UnsafeMutablePointer<Float>, rowStride: Int,
  rows: Int, columns: Int, inner: Int, accumulates: Bool
) {
  // SAFETY: the callers' matrices have the sizes and strides that they name.
  unsafe cblas_sgemm(
    CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
    Int32(rows), Int32(columns), Int32(inner), 1, a.start, Int32(a.rowStride), b.start,
    Int32(b.rowStride), accumulates ? 1 : 0, target, Int32(rowStride))
}

/// Held while a network runs on OpenBLAS: its number of threads is one for the whole process, and a result
/// depends on it in the last bits.
private let turn = DispatchSemaphore(value: 1)

/// Waits until nobody else computes with OpenBLAS, and sets how many threads it uses.
public func beginOpenBLAS(threads: Int) {
  turn.wait()
  openblas_set_num_threads(Int32(max(1, threads)))
}

/// Lets others compute with OpenBLAS; follows each ``beginOpenBLAS(threads:)``.
public func endOpenBLAS() { turn.signal() }
