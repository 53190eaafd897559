// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Tells the CPU that a loop waits for another thread, so that it saves power and leaves the core's units to
/// the thread beside it.
static inline void cpu_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  __asm__ volatile("yield");
#endif
}
