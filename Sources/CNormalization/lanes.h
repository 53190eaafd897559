// SPDX-License-Identifier: Apache-2.0
// The functions for one number of lanes, LANES; included once for each.

#define JOIN_(name, lanes) name##_##lanes
#define JOIN(name, lanes) JOIN_(name, lanes)
#define NAME(name) JOIN(name, LANES)

typedef float NAME(vector) __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef int32_t NAME(integers) __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
#define vector NAME(vector)
#define integers NAME(integers)

/// mask ? a : b
static inline __attribute__((always_inline)) void NAME(choose)(
    vector *result, const integers *mask, const vector *a, const vector *b) {
  *result = (vector)((*mask & (integers)*a) | (~*mask & (integers)*b));
}

/// e^x for x ≤ 0, to about one unit in the last place; below −87 about 10⁻³⁸.
///
/// x = n·ln 2 + r with |r| ≤ ln 2 / 2; the polynomial is that of expf in Moshier's Cephes library.
static inline __attribute__((always_inline)) void NAME(exponential)(vector *result, const vector *value) {
  vector x = *value;
  const vector least = (vector){0} - 87.0f;
  const integers is_low = x < least;
  NAME(choose)(&x, &is_low, &least, &x);
  // Adding 1.5·2²³ rounds to an integer, which then stands in the lowest bits.
  const vector magic = (vector){0} + 12582912.0f;
  const vector shifted = x * 1.44269504088896341f + magic;
  const vector n = shifted - magic;
  vector r = x - n * 0.693359375f;
  r = r + n * 2.12194440e-4f;
  vector p = (vector){0} + 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const vector e = (p * r * r + r) + 1.0f;
  *result = (vector)((integers)e + (((integers)shifted - (integers)magic) << 23));
}

static CLONES void NAME(sums)(
    float *x, const float *added, int64_t voxels, double *mean, double *squares) {
  vector *values = (vector *)x;
  const vector *others = (const vector *)added;
  // Several sums at a time, because an addition waits for the one before.
  vector sum[4] = {{0}};
  const int64_t even = voxels & ~(int64_t)3;
  if (added) {
    for (int64_t v = 0; v < even; v += 4)
      for (int i = 0; i < 4; i++) sum[i] += values[v + i] += others[v + i];
    for (int64_t v = even; v < voxels; v++) sum[0] += values[v] += others[v];
  } else {
    for (int64_t v = 0; v < even; v += 4)
      for (int i = 0; i < 4; i++) sum[i] += values[v + i];
    for (int64_t v = even; v < voxels; v++) sum[0] += values[v];
  }
  const vector centre = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / (float)voxels;
  vector rest[4] = {{0}}, square[4] = {{0}};
  for (int64_t v = 0; v < even; v += 4)
    for (int i = 0; i < 4; i++) {
      const vector distance = values[v + i] - centre;
      rest[i] += distance;
      square[i] += distance * distance;
    }
  for (int64_t v = even; v < voxels; v++) {
    const vector distance = values[v] - centre;
    rest[0] += distance;
    square[0] += distance * distance;
  }
  const vector off_centre = ((rest[0] + rest[1]) + (rest[2] + rest[3])) / (float)voxels;
  const vector all = (square[0] + square[1]) + (square[2] + square[3]);
  for (int lane = 0; lane < LANES; lane++) {
    // The centre is not quite the mean: Chan et al. 1983, doi.org/10.1080/00031305.1983.10483115, eq. 1.7.
    const double off = off_centre[lane];
    mean[lane] = centre[lane] + off;
    squares[lane] = all[lane] - off * off * (double)voxels;
  }
}

static CLONES void NAME(apply)(
    const float *x, float *y, int64_t voxels, const normalization_constants *c) {
  const vector *values = (const vector *)x;
  vector *results = (vector *)y;
  const vector mean = *(const vector *)c->mean, factor = *(const vector *)c->factor;
  const vector shift = *(const vector *)c->shift;
  if (!c->has_unit) {
    for (int64_t v = 0; v < voxels; v++) results[v] = (values[v] - mean) * factor + shift;
    return;
  }
  for (int64_t v = 0; v < voxels; v++) {
    const vector z = (values[v] - mean) * factor + shift;
    const integers is_negative = z < 0.0f;
    vector low, exponential;
    const vector none = {0};
    NAME(choose)(&low, &is_negative, &z, &none);
    NAME(exponential)(&exponential, &low);
    exponential = (exponential - 1.0f) * c->alpha;
    vector result;
    NAME(choose)(&result, &is_negative, &exponential, &z);
    results[v] = result;
  }
}

/// The gradient in front of the unit.
static inline __attribute__((always_inline)) void NAME(before_unit)(
    vector *result, const vector *x, const vector *arriving, const vector *mean, const vector *factor,
    const vector *shift, float alpha) {
  const vector z = (*x - *mean) * *factor + *shift;
  const integers is_negative = z < 0.0f;
  vector low, exponential;
  const vector none = {0};
  NAME(choose)(&low, &is_negative, &z, &none);
  NAME(exponential)(&exponential, &low);
  exponential = *arriving * (exponential * alpha);
  NAME(choose)(result, &is_negative, &exponential, arriving);
}

static CLONES void NAME(gradient_sums)(
    const float *x, const float *arriving, int64_t voxels, const normalization_constants *c,
    double *gradient, double *product) {
  const vector *values = (const vector *)x, *slopes = (const vector *)arriving;
  const vector mean = *(const vector *)c->mean, factor = *(const vector *)c->factor;
  const vector shift = *(const vector *)c->shift;
  vector sum[2] = {{0}}, products[2] = {{0}};
  const int64_t even = voxels & ~(int64_t)1;
  for (int64_t v = 0; v < voxels; v += 2)
    for (int i = 0; i < 2; i++) {
      // Of an odd number the last is taken alone.
      if (v == even && i == 1) break;
      vector g = slopes[v + i];
      if (c->has_unit)
        NAME(before_unit)(&g, &values[v + i], &slopes[v + i], &mean, &factor, &shift, c->alpha);
      sum[i] += g;
      products[i] += g * (values[v + i] - mean);
    }
  for (int lane = 0; lane < LANES; lane++) {
    gradient[lane] = (double)sum[0][lane] + sum[1][lane];
    product[lane] = (double)products[0][lane] + products[1][lane];
  }
}

static CLONES void NAME(gradient)(
    const float *x, const float *arriving, float *leaving, int64_t voxels,
    const normalization_constants *c) {
  const vector *values = (const vector *)x, *slopes = (const vector *)arriving;
  vector *results = (vector *)leaving;
  const vector mean = *(const vector *)c->mean, factor = *(const vector *)c->factor;
  const vector shift = *(const vector *)c->shift;
  const vector common = *(const vector *)c->gradient, slope = *(const vector *)c->slope;
  for (int64_t v = 0; v < voxels; v++) {
    vector g = slopes[v];
    if (c->has_unit) NAME(before_unit)(&g, &values[v], &slopes[v], &mean, &factor, &shift, c->alpha);
    results[v] = factor * (g - common - (values[v] - mean) * slope);
  }
}

#undef vector
#undef integers
#undef NAME
#undef JOIN
#undef JOIN_
