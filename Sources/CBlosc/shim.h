// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <blosc.h>

/// The most bytes that one buffer holds.
static const size_t blosc_max_buffer_size = BLOSC_MAX_BUFFERSIZE;
