// SPDX-License-Identifier: Apache-2.0
#include "CChecksum.h"

#include <pthread.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

// The polynomial of RFC 3720, bits reversed.
static const uint32_t polynomial = 0x82f63b78;

// Three streams hide the instruction's latency of three cycles; their sums are joined by
// advancing the earlier one over as many zero bytes as the later one holds.
enum { long_block = 8192, short_block = 256 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static uint32_t slices[8][256];
static uint32_t long_shift[4][256], short_shift[4][256];

// The product of a 32 × 32 bit matrix and a vector over GF(2).
static uint32_t times(const uint32_t *matrix, uint32_t vector) {
  uint32_t sum = 0;
  for (; vector; vector >>= 1, matrix++)
    if (vector & 1) sum ^= *matrix;
  return sum;
}

static void squared(uint32_t *square, const uint32_t *matrix) {
  for (int n = 0; n < 32; n++) square[n] = times(matrix, matrix[n]);
}

// Tables that advance a sum over `length` zero bytes; `length` is a power of two above 1.
static void fill_shift(uint32_t table[4][256], size_t length) {
  uint32_t odd[32], even[32];
  odd[0] = polynomial;
  for (int n = 1; n < 32; n++) odd[n] = 1u << (n - 1);  // one zero bit
  squared(even, odd);                                   // two
  squared(odd, even);                                   // four
  uint32_t *from = odd, *to = even;
  for (; length; length >>= 1) {
    squared(to, from);
    uint32_t *swap = from;
    from = to;
    to = swap;
  }
  // `from` was squared log2(length) + 1 times past four bits: 8 · length bits.
  for (uint32_t n = 0; n < 256; n++)
    for (int byte = 0; byte < 4; byte++) table[byte][n] = times(from, n << (8 * byte));
}

static void fill_tables(void) {
  for (uint32_t n = 0; n < 256; n++) {
    uint32_t crc = n;
    for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ polynomial : crc >> 1;
    slices[0][n] = crc;
  }
  for (uint32_t n = 0; n < 256; n++)
    for (int k = 1; k < 8; k++)
      slices[k][n] = (slices[k - 1][n] >> 8) ^ slices[0][slices[k - 1][n] & 255];
  fill_shift(long_shift, long_block);
  fill_shift(short_shift, short_block);
}

static uint32_t advance(uint32_t table[4][256], uint32_t crc) {
  return table[0][crc & 255] ^ table[1][(crc >> 8) & 255] ^ table[2][(crc >> 16) & 255] ^
         table[3][crc >> 24];
}

uint32_t crc32c_extend_by_table(uint32_t crc, const void *bytes, size_t length) {
  pthread_once(&once, fill_tables);
  const uint8_t *next = bytes;
  crc = ~crc;
  for (; length >= 8; length -= 8, next += 8) {
    const uint32_t low = crc ^ (next[0] | next[1] << 8 | next[2] << 16 | (uint32_t)next[3] << 24);
    crc = slices[7][low & 255] ^ slices[6][(low >> 8) & 255] ^ slices[5][(low >> 16) & 255] ^
          slices[4][low >> 24] ^ slices[3][next[4]] ^ slices[2][next[5]] ^ slices[1][next[6]] ^
          slices[0][next[7]];
  }
  for (; length; length--) crc = (crc >> 8) ^ slices[0][(crc ^ *next++) & 255];
  return ~crc;
}

#if defined(__x86_64__)
static inline uint64_t word(const uint8_t *bytes) {
  uint64_t value;
  memcpy(&value, bytes, 8);
  return value;
}

__attribute__((target("sse4.2"))) static const uint8_t *three_streams(
    uint64_t *crc, const uint8_t *next, size_t block, uint32_t table[4][256]) {
  uint64_t first = *crc, second = 0, third = 0;
  for (const uint8_t *end = next + block; next < end; next += 8) {
    first = _mm_crc32_u64(first, word(next));
    second = _mm_crc32_u64(second, word(next + block));
    third = _mm_crc32_u64(third, word(next + 2 * block));
  }
  first = advance(table, (uint32_t)first) ^ second;
  *crc = advance(table, (uint32_t)first) ^ third;
  return next + 2 * block;
}

__attribute__((target("sse4.2"))) static uint32_t extend_by_instruction(
    uint32_t crc, const uint8_t *next, size_t length) {
  uint64_t sum = ~crc;
  for (; length >= 3 * long_block; length -= 3 * long_block)
    next = three_streams(&sum, next, long_block, long_shift);
  for (; length >= 3 * short_block; length -= 3 * short_block)
    next = three_streams(&sum, next, short_block, short_shift);
  for (; length >= 8; length -= 8, next += 8) sum = _mm_crc32_u64(sum, word(next));
  for (; length; length--) sum = _mm_crc32_u8((uint32_t)sum, *next++);
  return ~(uint32_t)sum;
}
#endif

uint32_t crc32c_extend(uint32_t crc, const void *bytes, size_t length) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) {
    pthread_once(&once, fill_tables);
    return extend_by_instruction(crc, bytes, length);
  }
#endif
  return crc32c_extend_by_table(crc, bytes, length);
}
