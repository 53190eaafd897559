#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One training step of RS-UNet here, in PyTorch, and the ceiling of its convolutions alone, in turn.

    compare-step.py [--rounds N] [--threads N] [--case NAME ...] [--precision bfloat16]

Each round runs every program once, so that other work on the machine hits all alike; the best round counts. Peak
memory is that of the process. VEMDB_TORCH_PYTHON names a python that has torch; VEMDB_STEP_CEILING names a program
that takes BATCH DEPTH HEIGHT WIDTH [fast] and prints "step SECONDS s"; either is left out where it is missing. The
peers compute in float32 whatever --precision is.
"""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CASES = {
    "published1": ("published", 1, 18, 160, 160),
    "published2": ("published", 2, 18, 160, 160),
    "fast2": ("fast", 2, 16, 96, 96),
}


def run(command, pattern):
    """The seconds that the output tells, and the process's peak memory in MiB."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    found = re.search(pattern, output)
    if child.returncode or not found:
        sys.exit(f"{command[0]} failed: {output}")
    return float(found.group(1)), usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3, help="steps in each round")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--case", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--without-torch", action="store_true")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    options = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    os.environ["OMP_NUM_THREADS"] = threads = str(options.threads)
    build = ["swift", "build", "-c", "release", "--package-path", str(HERE)]
    subprocess.run([*build, "--product", "compute"], check=True, stdout=sys.stderr)
    folder = subprocess.run([*build, "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    python = os.environ.get("VEMDB_TORCH_PYTHON")
    ceiling = os.environ.get("VEMDB_STEP_CEILING")
    for name in options.case:
        widths, batch, *size = CASES[name]
        numbers = [str(n) for n in size]
        fast = widths == "fast"
        programs = {
            "vemdb": ([f"{folder}/compute", "step", *numbers, widths, str(batch), threads, str(options.repeats), "none",
                       options.precision],
                      r"([\d.]+) s, processors")}
        if ceiling:
            programs["ceiling"] = ([ceiling, str(batch), *numbers, *(["fast"] if fast else [])], r"step ([\d.]+) s")
        if python and not options.without_torch:
            for layout in ("contiguous", "channels_last"):
                programs[f"torch {layout}"] = (
                    [python, str(HERE / "rsunet_pytorch.py"), "--step", str(batch), *numbers, "--layout", layout,
                     "--threads", threads, "--repeats", str(options.repeats), *(["--fast"] if fast else [])],
                    r"step \w+: ([\d.]+) s")
        best = {}
        for _ in range(options.rounds):
            for program, (command, pattern) in programs.items():
                seconds, memory = run(command, pattern)
                before = best.get(program, (seconds, memory))
                best[program] = (min(seconds, before[0]), max(memory, before[1]))
        print(f"{widths}, {batch} x {'x'.join(numbers)}, {threads} threads")
        for program, (seconds, memory) in best.items():
            print(f"  {program:20} {seconds:7.3f} s  peak {memory:6.0f} MiB")
        own = best["vemdb"][0]
        if "ceiling" in best:
            print(f"  vemdb / ceiling      {own / best['ceiling'][0]:.2f} (wanted: at most 1.35)")
        torch = [seconds for program, (seconds, _) in best.items() if program.startswith("torch")]
        if torch:
            print(f"  vemdb / torch        {own / min(torch):.2f}"
                  + ("" if fast else " (wanted: at most 0.65)"))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
