// SPDX-License-Identifier: Apache-2.0
#include "internal.h"

static const unsigned scale_and_shift = dnnl_use_scale | dnnl_use_shift;

#if DNNL_VERSION_MAJOR >= 3

static dnnl_status_t describe_pooling(
    dnnl_primitive_desc_t *desc, dnnl_engine_t engine, onednn_pass pass, onednn_desc source,
    onednn_desc target, const dnnl_dims_t kernel, dnnl_primitive_attr_t attributes,
    const_dnnl_primitive_desc_t forward) {
  const dnnl_dims_t none = {0};
  if (pass == ONEDNN_BACKWARD_DATA)
    return dnnl_pooling_backward_primitive_desc_create(
        desc, engine, dnnl_pooling_max, source, target, kernel, kernel, none, none, none, forward,
        attributes);
  return dnnl_pooling_forward_primitive_desc_create(
      desc, engine, pass == ONEDNN_TRAINING ? dnnl_forward_training : dnnl_forward_inference,
      dnnl_pooling_max, source, target, kernel, kernel, none, none, none, attributes);
}

static dnnl_status_t describe_normalization(
    dnnl_primitive_desc_t *desc, dnnl_engine_t engine, onednn_pass pass, onednn_desc source, float epsilon,
    dnnl_primitive_attr_t attributes, const_dnnl_primitive_desc_t forward) {
  if (pass == ONEDNN_BACKWARD_DATA)
    return dnnl_batch_normalization_backward_primitive_desc_create(
        desc, engine, dnnl_backward, source, source, source, epsilon, scale_and_shift, forward, attributes);
  if (pass == ONEDNN_TRAINING)
    return dnnl_batch_normalization_forward_primitive_desc_create(
        desc, engine, dnnl_forward_training, source, source, epsilon, scale_and_shift, attributes);
  return dnnl_batch_normalization_forward_primitive_desc_create(
      desc, engine, dnnl_forward_inference, source, source, epsilon,
      scale_and_shift | dnnl_use_global_stats, attributes);
}

static dnnl_status_t describe_elu(
    dnnl_primitive_desc_t *desc, dnnl_engine_t engine, onednn_pass pass, onednn_desc source, float alpha,
    dnnl_primitive_attr_t attributes, const_dnnl_primitive_desc_t forward) {
  if (pass == ONEDNN_BACKWARD_DATA)
    return dnnl_eltwise_backward_primitive_desc_create(
        desc, engine, dnnl_eltwise_elu_use_dst_for_bwd, source, source, source, alpha, 0, forward,
        attributes);
  if (pass == ONEDNN_TRAINING)
    return dnnl_eltwise_forward_primitive_desc_create(
        desc, engine, dnnl_forward_training, dnnl_eltwise_elu_use_dst_for_bwd, source, source, alpha, 0,
        attributes);
  return dnnl_eltwise_forward_primitive_desc_create(
      desc, engine, dnnl_forward_inference, dnnl_eltwise_elu, source, source, alpha, 0, attributes);
}

static dnnl_status_t describe_addition(
    dnnl_primitive_desc_t *desc, dnnl_engine_t engine, onednn_desc source, onednn_desc second,
    onednn_desc target, dnnl_primitive_attr_t attributes) {
  return dnnl_binary_primitive_desc_create(
      desc, engine, dnnl_binary_add, source, second, target, attributes);
}

#else

static dnnl_status_t describe_pooling(
    dnnl_primitive_desc_t *desc, dnnl_engine_t engine, onednn_pass pass, onednn_desc source,
    onednn_desc target, const dnnl_dims_t kernel, dnnl_primitive_attr_t attributes,
    const_dnnl_primitive_desc_t forward) {
  const dnnl_dims_t none = {0};
  dnnl_pooling_desc_t d;
  dnnl_status_t status =
      pass == ONEDNN_BACKWARD_DATA
          ? dnnl_pooling_backward_desc_init(&d, dnnl_pooling_max, source, target, kernel, kernel, none, none)
          : dnnl_pooling_forward_desc_init(
                &d, pass == ONEDNN_TRAINING ? dnnl_forward_training : dnnl_forward_inference,
                dnnl_pooling_max, source, target, kernel, kernel, none, none);
  return status == dnnl_success ? dnnl_primitive_desc_create(desc, &d, attributes, engine, forward) : status;
}

static dnnl_status_t describe_normalization(
    dnnl_primitive_desc_t *desc, dnnl_engine_t engine, onednn_pass pass, onednn_desc source, float epsilon,
    dnnl_primitive_attr_t attributes, const_dnnl_primitive_desc_t forward) {
  dnnl_batch_normalization_desc_t d;
  dnnl_status_t status;
  if (pass == ONEDNN_BACKWARD_DATA)
    status = dnnl_batch_normalization_backward_desc_init(
        &d, dnnl_backward, source, source, epsilon, scale_and_shift);
  else if (pass == ONEDNN_TRAINING)
    status = dnnl_batch_normalization_forward_desc_init(
        &d, dnnl_forward_training, source, epsilon, scale_and_shift);
  else
    status = dnnl_batch_normalization_forward_desc_init(
        &d, dnnl_forward_inference, source, epsilon, scale_and_shift | dnnl_use_global_stats);
  return status == dnnl_success ? dnnl_primitive_desc_create(desc, &d, attributes, engine, forward) : status;
}

