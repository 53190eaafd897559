// SPDX-License-Identifier: Apache-2.0
#include "CNormalization.h"

// One function for each kind of CPU, chosen when the program is loaded.
#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("avx512f", "arch=haswell", "default")))
#else
#define CLONES
#endif

#define LANES 8
#include "lanes.h"
#undef LANES
#define LANES 16
#include "lanes.h"
#undef LANES

void normalization_sums(
    int lanes, float *x, const float *added, int64_t voxels, double *mean, double *squares) {
  (lanes == 16 ? sums_16 : sums_8)(x, added, voxels, mean, squares);
}

void normalization_apply(
    int lanes, const float *x, float *y, int64_t voxels, const normalization_constants *constants) {
  (lanes == 16 ? apply_16 : apply_8)(x, y, voxels, constants);
}

void normalization_gradient_sums(
    int lanes, const float *x, const float *arriving, int64_t voxels,
    const normalization_constants *constants, double *gradient, double *product) {
  (lanes == 16 ? gradient_sums_16 : gradient_sums_8)(x, arriving, voxels, constants, gradient, product);
}

void normalization_gradient(
    int lanes, const float *x, const float *arriving, float *leaving, int64_t voxels,
    const normalization_constants *constants) {
  (lanes == 16 ? gradient_16 : gradient_8)(x, arriving, leaving, voxels, constants);
}
