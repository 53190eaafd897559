// SPDX-License-Identifier: Apache-2.0
#include "internal.h"

/// The library takes arrays of the most axes that it knows.
static void widen(dnnl_dims_t target, const int64_t *source) {
  memset(target, 0, sizeof(dnnl_dims_t));
  memcpy(target, source, 3 * sizeof *source);
}

#if DNNL_VERSION_MAJOR >= 3

static dnnl_status_t describe(
    dnnl_primitive_desc_t *desc, dnnl_engine_t engine, onednn_pass pass, int is_transposed,
    const onednn_convolution *c, onednn_desc bias, dnnl_primitive_attr_t attributes,
    const_dnnl_primitive_desc_t forward) {
  onednn_desc source = desc_of(c->source), weights = desc_of(c->weights), target = desc_of(c->target);
  dnnl_dims_t strides, padding;
  widen(strides, c->strides);
  widen(padding, c->padding);
  const dnnl_dims_t none = {0};
  dnnl_prop_kind_t kind = pass == ONEDNN_TRAINING ? dnnl_forward_training : dnnl_forward_inference;
  if (is_transposed) {
    const dnnl_alg_kind_t way = dnnl_deconvolution_direct;
    if (pass == ONEDNN_BACKWARD_DATA)
      return dnnl_deconvolution_backward_data_primitive_desc_create(
          desc, engine, way, source, weights, target, strides, none, padding, padding, forward,
          attributes);
    if (pass == ONEDNN_BACKWARD_WEIGHTS)
      return dnnl_deconvolution_backward_weights_primitive_desc_create(
          desc, engine, way, source, weights, bias, target, strides, none, padding, padding,
          forward, attributes);
    return dnnl_deconvolution_forward_primitive_desc_create(
        desc, engine, kind, way, source, weights, bias, target, strides, none, padding, padding,
        attributes);
  }
  const dnnl_alg_kind_t way = dnnl_convolution_direct;
  if (pass == ONEDNN_BACKWARD_DATA)
    return dnnl_convolution_backward_data_primitive_desc_create(
        desc, engine, way, source, weights, target, strides, none, padding, padding, forward,
        attributes);
  if (pass == ONEDNN_BACKWARD_WEIGHTS)
    return dnnl_convolution_backward_weights_primitive_desc_create(
        desc, engine, way, source, weights, bias, target, strides, none, padding, padding, forward,
        attributes);
  return dnnl_convolution_forward_primitive_desc_create(
      desc, engine, kind, way, source, weights, bias, target, strides, none, padding, padding,
      attributes);
}

#else

static dnnl_status_t describe(
    dnnl_primitive_desc_t *desc, dnnl_engine_t engine, onednn_pass pass, int is_transposed,
    const onednn_convolution *c, onednn_desc bias, dnnl_primitive_attr_t attributes,
    const_dnnl_primitive_desc_t forward) {
  onednn_desc source = desc_of(c->source), weights = desc_of(c->weights), target = desc_of(c->target);
  dnnl_dims_t strides, padding;
  widen(strides, c->strides);
  widen(padding, c->padding);
  dnnl_prop_kind_t kind = pass == ONEDNN_TRAINING ? dnnl_forward_training : dnnl_forward_inference;
  dnnl_status_t status;
  // Both descriptions are one type of the library.
  dnnl_convolution_desc_t d;
  if (is_transposed) {
    const dnnl_alg_kind_t way = dnnl_deconvolution_direct;
    if (pass == ONEDNN_BACKWARD_DATA)
      status = dnnl_deconvolution_backward_data_desc_init(
          &d, way, source, weights, target, strides, padding, padding);
    else if (pass == ONEDNN_BACKWARD_WEIGHTS)
      status = dnnl_deconvolution_backward_weights_desc_init(
          &d, way, source, weights, bias, target, strides, padding, padding);
    else
      status = dnnl_deconvolution_forward_desc_init(
          &d, kind, way, source, weights, bias, target, strides, padding, padding);
  } else {
    const dnnl_alg_kind_t way = dnnl_convolution_direct;
    if (pass == ONEDNN_BACKWARD_DATA)
      status = dnnl_convolution_backward_data_desc_init(
          &d, way, source, weights, target, strides, padding, padding);
    else if (pass == ONEDNN_BACKWARD_WEIGHTS)
      status = dnnl_convolution_backward_weights_desc_init(
          &d, way, source, weights, bias, target, strides, padding, padding);
    else
      status = dnnl_convolution_forward_desc_init(
          &d, kind, way, source, weights, bias, target, strides, padding, padding);
  }
  return status == dnnl_success ? dnnl_primitive_desc_create(desc, &d, attributes, engine, forward) : status;
}

#endif

onednn_result onednn_convolution_create(
    onednn_primitive **primitive, onednn_engine *engine, onednn_pass pass, int is_transposed,
    const onednn_convolution *convolution, const onednn_step *steps, int step_count,
    const onednn_primitive *forward) {
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t desc = NULL;
  onednn_layout *bias = onednn_layout_vector(convolution->output_channels);
  dnnl_status_t status = bias ? onednn_attributes_create(
                                    &attributes, steps, step_count, convolution->output_channels)
                              : dnnl_out_of_memory;
  if (status == dnnl_success)
    status = describe(
        &desc, engine->engine, pass, is_transposed, convolution, desc_of(bias), attributes,
        forward ? forward->desc : NULL);
  if (status == dnnl_success) status = onednn_primitive_finish(primitive, desc);
  if (attributes) dnnl_primitive_attr_destroy(attributes);
  onednn_layout_destroy(bias);
  return status;
}
