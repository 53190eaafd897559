// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>

/// The largest block asked for since the last call, by any thread.
size_t fuzzing_take_largest_allocation(void);

/// Notes which input is run next, which is printed if the process dies of a signal.
void fuzzing_begin(long number);

/// Prints the input noted last when a trap, a fault or an abort ends the process.
void fuzzing_watch_signals(void);
