// SPDX-License-Identifier: Apache-2.0
// Checks the door to oneDNN against plain loops: a convolution with all its steps, and a part of its result in a
// layout alike. Compiled by Scripts/check-onednn3 against the library that it names.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "COneDNN.h"

enum { C = 6, O = 7, H = 9, W = 10, h = 4, w = 5, top = 2, left = 3 };

static onednn_engine *engine;

static void require(onednn_result result, const char *what) {
  if (result == 0) return;
  fprintf(stderr, "%s: %s\n", what, onednn_result_text(result));
  exit(1);
}

static onednn_memory *memory(const onednn_layout *layout, void *bytes) {
  onednn_memory *made;
  require(onednn_memory_create(&made, engine, layout, bytes), "memory");
  return made;
}

static onednn_layout *plain(int channels, int height, int width) {
  const int64_t area = (int64_t)height * width;
  const int64_t dims[5] = {1, channels, 1, height, width}, strides[5] = {channels * area, area, area, width, 1};
  return onednn_layout_strided(5, dims, strides, ONEDNN_FLOAT32);
}

static void run(onednn_primitive *primitive, onednn_binding *bindings, int count) {
  onednn_layout *scratch = onednn_primitive_layout(primitive, ONEDNN_SCRATCHPAD);
  if (scratch) {
    bindings[count].argument = ONEDNN_SCRATCHPAD;
    bindings[count++].memory = memory(scratch, malloc((size_t)onednn_layout_bytes(scratch)));
  }
  require(onednn_primitive_run(primitive, engine, bindings, count), "run");
}

static void copy(const onednn_layout *from, void *source, const onednn_layout *to, void *target) {
  onednn_primitive *primitive;
  require(onednn_reorder_create(&primitive, engine, from, to), "reorder");
  onednn_binding bindings[3] = {
      {ONEDNN_SOURCE, memory(from, source)}, {ONEDNN_TARGET, memory(to, target)}};
  run(primitive, bindings, 2);
}

static void *room(const onednn_layout *layout) { return calloc(1, (size_t)onednn_layout_bytes(layout)); }

int main(void) {
  require(onednn_engine_create(&engine), "engine");
  static float x[C * H * W], k[O * C * 9], y[O * H * W], out[O * H * W], bias[O], scale[O], shift[O];
  for (int i = 0; i < C * H * W; i++) x[i] = sinf((float)i);
  for (int i = 0; i < O * C * 9; i++) k[i] = 0.2f * cosf((float)i);
  for (int i = 0; i < O * H * W; i++) y[i] = sinf(2 * (float)i);
  for (int i = 0; i < O; i++) bias[i] = 0.1f * (float)i, scale[i] = 1 + bias[i], shift[i] = -2 * bias[i];

  const int64_t xd[5] = {1, C, 1, H, W}, kd[5] = {O, C, 1, 3, 3}, yd[5] = {1, O, 1, H, W};
  const int64_t ks[5] = {C * 9, 9, 9, 3, 1}, cd[5] = {1, O, 1, 1, 1}, cs[5] = {O, 1, 1, 1, 1};
  const onednn_convolution convolution = {
      onednn_layout_any(5, xd, ONEDNN_FLOAT32), onednn_layout_any(5, kd, ONEDNN_FLOAT32),
      onednn_layout_any(5, yd, ONEDNN_FLOAT32), {1, 1, 1}, {0, 1, 1}, O};
  const onednn_step steps[4] = {{ONEDNN_SUM, 0}, {ONEDNN_MULTIPLY, 0}, {ONEDNN_ADD, 0}, {ONEDNN_ELU, 1}};
  onednn_primitive *p;
  require(
      onednn_convolution_create(&p, engine, ONEDNN_INFERENCE, 0, &convolution, steps, 4, NULL), "convolution");
  onednn_layout *px = onednn_primitive_layout(p, ONEDNN_SOURCE), *pk = onednn_primitive_layout(p, ONEDNN_WEIGHTS);
  onednn_layout *py = onednn_primitive_layout(p, ONEDNN_TARGET), *pb = onednn_primitive_layout(p, ONEDNN_BIAS);
  void *bx = room(px), *bk = room(pk), *by = room(py);
  copy(plain(C, H, W), x, px, bx);
  copy(onednn_layout_strided(5, kd, ks, ONEDNN_FLOAT32), k, pk, bk);
  copy(plain(O, H, W), y, py, by);
  onednn_layout *channel = onednn_layout_strided(5, cd, cs, ONEDNN_FLOAT32);
  onednn_binding bindings[7] = {
      {ONEDNN_SOURCE, memory(px, bx)}, {ONEDNN_WEIGHTS, memory(pk, bk)}, {ONEDNN_BIAS, memory(pb, bias)},
      {ONEDNN_TARGET, memory(py, by)}, {ONEDNN_STEP_0 + 1, memory(channel, scale)},
      {ONEDNN_STEP_0 + 2, memory(channel, shift)}};
  run(p, bindings, 6);
  copy(py, by, plain(O, H, W), out);

  double worst = 0, cut = 0;
  for (int o = 0; o < O; o++)
    for (int i = 0; i < H * W; i++) {
      double sum = bias[o] + y[o * H * W + i];
      for (int c = 0; c < C; c++)
        for (int t = 0; t < 9; t++) {
          const int a = i / W + t / 3 - 1, b = i % W + t % 3 - 1;
          if (a >= 0 && b >= 0 && a < H && b < W) sum += x[(c * H + a) * W + b] * k[(o * C + c) * 9 + t];
        }
      sum = sum * scale[o] + shift[o];
      worst = fmax(worst, fabs((sum < 0 ? expm1(sum) : sum) - out[o * H * W + i]));
    }

  const int64_t size[5] = {1, O, 1, h, w}, origin[5] = {0, 0, 0, top, left};
  onednn_layout *part = onednn_layout_part(py, size, origin);
  onednn_layout *alike = onednn_layout_alike(py, size, ONEDNN_FLOAT32);
  static float found[O * h * w];
  void *dense = room(alike);
  copy(part, by, alike, dense);
  copy(alike, dense, plain(O, h, w), found);
  for (int o = 0; o < O; o++)
    for (int i = 0; i < h * w; i++)
      cut = fmax(cut, fabs(found[o * h * w + i] - out[(o * H + i / w + top) * W + i % w + left]));

  printf(
      "oneDNN %d (%s): convolution with steps differs by %.1e from plain loops, its part by %.1e\n",
      onednn_version(), onednn_primitive_name(p), worst, cut);
  return worst < 1e-5 && cut == 0 ? 0 : 1;
}
