// SPDX-License-Identifier: Apache-2.0
// The passes of a batch normalisation over arrays whose channels lie side by side, all of them or in blocks: the
// sum in front of it and the exponential linear unit behind it are done while a voxel is at hand.
//
// Every function works on `voxels` voxels of some channels. The arrays may be one and the same, but do not
// overlap otherwise. What is computed is single precision in any case.
#pragma once
#include <stdint.h>

/// Which numbers of an array belong to some channels.
typedef struct {
  /// How many channels: 8 or 16, or 4 of bfloat16.
  int lanes;
  /// Whether they are bfloat16 and not float.
  int is_bfloat16;
  /// From a voxel to the next, in numbers.
  int64_t step;
} normalization_layout;

/// What the passes multiply and add; each array has one number a lane.
typedef struct {
  const float *mean;
  /// The scale of a channel times the inverse of its deviation.
  const float *factor;
  const float *shift;
  /// The mean gradient of the normalised values; for normalization_gradient alone.
  const float *gradient;
  /// The mean of that gradient times x − mean, times the squared inverse deviation; as `gradient`.
  const float *slope;
  /// What the unit approaches for very negative input, negated.
  float alpha;
  /// Whether there is a unit.
  int has_unit;
} normalization_constants;

/// x ← x + added where `added` is given; the mean of each lane and the sum of the squared distances from it.
void normalization_sums(
    const normalization_layout *layout, void *x, const void *added, int64_t voxels, double *mean,
    double *squares);

/// y ← unit((x − mean)·factor + shift)
void normalization_apply(
    const normalization_layout *layout, const void *x, void *y, int64_t voxels,
    const normalization_constants *constants);

/// The sums over the voxels of g, the gradient in front of the unit, and of g·(x − mean).
void normalization_gradient_sums(
    const normalization_layout *layout, const void *x, const void *arriving, int64_t voxels,
    const normalization_constants *constants, double *gradient, double *product);

/// leaving ← factor·(g − gradient − (x − mean)·slope)
void normalization_gradient(
    const normalization_layout *layout, const void *x, const void *arriving, void *leaving,
    int64_t voxels, const normalization_constants *constants);
