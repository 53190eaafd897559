// SPDX-License-Identifier: Apache-2.0
#include "internal.h"

static dnnl_status_t append(dnnl_post_ops_t steps, const onednn_step *step, onednn_desc channel) {
  switch (step->kind) {
#if DNNL_VERSION_MAJOR >= 3
    case ONEDNN_SUM: return dnnl_post_ops_append_sum(steps, 1, 0, dnnl_data_type_undef);
    case ONEDNN_ELU: return dnnl_post_ops_append_eltwise(steps, dnnl_eltwise_elu, step->alpha, 0);
#else
    case ONEDNN_SUM: return dnnl_post_ops_append_sum(steps, 1);
    case ONEDNN_ELU: return dnnl_post_ops_append_eltwise(steps, 1, dnnl_eltwise_elu, step->alpha, 0);
#endif
    case ONEDNN_MULTIPLY: return dnnl_post_ops_append_binary(steps, dnnl_binary_mul, channel);
    case ONEDNN_ADD: return dnnl_post_ops_append_binary(steps, dnnl_binary_add, channel);
  }
  return dnnl_invalid_arguments;
}

dnnl_status_t onednn_attributes_create(
    dnnl_primitive_attr_t *attributes, const onednn_step *steps, int count, int64_t channels) {
  dnnl_status_t status = dnnl_primitive_attr_create(attributes);
  if (status != dnnl_success) return status;
  status = dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
  dnnl_post_ops_t list = NULL;
  onednn_layout *channel = NULL;
  if (status == dnnl_success && count > 0) {
    const int64_t dims[ONEDNN_AXES] = {1, channels, 1, 1, 1}, strides[ONEDNN_AXES] = {channels, 1, 1, 1, 1};
    channel = onednn_layout_strided(ONEDNN_AXES, dims, strides, ONEDNN_FLOAT32);
    status = channel ? dnnl_post_ops_create(&list) : dnnl_out_of_memory;
    for (int i = 0; i < count && status == dnnl_success; i++)
      status = append(list, &steps[i], desc_of(channel));
    if (status == dnnl_success) status = dnnl_primitive_attr_set_post_ops(*attributes, list);
  }
  if (list) dnnl_post_ops_destroy(list);
  onednn_layout_destroy(channel);
  if (status != dnnl_success) {
    dnnl_primitive_attr_destroy(*attributes);
    *attributes = NULL;
  }
  return status;
}
