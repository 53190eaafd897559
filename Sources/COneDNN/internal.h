// SPDX-License-Identifier: Apache-2.0
// What both versions of the API have in common inside this door.
#pragma once
#include <dnnl.h>
#include <stdlib.h>
#include <string.h>

#include "COneDNN.h"

struct onednn_engine {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
};

struct onednn_layout {
#if DNNL_VERSION_MAJOR >= 3
  dnnl_memory_desc_t desc;
#else
  dnnl_memory_desc_t value;
#endif
};

struct onednn_primitive {
  dnnl_primitive_desc_t desc;
  dnnl_primitive_t primitive;
};

struct onednn_memory {
  dnnl_memory_t memory;
};

#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t onednn_desc;
#else
typedef const dnnl_memory_desc_t *onednn_desc;
#endif

/// The library's descriptor of a layout.
static inline onednn_desc desc_of(const onednn_layout *layout) {
#if DNNL_VERSION_MAJOR >= 3
  return layout->desc;
#else
  return &layout->value;
#endif
}

/// A layout that holds a copy of the library's descriptor.
onednn_layout *onednn_layout_of(onednn_desc desc);

/// A vector of `count` floats.
onednn_layout *onednn_layout_vector(int64_t count);

/// Attributes: scratchpad from the caller, and steps after a convolution of `channels`.
dnnl_status_t onednn_attributes_create(
    dnnl_primitive_attr_t *attributes, const onednn_step *steps, int count, int64_t channels);

/// Takes `desc` over and makes the primitive.
dnnl_status_t onednn_primitive_finish(onednn_primitive **primitive, dnnl_primitive_desc_t desc);
