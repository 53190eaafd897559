// SPDX-License-Identifier: Apache-2.0
// The part of oneDNN that networks need, behind names that are the same for oneDNN 2 and oneDNN 3.
//
// Arrays have the axes N, C, D, H, W; weights O, I, D, H, W. Every function that can fail gives an
// onednn_result, 0 for success. Objects are made by *_create and the constructors below, and given back
// by the matching *_destroy. None of them may be used from two threads at once.
#pragma once
#include <stdint.h>

#define ONEDNN_AXES 5

typedef int onednn_result;
typedef struct onednn_engine onednn_engine;
typedef struct onednn_layout onednn_layout;
typedef struct onednn_primitive onednn_primitive;
typedef struct onednn_memory onednn_memory;

/// What a result that is not 0 means.
const char *onednn_result_text(onednn_result result);

/// The version of the library that is loaded: major·10000 + minor·100 + patch.
int onednn_version(void);

/// How many threads the calling thread's primitives use from now on.
void onednn_set_threads(int count);

onednn_result onednn_engine_create(onednn_engine **engine);
void onednn_engine_destroy(onednn_engine *engine);

// Layouts: how an array lies in memory.

typedef enum { ONEDNN_FLOAT32, ONEDNN_BFLOAT16 } onednn_type;

/// Whether this CPU multiplies bfloat16 by instructions of its own.
int onednn_has_bfloat16(void);

/// Leaves the layout to the primitive that is asked for it.
onednn_layout *onednn_layout_any(int rank, const int64_t *dims, onednn_type type);

/// Elements in the order that the strides say (in elements).
onednn_layout *onednn_layout_strided(
    int rank, const int64_t *dims, const int64_t *strides, onednn_type type);

/// The box of `dims` that begins at `offsets` in an array of `layout`; NULL where blocks would be cut.
onednn_layout *onednn_layout_part(
    const onednn_layout *layout, const int64_t *dims, const int64_t *offsets);

onednn_layout *onednn_layout_copy(const onednn_layout *layout);
void onednn_layout_destroy(onednn_layout *layout);
int onednn_layout_equal(const onednn_layout *a, const onednn_layout *b);
int64_t onednn_layout_bytes(const onednn_layout *layout);

/// The number of channels that lie side by side in blocks (8 or 16) if the array is N, C / block, D, H,
/// W, block without gaps; 0 for any other layout.
int onednn_layout_channel_block(const onednn_layout *layout);

/// Whether the channels of each voxel lie side by side and the array has no gaps.
int onednn_layout_is_channels_last(const onednn_layout *layout);

/// An array of `dims` without gaps, its axes in the order and the blocks of `layout`.
onednn_layout *onednn_layout_alike(const onednn_layout *layout, const int64_t *dims, onednn_type type);

// Primitives.

typedef enum {
  ONEDNN_INFERENCE,
  ONEDNN_TRAINING,
  ONEDNN_BACKWARD_DATA,
  ONEDNN_BACKWARD_WEIGHTS,
} onednn_pass;

typedef enum { ONEDNN_SUM, ONEDNN_ELU, ONEDNN_MULTIPLY, ONEDNN_ADD } onednn_step_kind;

/// What a convolution does to its result before writing it: adds what stood there, applies the ELU, or
/// multiplies or adds one number a channel (the argument onednn_step_argument(position)).
typedef struct {
  onednn_step_kind kind;
  float alpha;
} onednn_step;

typedef struct {
  const onednn_layout *source, *weights, *target;
  int64_t strides[3], padding[3];
  int64_t output_channels;
} onednn_convolution;

/// For the backward passes the layouts are those of the gradients, and `forward` is the training one.
onednn_result onednn_convolution_create(
    onednn_primitive **primitive, onednn_engine *engine, onednn_pass pass, int is_transposed,
    const onednn_convolution *convolution, const onednn_step *steps, int step_count,
    const onednn_primitive *forward);

/// The largest value of windows that do not overlap; `forward` for the backward pass only.
onednn_result onednn_pooling_create(
    onednn_primitive **primitive, onednn_engine *engine, onednn_pass pass, const onednn_layout *source,
    const onednn_layout *target, const int64_t *kernel, const onednn_primitive *forward);

/// Normalisation with scale and shift: ONEDNN_INFERENCE by statistics given, ONEDNN_TRAINING by the
/// array's own.
onednn_result onednn_normalization_create(
    onednn_primitive **primitive, onednn_engine *engine, onednn_pass pass, const onednn_layout *source,
    float epsilon, const onednn_primitive *forward);

/// The exponential linear unit; its backward pass takes the result (target) and not the source.
onednn_result onednn_elu_create(
    onednn_primitive **primitive, onednn_engine *engine, onednn_pass pass, const onednn_layout *source,
    float alpha, const onednn_primitive *forward);

/// source + second → target, which may be either of them.
onednn_result onednn_addition_create(
    onednn_primitive **primitive, onednn_engine *engine, const onednn_layout *source,
    const onednn_layout *second, const onednn_layout *target);

/// Copies source into the other layout of target.
onednn_result onednn_reorder_create(
    onednn_primitive **primitive, onednn_engine *engine, const onednn_layout *source,
    const onednn_layout *target);

void onednn_primitive_destroy(onednn_primitive *primitive);

/// The name of the implementation that was chosen; lives as long as the primitive.
const char *onednn_primitive_name(const onednn_primitive *primitive);

typedef enum {
  ONEDNN_SOURCE,
  ONEDNN_SECOND,
  ONEDNN_WEIGHTS,
  ONEDNN_BIAS,
  ONEDNN_TARGET,
  ONEDNN_SOURCE_GRADIENT,
  ONEDNN_WEIGHTS_GRADIENT,
  ONEDNN_BIAS_GRADIENT,
  ONEDNN_TARGET_GRADIENT,
  ONEDNN_WORKSPACE,
  ONEDNN_SCRATCHPAD,
  ONEDNN_MEAN,
  ONEDNN_VARIANCE,
  ONEDNN_SCALE,
  ONEDNN_SHIFT,
  ONEDNN_SCALE_GRADIENT,
  ONEDNN_SHIFT_GRADIENT,
  /// The first of ONEDNN_STEPS arguments, one for each step's array.
  ONEDNN_STEP_0,
} onednn_argument;

/// The layout that the primitive has chosen for one of source, weights, bias, target, their gradients,
/// workspace and scratchpad; NULL if there is none.
onednn_layout *onednn_primitive_layout(const onednn_primitive *primitive, onednn_argument argument);

/// An array in memory that the caller keeps.
onednn_result onednn_memory_create(
    onednn_memory **memory, onednn_engine *engine, const onednn_layout *layout, void *bytes);
void onednn_memory_destroy(onednn_memory *memory);

typedef struct {
  int argument;
  onednn_memory *memory;
} onednn_binding;

/// Runs a primitive to its end.
onednn_result onednn_primitive_run(
    const onednn_primitive *primitive, onednn_engine *engine, const onednn_binding *bindings, int count);
