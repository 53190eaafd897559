// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of `length` bytes.
///
/// `crc` is 0 to begin with, or the result for the bytes before these. Uses the CPU's own
/// instruction where it has one.
uint32_t crc32c_extend(uint32_t crc, const void *bytes, size_t length);

/// The same without the CPU's instruction, for comparison.
uint32_t crc32c_extend_by_table(uint32_t crc, const void *bytes, size_t length);