static dnnl_status_t describe_elu(
    dnnl_primitive_desc_t *desc, dnnl_engine_t engine, onednn_pass pass, onednn_desc source, float alpha,
    dnnl_primitive_attr_t attributes, const_dnnl_primitive_desc_t forward) {
  dnnl_eltwise_desc_t d;
  dnnl_status_t status;
  if (pass == ONEDNN_BACKWARD_DATA)
    status = dnnl_eltwise_backward_desc_init(
        &d, dnnl_eltwise_elu_use_dst_for_bwd, source, source, alpha, 0);
  else if (pass == ONEDNN_TRAINING)
    status = dnnl_eltwise_forward_desc_init(
        &d, dnnl_forward_training, dnnl_eltwise_elu_use_dst_for_bwd, source, alpha, 0);
  else
    status = dnnl_eltwise_forward_desc_init(&d, dnnl_forward_inference, dnnl_eltwise_elu, source, alpha, 0);
  return status == dnnl_success ? dnnl_primitive_desc_create(desc, &d, attributes, engine, forward) : status;
}

static dnnl_status_t describe_addition(
    dnnl_primitive_desc_t *desc, dnnl_engine_t engine, onednn_desc source, onednn_desc second,
    onednn_desc target, dnnl_primitive_attr_t attributes) {
  dnnl_binary_desc_t d;
  dnnl_status_t status = dnnl_binary_desc_init(&d, dnnl_binary_add, source, second, target);
  return status == dnnl_success ? dnnl_primitive_desc_create(desc, &d, attributes, engine, NULL) : status;
}

#endif

onednn_result onednn_pooling_create(
    onednn_primitive **primitive, onednn_engine *engine, onednn_pass pass, const onednn_layout *source,
    const onednn_layout *target, const int64_t *kernel, const onednn_primitive *forward) {
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t desc = NULL;
  dnnl_status_t status = onednn_attributes_create(&attributes, NULL, 0, 0);
  if (status != dnnl_success) return status;
  const dnnl_dims_t windows = {kernel[0], kernel[1], kernel[2]};
  status = describe_pooling(
      &desc, engine->engine, pass, desc_of(source), desc_of(target), windows, attributes,
      forward ? forward->desc : NULL);
  dnnl_primitive_attr_destroy(attributes);
  return status == dnnl_success ? onednn_primitive_finish(primitive, desc) : status;
}

onednn_result onednn_normalization_create(
    onednn_primitive **primitive, onednn_engine *engine, onednn_pass pass, const onednn_layout *source,
    float epsilon, const onednn_primitive *forward) {
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t desc = NULL;
  dnnl_status_t status = onednn_attributes_create(&attributes, NULL, 0, 0);
  if (status != dnnl_success) return status;
  status = describe_normalization(
      &desc, engine->engine, pass, desc_of(source), epsilon, attributes, forward ? forward->desc : NULL);
  dnnl_primitive_attr_destroy(attributes);
  return status == dnnl_success ? onednn_primitive_finish(primitive, desc) : status;
}

onednn_result onednn_elu_create(
    onednn_primitive **primitive, onednn_engine *engine, onednn_pass pass, const onednn_layout *source,
    float alpha, const onednn_primitive *forward) {
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t desc = NULL;
  dnnl_status_t status = onednn_attributes_create(&attributes, NULL, 0, 0);
  if (status != dnnl_success) return status;
  status = describe_elu(
      &desc, engine->engine, pass, desc_of(source), alpha, attributes, forward ? forward->desc : NULL);
  dnnl_primitive_attr_destroy(attributes);
  return status == dnnl_success ? onednn_primitive_finish(primitive, desc) : status;
}

onednn_result onednn_addition_create(
    onednn_primitive **primitive, onednn_engine *engine, const onednn_layout *source,
    const onednn_layout *second, const onednn_layout *target) {
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t desc = NULL;
  dnnl_status_t status = onednn_attributes_create(&attributes, NULL, 0, 0);
  if (status != dnnl_success) return status;
  status = describe_addition(
      &desc, engine->engine, desc_of(source), desc_of(second), desc_of(target), attributes);
  dnnl_primitive_attr_destroy(attributes);
  return status == dnnl_success ? onednn_primitive_finish(primitive, desc) : status;
}

onednn_result onednn_reorder_create(
    onednn_primitive **primitive, onednn_engine *engine, const onednn_layout *source,
    const onednn_layout *target) {
  dnnl_primitive_attr_t attributes = NULL;
  dnnl_primitive_desc_t desc = NULL;
  dnnl_status_t status = onednn_attributes_create(&attributes, NULL, 0, 0);
  if (status != dnnl_success) return status;
  status = dnnl_reorder_primitive_desc_create(
      &desc, desc_of(source), engine->engine, desc_of(target), engine->engine, attributes);
  dnnl_primitive_attr_destroy(attributes);
  return status == dnnl_success ? onednn_primitive_finish(primitive, desc) : status;
}
