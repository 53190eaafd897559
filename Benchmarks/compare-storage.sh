#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Benchmarks/compare-storage.sh RAW.tif [MIB [ROUNDS]]: how fast arrays are written and read by vemdb and, on the
# same machine in turn, by tensorstore, zarrs and zarr-python. Prints the best of the rounds and the ratios.
# The peers run by the python that VEMDB_PYTHON names (zarr, zarrs, tensorstore, tifffile) with the script that
# VEMDB_PEERS names (default: ../shared/bench/storage_peers.py beside the project, else peers.py in this folder).
# VEMDB_CASES="slices labels growth" adds cases, which peers.py runs, one process each; VEMDB_GROWTH is the size
# of the last in MiB (default 8192: as much free space on disk is needed twice).
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
raw=${1:?usage: compare-storage.sh RAW.tif [MIB [ROUNDS]]}
mib=${2:-400} rounds=${3:-3}
peers=${VEMDB_PEERS:-$project/../shared/bench/storage_peers.py}
python=${VEMDB_PYTHON:-python3}

swift build -c release --package-path "$project/Benchmarks" --product storage >&2
storage=$(swift build -c release --package-path "$project/Benchmarks" --show-bin-path)/storage
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

image() {
  "$storage" "$raw" "$folder" "$mib"
  if [ -f "$peers" ]; then
    "$python" "$peers" "$raw" "$folder" "$mib"
  else
    for peer in tensorstore zarrs zarr-python; do
      "$python" "$project/Benchmarks/peers.py" "$peer" image "$raw" "$folder" "$mib"
    done
  fi
}

for _ in $(seq "$rounds"); do image; done | tee /dev/stderr | awk '
  $2 == "write" && $5 == "read" {
    if (!($1 in write)) order[++count] = $1
    if ($3 > write[$1]) write[$1] = $3
    if ($6 > read[$1]) read[$1] = $6
    if (!($1 in cutout) || $10 < cutout[$1]) cutout[$1] = $10
  }
  END {
    print "\nbest of the rounds"
    for (i = 1; i <= count; i++) {
      name = order[i]
      printf "%-14s write %7.0f MiB/s  read %7.0f MiB/s  96^3 cutout %6.2f ms\n", name, write[name], read[name], cutout[name]
      if (name != "vemdb" && read[name] > best) best = read[name]
    }
    printf "write %.2f x tensorstore (wanted: 1.4)\n", write["vemdb"] / write["tensorstore"]
    printf "read %.2f x the best peer (wanted: 1.2)\n", read["vemdb"] / best
    printf "cutout %.2f x the time of tensorstore (wanted: 0.6)\n", cutout["vemdb"] / cutout["tensorstore"]
  }'

threads=$(getconf _NPROCESSORS_ONLN)
echo
"$storage" "$raw" "$folder" "$mib" "$threads" ceilings durable
for case in ${VEMDB_CASES:-}; do
  size=$mib
  [ "$case" = growth ] && size=${VEMDB_GROWTH:-8192}
  echo
  "$storage" "$raw" "$folder" "$size" "$threads" "$case"
  for peer in tensorstore zarrs; do
    "$python" "$project/Benchmarks/peers.py" "$peer" "$case" "$raw" "$folder" "$size"
  done
done
