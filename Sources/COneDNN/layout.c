// SPDX-License-Identifier: Apache-2.0
#include "internal.h"

onednn_layout *onednn_layout_of(onednn_desc desc) {
  onednn_layout *layout = calloc(1, sizeof *layout);
  if (!layout) return NULL;
#if DNNL_VERSION_MAJOR >= 3
  if (dnnl_memory_desc_clone(&layout->desc, desc) != dnnl_success) {
    free(layout);
    return NULL;
  }
#else
  layout->value = *desc;
#endif
  return layout;
}

static onednn_layout *by_strides(int rank, const int64_t *sizes, const int64_t *steps) {
  onednn_layout *layout = calloc(1, sizeof *layout);
  if (!layout) return NULL;
  // The library takes arrays of the most axes that it knows.
  dnnl_dims_t dims = {0}, strides = {0};
  memcpy(dims, sizes, (size_t)rank * sizeof *sizes);
  if (steps) memcpy(strides, steps, (size_t)rank * sizeof *steps);
#if DNNL_VERSION_MAJOR >= 3
  dnnl_status_t status =
      steps ? dnnl_memory_desc_create_with_strides(&layout->desc, rank, dims, dnnl_f32, strides)
              : dnnl_memory_desc_create_with_tag(&layout->desc, rank, dims, dnnl_f32, dnnl_format_tag_any);
#else
  dnnl_status_t status =
      steps ? dnnl_memory_desc_init_by_strides(&layout->value, rank, dims, dnnl_f32, strides)
              : dnnl_memory_desc_init_by_tag(&layout->value, rank, dims, dnnl_f32, dnnl_format_tag_any);
#endif
  if (status == dnnl_success) return layout;
  free(layout);
  return NULL;
}

onednn_layout *onednn_layout_any(int rank, const int64_t *dims) { return by_strides(rank, dims, NULL); }

onednn_layout *onednn_layout_strided(int rank, const int64_t *dims, const int64_t *strides) {
  return by_strides(rank, dims, strides);
}

onednn_layout *onednn_layout_vector(int64_t count) {
  const int64_t dims[1] = {count}, strides[1] = {1};
  return by_strides(1, dims, strides);
}

onednn_layout *onednn_layout_copy(const onednn_layout *layout) { return onednn_layout_of(desc_of(layout)); }

void onednn_layout_destroy(onednn_layout *layout) {
  if (!layout) return;
#if DNNL_VERSION_MAJOR >= 3
  dnnl_memory_desc_destroy(layout->desc);
#endif
  free(layout);
}

int onednn_layout_equal(const onednn_layout *a, const onednn_layout *b) {
  return dnnl_memory_desc_equal(desc_of(a), desc_of(b));
}

int64_t onednn_layout_bytes(const onednn_layout *layout) {
  return (int64_t)dnnl_memory_desc_get_size(desc_of(layout));
}

int onednn_layout_channel_block(const onednn_layout *layout) {
  dnnl_dims_t dims, padded, strides, blocks, axes;
  int count = 0;
#if DNNL_VERSION_MAJOR >= 3
  int rank = 0;
  onednn_desc d = desc_of(layout);
  dnnl_memory_desc_query(d, dnnl_query_ndims_s32, &rank);
  if (rank != ONEDNN_AXES) return 0;
  dnnl_dims_t *found;
  dnnl_memory_desc_query(d, dnnl_query_dims, &found), memcpy(dims, *found, sizeof dims);
  dnnl_memory_desc_query(d, dnnl_query_padded_dims, &found), memcpy(padded, *found, sizeof padded);
  if (dnnl_memory_desc_query(d, dnnl_query_strides, &found) != dnnl_success) return 0;
  memcpy(strides, *found, sizeof strides);
  dnnl_memory_desc_query(d, dnnl_query_inner_nblks_s32, &count);
  if (count != 1) return 0;
  dnnl_memory_desc_query(d, dnnl_query_inner_blks, &found), memcpy(blocks, *found, sizeof blocks);
  dnnl_memory_desc_query(d, dnnl_query_inner_idxs, &found), memcpy(axes, *found, sizeof axes);
#else
  const dnnl_memory_desc_t *d = &layout->value;
  if (d->ndims != ONEDNN_AXES || d->format_kind != dnnl_blocked || d->offset0 != 0) return 0;
  memcpy(dims, d->dims, sizeof dims);
  memcpy(padded, d->padded_dims, sizeof padded);
  memcpy(strides, d->format_desc.blocking.strides, sizeof strides);
  count = d->format_desc.blocking.inner_nblks;
  if (count != 1) return 0;
  memcpy(blocks, d->format_desc.blocking.inner_blks, sizeof blocks);
  memcpy(axes, d->format_desc.blocking.inner_idxs, sizeof axes);
#endif
  if (axes[0] != 1 || (blocks[0] != 8 && blocks[0] != 16)) return 0;
  int64_t expected = blocks[0];
  for (int axis = 4; axis >= 0; axis--) {
    if (axis != 1 && padded[axis] != dims[axis]) return 0;
    int64_t size = axis == 1 ? padded[1] / blocks[0] : dims[axis];
    if (size != 1 && strides[axis] != expected) return 0;
    expected *= size;
  }
  return (int)blocks[0];
}
