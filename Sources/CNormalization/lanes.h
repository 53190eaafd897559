// SPDX-License-Identifier: Apache-2.0
// The functions for one number of lanes, LANES, of one kind of number, KIND (float32 or bfloat16, whose
// ELEMENT is float or uint16_t); included once for each.

#define JOIN_(name, lanes, kind) name##_##lanes##_##kind
#define JOIN(name, lanes, kind) JOIN_(name, lanes, kind)
#define NAME(name) JOIN(name, LANES, KIND)

typedef float NAME(vector) __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef int32_t NAME(integers) __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef uint16_t NAME(halves) __attribute__((vector_size(LANES * 2), aligned(2), may_alias));
#define vector NAME(vector)
#define integers NAME(integers)
#define halves NAME(halves)

/// mask ? a : b
static inline __attribute__((always_inline)) void NAME(choose)(
    vector *result, const integers *mask, const vector *a, const vector *b) {
  *result = (vector)((*mask & (integers)*a) | (~*mask & (integers)*b));
}

static inline __attribute__((always_inline)) void NAME(load)(vector *result, const ELEMENT *place) {
#if IS_HALF
  *result = (vector)(__builtin_convertvector(*(const halves *)place, integers) << 16);
#else
  *result = *(const vector *)place;
#endif
}

static inline __attribute__((always_inline)) void NAME(store)(ELEMENT *place, const vector *value) {
#if IS_HALF
  // To the nearest, of two equally near to the even one; what is no number stays none.
  const integers bits = (integers)*value, is_none = *value != *value;
  const vector rounded = (vector)(bits + 0x7FFF + ((bits >> 16) & 1));
  const vector none = (vector)((integers){0} + 0x7FC00000);
  vector chosen;
  NAME(choose)(&chosen, &is_none, &none, &rounded);
  *(halves *)place = __builtin_convertvector((integers)chosen >> 16, halves);
#else
  *(vector *)place = *value;
#endif
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

/// Adds to a voxel what is to be added, if anything, and gives what it then is.
static inline __attribute__((always_inline)) void NAME(taken)(
    vector *result, ELEMENT *place, const ELEMENT *added) {
  NAME(load)(result, place);
  if (!added) return;
  vector other;
  NAME(load)(&other, added);
  *result += other;
  NAME(store)(place, result);
}

static CLONES void NAME(sums)(
    ELEMENT *x, const ELEMENT *added, int64_t voxels, int64_t step, double *mean, double *squares) {
  // Several sums at a time, because an addition waits for the one before.
  vector sum[4] = {{0}}, value;
  const int64_t even = voxels & ~(int64_t)3;
  for (int64_t v = 0; v < even; v += 4)
    for (int i = 0; i < 4; i++) {
      NAME(taken)(&value, x + (v + i) * step, added ? added + (v + i) * step : 0);
      sum[i] += value;
    }
  for (int64_t v = even; v < voxels; v++) {
    NAME(taken)(&value, x + v * step, added ? added + v * step : 0);
    sum[0] += value;
  }
  const vector centre = ((sum[0] + sum[1]) + (sum[2] + sum[3])) / (float)voxels;
  vector rest[4] = {{0}}, square[4] = {{0}};
  for (int64_t v = 0; v < even; v += 4)
    for (int i = 0; i < 4; i++) {
      NAME(load)(&value, x + (v + i) * step);
      const vector distance = value - centre;
      rest[i] += distance;
      square[i] += distance * distance;
    }
  for (int64_t v = even; v < voxels; v++) {
    NAME(load)(&value, x + v * step);
    const vector distance = value - centre;
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
    const ELEMENT *x, ELEMENT *y, int64_t voxels, int64_t step, const normalization_constants *c) {
  const vector mean = *(const vector *)c->mean, factor = *(const vector *)c->factor;
  const vector shift = *(const vector *)c->shift;
  if (!c->has_unit) {
    for (int64_t v = 0; v < voxels; v++) {
      vector value;
      NAME(load)(&value, x + v * step);
      value = (value - mean) * factor + shift;
      NAME(store)(y + v * step, &value);
    }
    return;
  }
  for (int64_t v = 0; v < voxels; v++) {
    vector z;
    NAME(load)(&z, x + v * step);
    z = (z - mean) * factor + shift;
    const integers is_negative = z < 0.0f;
    vector low, exponential;
    const vector none = {0};
    NAME(choose)(&low, &is_negative, &z, &none);
    NAME(exponential)(&exponential, &low);
    exponential = (exponential - 1.0f) * c->alpha;
    vector result;
    NAME(choose)(&result, &is_negative, &exponential, &z);
    NAME(store)(y + v * step, &result);
  }
}

/// The gradient in front of the unit.
static inline __attribute__((always_inline)) void NAME(before_unit)(
    vector *gradient, const vector *x, const vector *mean, const vector *factor, const vector *shift,
    float alpha) {
  const vector z = (*x - *mean) * *factor + *shift;
  const integers is_negative = z < 0.0f;
  vector low, exponential;
  const vector none = {0};
  NAME(choose)(&low, &is_negative, &z, &none);
  NAME(exponential)(&exponential, &low);
  exponential = *gradient * (exponential * alpha);
  NAME(choose)(gradient, &is_negative, &exponential, gradient);
}

static CLONES void NAME(gradient_sums)(
    const ELEMENT *x, const ELEMENT *arriving, int64_t voxels, int64_t step,
    const normalization_constants *c, double *gradient, double *product) {
  const vector mean = *(const vector *)c->mean, factor = *(const vector *)c->factor;
  const vector shift = *(const vector *)c->shift;
  vector sum[2] = {{0}}, products[2] = {{0}};
  const int64_t even = voxels & ~(int64_t)1;
  for (int64_t v = 0; v < voxels; v += 2)
    for (int i = 0; i < 2; i++) {
      // Of an odd number the last is taken alone.
      if (v == even && i == 1) break;
      vector value, g;
      NAME(load)(&value, x + (v + i) * step);
      NAME(load)(&g, arriving + (v + i) * step);
      if (c->has_unit) NAME(before_unit)(&g, &value, &mean, &factor, &shift, c->alpha);
      sum[i] += g;
      products[i] += g * (value - mean);
    }
  for (int lane = 0; lane < LANES; lane++) {
    gradient[lane] = (double)sum[0][lane] + sum[1][lane];
    product[lane] = (double)products[0][lane] + products[1][lane];
  }
}

static CLONES void NAME(gradient)(
    const ELEMENT *x, const ELEMENT *arriving, ELEMENT *leaving, int64_t voxels, int64_t step,
    const normalization_constants *c) {
  const vector mean = *(const vector *)c->mean, factor = *(const vector *)c->factor;
  const vector shift = *(const vector *)c->shift;
  const vector common = *(const vector *)c->gradient, slope = *(const vector *)c->slope;
  for (int64_t v = 0; v < voxels; v++) {
    vector value, g;
    NAME(load)(&value, x + v * step);
    NAME(load)(&g, arriving + v * step);
    if (c->has_unit) NAME(before_unit)(&g, &value, &mean, &factor, &shift, c->alpha);
    g = factor * (g - common - (value - mean) * slope);
    NAME(store)(leaving + v * step, &g);
  }
}

#undef vector
#undef integers
#undef halves
#undef NAME
#undef JOIN
#undef JOIN_
