#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Benchmarks/compare-compute.sh [DEPTH HEIGHT WIDTH [MEBIBYTES [THREADS]]]: how fast RS-UNet is computed here and
# by PyTorch, in the same minutes. VEMDB_TORCH_PYTHON names a python that has torch; without it one is made beside
# this script from PyPI. VEMDB_CEILING names a program that prints what the library alone can do, if there is one.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
depth=${1:-64} height=${2:-1024} width=${3:-1024} memory=${4:-12288} threads=${5:-$(nproc)}
python=${VEMDB_TORCH_PYTHON:-$project/Benchmarks/.venv-torch/bin/python}
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive} OMP_NUM_THREADS=$threads
if [ ! -x "$python" ]; then
  python3 -m venv "$project/Benchmarks/.venv-torch"
  "$python" -m pip install -q torch numpy
fi
swift build -c release --package-path "$project/Benchmarks" --product compute >&2
compute=$(swift build -c release --package-path "$project/Benchmarks" --show-bin-path)/compute

for widths in published fast; do
  "$compute" forward 18 160 160 "$widths" "$threads"
  "$python" "$project/Benchmarks/rsunet_pytorch.py" --volume "$depth" "$height" "$width" --threads "$threads" \
    $([ "$widths" = fast ] && echo --fast)
  [ -z "${VEMDB_CEILING:-}" ] || "$VEMDB_CEILING" 18 160 160 f $([ "$widths" = fast ] && echo fast)
  "$compute" stream "$depth" "$height" "$width" "$widths" "$threads" "$memory"
  "$compute" stream "$depth" "$height" "$width" "$widths" "$threads" "$memory" bfloat16
done
