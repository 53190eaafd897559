// SPDX-License-Identifier: Apache-2.0
#include "CFuzzing.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

static volatile long current;

void fuzzing_begin(long number) { current = number; }

static void report(int signal_number) {
  char text[80] = "the process dies in input ";
  size_t length = strlen(text);
  char digits[24];
  size_t count = 0;
  unsigned long rest = (unsigned long)current;
  do digits[count++] = (char)('0' + rest % 10);
  while ((rest /= 10) > 0);
  while (count > 0) text[length++] = digits[--count];
  text[length++] = '\n';
  (void)!write(STDERR_FILENO, text, length);
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

void fuzzing_watch_signals(void) {
  const int numbers[] = {SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT, SIGFPE};
  for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) signal(numbers[index], report);
}
