// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// 1 / (1 + e^−x).
func sigmoid(_ value: Double) -> Double { 1 / (1 + exp(-value)) }

/// log(1 + e^x) for x ≤ 0.
func logOnePlus(_ exponent: Double) -> Double { log1p(exp(exponent)) }

/// base^exponent, the square without a call.
func power(_ base: Double, _ exponent: Double) -> Double { exponent == 2 ? base * base : pow(base, exponent) }
