// SPDX-License-Identifier: Apache-2.0
#include "CNormalization.h"

// One function for each kind of CPU, chosen when the program is loaded.
#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define CLONES
#endif

#define KIND float32
#define ELEMENT float
#define IS_HALF 0
#define LANES 8
#include "lanes.h"
#undef LANES
#define LANES 16
#include "lanes.h"
#undef LANES
#undef KIND
#undef ELEMENT
#undef IS_HALF

#define KIND bfloat16
#define ELEMENT uint16_t
#define IS_HALF 1
#define LANES 4
#include "lanes.h"
#undef LANES
#define LANES 8
#include "lanes.h"
#undef LANES
#define LANES 16
#include "lanes.h"

/// Calls the function for a layout.
#define DISPATCH(name, layout, ...)                              \
  switch ((layout)->is_bfloat16 ? -(layout)->lanes : (layout)->lanes) { \
    case 8: name##_8_float32(__VA_ARGS__); break;                \
    case 16: name##_16_float32(__VA_ARGS__); break;              \
    case -4: name##_4_bfloat16(__VA_ARGS__); break;              \
    case -8: name##_8_bfloat16(__VA_ARGS__); break;              \
    case -16: name##_16_bfloat16(__VA_ARGS__); break;            \
    default: __builtin_trap();                                   \
  }

void normalization_sums(
    const normalization_layout *layout, void *x, const void *added, int64_t voxels, double *mean,
    double *squares) {
  DISPATCH(sums, layout, x, added, voxels, layout->step, mean, squares)
}

void normalization_apply(
    const normalization_layout *layout, const void *x, void *y, int64_t voxels,
    const normalization_constants *constants) {
  DISPATCH(apply, layout, x, y, voxels, layout->step, constants)
}

void normalization_gradient_sums(
    const normalization_layout *layout, const void *x, const void *arriving, int64_t voxels,
    const normalization_constants *constants, double *gradient, double *product) {
  DISPATCH(gradient_sums, layout, x, arriving, voxels, layout->step, constants, gradient, product)
}

void normalization_gradient(
    const normalization_layout *layout, const void *x, const void *arriving, void *leaving,
    int64_t voxels, const normalization_constants *constants) {
  DISPATCH(gradient, layout, x, arriving, leaving, voxels, layout->step, constants)
}
