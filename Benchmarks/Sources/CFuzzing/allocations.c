// SPDX-License-Identifier: Apache-2.0
// Stands between the program and the memory of the C library, to see how much is asked for.
#include "CFuzzing.h"
#include <stdatomic.h>
#include <stdint.h>

#if defined(__GLIBC__)
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static _Atomic size_t largest;

static void see(size_t size) {
  size_t known = atomic_load_explicit(&largest, memory_order_relaxed);
  while (size > known && !atomic_compare_exchange_weak(&largest, &known, size)) {
  }
}

void *malloc(size_t size) {
  see(size);
  return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
  see(size != 0 && count > SIZE_MAX / size ? SIZE_MAX : count * size);
  return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size) {
  see(size);
  return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  see(size);
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  see(size);
  *block = __libc_memalign(alignment, size);
  return *block ? 0 : 12;
}

size_t fuzzing_take_largest_allocation(void) { return atomic_exchange(&largest, 0); }
#else
size_t fuzzing_take_largest_allocation(void) { return 0; }
#endif
