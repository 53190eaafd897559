// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include <dlfcn.h>

#include "internal.h"

const char *onednn_result_text(onednn_result result) {
  switch (result) {
    case dnnl_success: return "success";
    case dnnl_out_of_memory: return "out of memory";
    case dnnl_invalid_arguments: return "invalid arguments";
    case dnnl_unimplemented: return "not implemented for this CPU, shape or layout";
    case dnnl_runtime_error: return "failure while running";
    default: return "unknown failure";
  }
}

int onednn_version(void) {
  const dnnl_version_t *version = dnnl_version();
  return version->major * 10000 + version->minor * 100 + version->patch;
}

int onednn_has_bfloat16(void) {
  const int isa = dnnl_get_effective_cpu_isa();
  return (isa & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
}

void onednn_set_threads(int count) {
  // By name, because a oneDNN built for another runtime has no OpenMP to link.
  void (*set)(int) = (void (*)(int))dlsym(RTLD_DEFAULT, "omp_set_num_threads");
  if (set) set(count);
}

onednn_result onednn_engine_create(onednn_engine **engine) {
  *engine = calloc(1, sizeof **engine);
  if (!*engine) return dnnl_out_of_memory;
  dnnl_status_t status = dnnl_engine_create(&(*engine)->engine, dnnl_cpu, 0);
  if (status == dnnl_success)
    status = dnnl_stream_create(&(*engine)->stream, (*engine)->engine, dnnl_stream_in_order);
  if (status == dnnl_success) return status;
  onednn_engine_destroy(*engine);
  *engine = NULL;
  return status;
}

void onednn_engine_destroy(onednn_engine *engine) {
  if (!engine) return;
  if (engine->stream) dnnl_stream_destroy(engine->stream);
  if (engine->engine) dnnl_engine_destroy(engine->engine);
  free(engine);
}

dnnl_status_t onednn_primitive_finish(onednn_primitive **primitive, dnnl_primitive_desc_t desc) {
  *primitive = calloc(1, sizeof **primitive);
  if (!*primitive) {
    dnnl_primitive_desc_destroy(desc);
    return dnnl_out_of_memory;
  }
  (*primitive)->desc = desc;
  dnnl_status_t status = dnnl_primitive_create(&(*primitive)->primitive, desc);
  if (status == dnnl_success) return status;
  onednn_primitive_destroy(*primitive);
  *primitive = NULL;
  return status;
}

void onednn_primitive_destroy(onednn_primitive *primitive) {
  if (!primitive) return;
  if (primitive->primitive) dnnl_primitive_destroy(primitive->primitive);
  if (primitive->desc) dnnl_primitive_desc_destroy(primitive->desc);
  free(primitive);
}

const char *onednn_primitive_name(const onednn_primitive *primitive) {
  const char *name = NULL;
  dnnl_primitive_desc_query(primitive->desc, dnnl_query_impl_info_str, 0, (void *)&name);
  return name ? name : "";
}

onednn_layout *onednn_primitive_layout(const onednn_primitive *primitive, onednn_argument argument) {
  dnnl_query_t query;
  int index = 0;
  switch (argument) {
    case ONEDNN_SOURCE: query = dnnl_query_src_md; break;
    case ONEDNN_SECOND: query = dnnl_query_src_md, index = 1; break;
    case ONEDNN_WEIGHTS: query = dnnl_query_weights_md; break;
    case ONEDNN_BIAS: query = dnnl_query_weights_md, index = 1; break;
    case ONEDNN_TARGET: query = dnnl_query_dst_md; break;
    case ONEDNN_SOURCE_GRADIENT: query = dnnl_query_diff_src_md; break;
    case ONEDNN_WEIGHTS_GRADIENT: query = dnnl_query_diff_weights_md; break;
    case ONEDNN_BIAS_GRADIENT: query = dnnl_query_diff_weights_md, index = 1; break;
    case ONEDNN_TARGET_GRADIENT: query = dnnl_query_diff_dst_md; break;
    case ONEDNN_WORKSPACE: query = dnnl_query_workspace_md; break;
    case ONEDNN_SCRATCHPAD: query = dnnl_query_scratchpad_md; break;
    default: return NULL;
  }
  onednn_desc desc = dnnl_primitive_desc_query_md(primitive->desc, query, index);
  if (!desc || dnnl_memory_desc_get_size(desc) == 0) return NULL;
  return onednn_layout_of(desc);
}

onednn_result onednn_memory_create(
    onednn_memory **memory, onednn_engine *engine, const onednn_layout *layout, void *bytes) {
  *memory = calloc(1, sizeof **memory);
  if (!*memory) return dnnl_out_of_memory;
  dnnl_status_t status = dnnl_memory_create(&(*memory)->memory, desc_of(layout), engine->engine, bytes);
  if (status == dnnl_success) return status;
  free(*memory);
  *memory = NULL;
  return status;
}

void onednn_memory_destroy(onednn_memory *memory) {
  if (!memory) return;
  dnnl_memory_destroy(memory->memory);
  free(memory);
}

static int library_argument(int argument) {
  switch (argument) {
    case ONEDNN_SOURCE: return DNNL_ARG_SRC;
    case ONEDNN_SECOND: return DNNL_ARG_SRC_1;
    case ONEDNN_WEIGHTS: return DNNL_ARG_WEIGHTS;
    case ONEDNN_BIAS: return DNNL_ARG_BIAS;
    case ONEDNN_TARGET: return DNNL_ARG_DST;
    case ONEDNN_SOURCE_GRADIENT: return DNNL_ARG_DIFF_SRC;
    case ONEDNN_WEIGHTS_GRADIENT: return DNNL_ARG_DIFF_WEIGHTS;
    case ONEDNN_BIAS_GRADIENT: return DNNL_ARG_DIFF_BIAS;
    case ONEDNN_TARGET_GRADIENT: return DNNL_ARG_DIFF_DST;
    case ONEDNN_WORKSPACE: return DNNL_ARG_WORKSPACE;
    case ONEDNN_SCRATCHPAD: return DNNL_ARG_SCRATCHPAD;
    case ONEDNN_MEAN: return DNNL_ARG_MEAN;
    case ONEDNN_VARIANCE: return DNNL_ARG_VARIANCE;
    case ONEDNN_SCALE: return DNNL_ARG_SCALE;
    case ONEDNN_SHIFT: return DNNL_ARG_SHIFT;
    case ONEDNN_SCALE_GRADIENT: return DNNL_ARG_DIFF_SCALE;
    case ONEDNN_SHIFT_GRADIENT: return DNNL_ARG_DIFF_SHIFT;
    default: return DNNL_ARG_ATTR_MULTIPLE_POST_OP(argument - ONEDNN_STEP_0) | DNNL_ARG_SRC_1;
  }
}

onednn_result onednn_primitive_run(
    const onednn_primitive *primitive, onednn_engine *engine, const onednn_binding *bindings, int count) {
  dnnl_exec_arg_t arguments[16];
  if (count > 16) return dnnl_invalid_arguments;
  for (int i = 0; i < count; i++) {
    arguments[i].arg = library_argument(bindings[i].argument);
    arguments[i].memory = bindings[i].memory->memory;
  }
  dnnl_status_t status = dnnl_primitive_execute(primitive->primitive, engine->stream, count, arguments);
  return status == dnnl_success ? dnnl_stream_wait(engine->stream) : status;
}
