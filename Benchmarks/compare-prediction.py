#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A whole volume by `vemdb predict`, from stored chunks to the committed version, beside PyTorch's published tiling.

    compare-prediction.py VEMDB RAW.tif [--size D H W] [--memory GIB ...] [--precision float32 bfloat16] [--fast]

RAW.tif is texture that fills the volume (numpy and tifffile read it). VEMDB_TORCH_PYTHON names a python that has
torch: it runs rsunet_pytorch.py, which extrapolates the published tiling from patches that it runs. VEMDB_CEILING
names a program that prints the million voxels a second of the network's primitives alone (arguments: DEPTH HEIGHT
WIDTH f|b [fast]). Everything runs in turn on the same machine; a ratio is printed for each run of vemdb.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import tempfile

import numpy
import tifffile

from measuring import measured


def run(arguments):
    return measured(arguments, stderr=subprocess.DEVNULL)


def write_slices(raw, folder, size):
    """Slices of `size` from the texture, mirrored where it is repeated, and labels of the first 18."""
    tile = tifffile.imread(raw)
    random = numpy.random.default_rng(0)
    for name in ("image", "labels"):
        (folder / name).mkdir()
    for z in range(size[0]):
        rows = []
        for _ in range(-(-size[1] // tile.shape[1])):
            parts = [tile[z % len(tile), :: random.choice([-1, 1]), :: random.choice([-1, 1])]
                     for _ in range(-(-size[2] // tile.shape[2]))]
            rows.append(numpy.concatenate(parts, axis=1))
        plane = numpy.concatenate(rows)[: size[1], : size[2]]
        tifffile.imwrite(folder / "image" / f"{z:04}.tif", plane)
        if z < 18:
            tifffile.imwrite(folder / "labels" / f"{z:04}.tif", (plane < 90).astype(numpy.uint8))


def peer(size, precision, fast):
    """Seconds that the published tiling takes in PyTorch; None without it."""
    python = os.environ.get("VEMDB_TORCH_PYTHON")
    if not python:
        return None
    script = pathlib.Path(__file__).with_name("rsunet_pytorch.py")
    words = [python, script, "--volume", *map(str, size)]
    words += ["--bfloat16"] * (precision == "bfloat16") + ["--fast"] * fast
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    print(text, end="", flush=True)
    return float(re.search(r"patches, (\d+) s", text)[1])


def ceiling(precision, fast):
    """Million voxels a second of the primitives alone; None without the program."""
    program = os.environ.get("VEMDB_CEILING")
    if not program:
        return None
    words = [program, "18", "320", "320", precision[0]] + ["fast"] * fast
    text = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    print(text, end="", flush=True)
    return float(re.search(r"([0-9.]+) Mvox/s", text)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("vemdb", type=pathlib.Path)
    parser.add_argument("raw", type=pathlib.Path)
    parser.add_argument("--size", type=int, nargs=3, default=[64, 1024, 1024])
    parser.add_argument("--memory", type=int, nargs="+", default=[4, 8, 12])
    parser.add_argument("--precision", nargs="+", default=["float32", "bfloat16"])
    parser.add_argument("--fast", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="vemdb-prediction-"))
    os.environ["VEMDB_DATABASE"] = str(folder / "lab.vemdb")
    vemdb = options.vemdb.resolve()
    try:
        write_slices(options.raw, folder, options.size)
        run([vemdb, "init", folder / "lab.vemdb"])
        run([vemdb, "dataset", "add", "a"])
        # The working voxels are the volume's own: nothing is resampled, as in the peer's work.
        run([vemdb, "ingest", "image", "a/em", folder / "image", "--voxel-size", "40,8,8nm"])
        run([vemdb, "ingest", "labels", "a/mito", folder / "labels", "--like", "a/em", "--at",
             "z=" + ",".join(map(str, range(min(18, options.size[0])))), "--classes", "mito=1"])
        run([vemdb, "train", "m", "--pair", "a/em,a/mito", "--class", "mito", "--steps", "1", "--batch", "1",
             "--voxel-size", "40,8,8nm", "--preset", "fast" if options.fast else "published"])
        voxels = options.size[0] * options.size[1] * options.size[2]
        for precision in options.precision:
            theirs, best = peer(options.size, precision, options.fast), ceiling(precision, options.fast)
            for memory in options.memory:
                name = f"a/{precision}-{memory}"
                seconds, processor, peak = run(
                    [vemdb, "predict", "m", "--on", "a/em", "--as", name, "--memory", f"{memory}GiB",
                     "--precision", precision])
                line = f"{precision} {memory:2} GiB: {seconds:.1f} s, processors {processor:.1f} s, peak {peak:.0f} MiB"
                line += f", {voxels / seconds / 1e6:.3f} million voxels/s"
                if theirs:
                    line += f", {theirs / seconds:.1f} x faster than the published tiling in PyTorch"
                if best:
                    line += f", {voxels / seconds / 1e6 / best:.2f} of the ceiling's rate"
                print(line, flush=True)
    finally:
        shutil.rmtree(folder)


main()
