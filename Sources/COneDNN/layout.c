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

static onednn_layout *by_strides(
    int rank, const int64_t *sizes, const int64_t *steps, onednn_type element) {
  const dnnl_data_type_t type = element == ONEDNN_BFLOAT16 ? dnnl_bf16 : dnnl_f32;
  onednn_layout *layout = calloc(1, sizeof *layout);
  if (!layout) return NULL;
  // The library takes arrays of the most axes that it knows.
  dnnl_dims_t dims = {0}, strides = {0};
  memcpy(dims, sizes, (size_t)rank * sizeof *sizes);
  if (steps) memcpy(strides, steps, (size_t)rank * sizeof *steps);
#if DNNL_VERSION_MAJOR >= 3
  dnnl_status_t status =
      steps ? dnnl_memory_desc_create_with_strides(&layout->desc, rank, dims, type, strides)
              : dnnl_memory_desc_create_with_tag(&layout->desc, rank, dims, type, dnnl_format_tag_any);
#else
  dnnl_status_t status =
      steps ? dnnl_memory_desc_init_by_strides(&layout->value, rank, dims, type, strides)
              : dnnl_memory_desc_init_by_tag(&layout->value, rank, dims, type, dnnl_format_tag_any);
#endif
  if (status == dnnl_success) return layout;
  free(layout);
  return NULL;
}

onednn_layout *onednn_layout_any(int rank, const int64_t *dims, onednn_type type) {
  return by_strides(rank, dims, NULL, type);
}

onednn_layout *onednn_layout_strided(
    int rank, const int64_t *dims, const int64_t *strides, onednn_type type) {
  return by_strides(rank, dims, strides, type);
}

onednn_layout *onednn_layout_part(
    const onednn_layout *layout, const int64_t *dims, const int64_t *offsets) {
  onednn_layout *part = calloc(1, sizeof *part);
  if (!part) return NULL;
  dnnl_dims_t size = {0}, start = {0};
  memcpy(size, dims, ONEDNN_AXES * sizeof *dims);
  memcpy(start, offsets, ONEDNN_AXES * sizeof *offsets);
#if DNNL_VERSION_MAJOR >= 3
  dnnl_status_t status = dnnl_memory_desc_create_submemory(&part->desc, desc_of(layout), size, start);
#else
  dnnl_status_t status = dnnl_memory_desc_init_submemory(&part->value, desc_of(layout), size, start);
#endif
  if (status == dnnl_success) return part;
  free(part);
  return NULL;
}

onednn_layout *onednn_layout_vector(int64_t count) {
  const int64_t dims[1] = {count}, strides[1] = {1};
  return by_strides(1, dims, strides, ONEDNN_FLOAT32);
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

/// How an array lies in memory, in the library's words.
typedef struct {
  int rank, block_count;
  dnnl_dims_t dims, padded, strides, blocks, axes;
} facts;

/// 0 if the layout is none of blocks and strides.
static int facts_of(const onednn_layout *layout, facts *f) {
#if DNNL_VERSION_MAJOR >= 3
  onednn_desc d = desc_of(layout);
  dnnl_dims_t *found;
  dnnl_memory_desc_query(d, dnnl_query_ndims_s32, &f->rank);
  dnnl_memory_desc_query(d, dnnl_query_dims, &found), memcpy(f->dims, *found, sizeof f->dims);
  dnnl_memory_desc_query(d, dnnl_query_padded_dims, &found), memcpy(f->padded, *found, sizeof f->padded);
  if (dnnl_memory_desc_query(d, dnnl_query_strides, &found) != dnnl_success) return 0;
  memcpy(f->strides, *found, sizeof f->strides);
  dnnl_memory_desc_query(d, dnnl_query_inner_nblks_s32, &f->block_count);
  dnnl_memory_desc_query(d, dnnl_query_inner_blks, &found), memcpy(f->blocks, *found, sizeof f->blocks);
  dnnl_memory_desc_query(d, dnnl_query_inner_idxs, &found), memcpy(f->axes, *found, sizeof f->axes);
#else
  const dnnl_memory_desc_t *d = &layout->value;
  if (d->format_kind != dnnl_blocked || d->offset0 != 0) return 0;
  f->rank = d->ndims;
  memcpy(f->dims, d->dims, sizeof f->dims);
  memcpy(f->padded, d->padded_dims, sizeof f->padded);
  memcpy(f->strides, d->format_desc.blocking.strides, sizeof f->strides);
  f->block_count = d->format_desc.blocking.inner_nblks;
  memcpy(f->blocks, d->format_desc.blocking.inner_blks, sizeof f->blocks);
  memcpy(f->axes, d->format_desc.blocking.inner_idxs, sizeof f->axes);
#endif
  return f->rank == ONEDNN_AXES;
}

int onednn_layout_channel_block(const onednn_layout *layout) {
  facts f;
  if (!facts_of(layout, &f) || f.block_count != 1) return 0;
  if (f.axes[0] != 1 || (f.blocks[0] != 8 && f.blocks[0] != 16)) return 0;
  int64_t expected = f.blocks[0];
  for (int axis = 4; axis >= 0; axis--) {
    if (axis != 1 && f.padded[axis] != f.dims[axis]) return 0;
    int64_t size = axis == 1 ? f.padded[1] / f.blocks[0] : f.dims[axis];
    if (size != 1 && f.strides[axis] != expected) return 0;
    expected *= size;
  }
  return (int)f.blocks[0];
}

int onednn_layout_is_channels_last(const onednn_layout *layout) {
  facts f;
  if (!facts_of(layout, &f) || f.block_count != 0) return 0;
  const int order[ONEDNN_AXES] = {1, 4, 3, 2, 0};
  int64_t expected = 1;
  for (int i = 0; i < ONEDNN_AXES; i++) {
    if (f.dims[order[i]] != 1 && f.strides[order[i]] != expected) return 0;
    expected *= f.dims[order[i]];
  }
  return 1;
}

onednn_layout *onednn_layout_alike(const onednn_layout *layout, const int64_t *sizes, onednn_type element) {
  const dnnl_data_type_t type = element == ONEDNN_BFLOAT16 ? dnnl_bf16 : dnnl_f32;
  const int block = onednn_layout_channel_block(layout);
  facts f;
  if (!facts_of(layout, &f)) return NULL;
  if (block) {
    onednn_layout *made = calloc(1, sizeof *made);
    if (!made) return NULL;
    const dnnl_format_tag_t tag = block == 16 ? dnnl_aBcde16b : dnnl_aBcde8b;
    dnnl_dims_t dims = {0};
    memcpy(dims, sizes, ONEDNN_AXES * sizeof *sizes);
#if DNNL_VERSION_MAJOR >= 3
    dnnl_status_t status = dnnl_memory_desc_create_with_tag(&made->desc, ONEDNN_AXES, dims, type, tag);
#else
    dnnl_status_t status = dnnl_memory_desc_init_by_tag(&made->value, ONEDNN_AXES, dims, type, tag);
#endif
    if (status == dnnl_success) return made;
    free(made);
    return NULL;
  }
  const int is_channels_last = f.dims[1] > 1 && onednn_layout_is_channels_last(layout);
  const int64_t area = sizes[3] * sizes[4], volume = sizes[2] * area;
  const int64_t last[ONEDNN_AXES] = {
      sizes[1] * volume, 1, sizes[1] * area, sizes[1] * sizes[4], sizes[1]};
  const int64_t plain[ONEDNN_AXES] = {sizes[1] * volume, volume, area, sizes[4], 1};
  return by_strides(ONEDNN_AXES, sizes, is_channels_last ? last : plain, element);
}
