# SPDX-License-Identifier: Apache-2.0
"""What a program takes, for the scripts beside this one."""
import os
import subprocess
import sys
import time


def measured(arguments, stderr=None):
    """Seconds, processor seconds and peak MiB of a program whose output is not wanted; ends with it if it fails."""
    start = time.monotonic()
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=stderr)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{' '.join(map(str, arguments))} failed")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
