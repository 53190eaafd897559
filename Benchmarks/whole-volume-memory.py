#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Peak memory and time of `vemdb instances`, `evaluate` and `predict` as a volume grows.

    whole-volume-memory.py VEMDB [GIGAVOXELS …]        (default: 0.1 0.4 1.6 4)

Slices of 2000 x 2000 voxels with rods, about 2300 objects every 25 slices; `predict` runs the tiny network that
docs/model-json.md describes, within 2 GiB. Needs 5 GB of disk under $TMPDIR.
"""
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile

from measuring import measured

SIDE = 2000


def slice_bytes(z, shift):
    """A TIFF of rods that are cut every 25 slices, moved by `shift` voxels."""
    rows = []
    for y in range(40):
        row = bytearray(SIDE)
        for x in range(SIDE):
            dy, dx = (y + z) % 40 - 20, (x + shift + 2 * z) % 44 - 22
            if dy * dy + dx * dx < 260 and z % 25 != 24:
                row[x] = 255
        rows.append(bytes(row))
    tags = [
        (256, 4, SIDE), (257, 4, SIDE), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 150),
        (277, 3, 1), (278, 4, SIDE), (279, 4, SIDE * SIDE),
    ]
    head = struct.pack("<2sHIH", b"II", 42, 8, len(tags))
    for tag, kind, value in tags:
        head += struct.pack("<HHI", tag, kind, 1)
        head += struct.pack("<I", value) if kind == 4 else struct.pack("<HH", value, 0)
    head += struct.pack("<I", 0)
    return head.ljust(150, b"\0") + b"".join(rows[y % 40] for y in range(SIDE))


def tiny_network(path):
    """The example of the manual, as a file."""
    manual = pathlib.Path(__file__).parent.parent / "docs" / "model-json.md"
    path.write_text(manual.read_text().split("```json")[1].split("```")[0])


def main():
    vemdb = sys.argv[1]
    sizes = [float(size) for size in sys.argv[2:]] or [0.1, 0.4, 1.6, 4]
    folder = tempfile.mkdtemp(prefix="vemdb-memory-")
    try:
        period = 100
        for name, shift in (("truth", 0), ("pred", 3)):
            os.mkdir(f"{folder}/{name}-slices")
            for z in range(period):
                with open(f"{folder}/{name}-slices/{z:03}.tif", "wb") as file:
                    file.write(slice_bytes(z, shift))
        tiny_network(pathlib.Path(folder, "tiny.json"))
        print("| gigavoxels | instances MiB | s | by distance MiB | s | evaluate MiB | s | voxels only MiB | s "
              "| predict MiB | s |", "|---" * 11 + "|", sep="\n")
        for size in sizes:
            depth = round(size * 1e9 / SIDE / SIDE)
            database = f"{folder}/lab-{size}.vemdb"
            subprocess.check_call([vemdb, "init", database], stdout=subprocess.DEVNULL)
            here = ["--database", database]
            subprocess.check_call([vemdb, "dataset", "add", "d", *here], stdout=subprocess.DEVNULL)
            for name in ("truth", "pred"):
                stack = f"{folder}/{name}-{size}"
                os.mkdir(stack)
                for z in range(depth):
                    os.symlink(f"{folder}/{name}-slices/{z % period:03}.tif", f"{stack}/{z:05}.tif")
            ingest = [vemdb, "ingest"]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            subprocess.check_call(
                ingest + ["image", "d/em", f"{folder}/truth-{size}", "--voxel-size", "40,8,8nm", *here], **quiet)
            for kind, name in (("labels", "truth"), ("prediction", "pred")):
                subprocess.check_call(
                    ingest + [kind, f"d/{name}", f"{folder}/{name}-{size}", "--like", "d/em", "--classes",
                              "mito=255", *here], **quiet)
            train = ["train", "tiny", "--architecture", f"{folder}/tiny.json", "--pair", "d/em,d/truth", "--class", "mito",
                     "--steps", "10", "--slices", "4"]
            subprocess.check_call([vemdb, *train, *here], **quiet)
            runs = [
                ["instances", "d/pred", "--as", "d/objects", "--fill-holes"],
                ["instances", "d/pred", "--as", "d/parted", "--watershed", "distance", "--distance-limit", "200"],
                ["evaluate", "d/pred", "--against", "d/truth", "--distance-limit", "200", "--bootstrap", "1000"],
                ["evaluate", "d/pred", "--against", "d/truth", "--voxels-only"],
                ["predict", "tiny", "--on", "d/em", "--as", "d/found", "--memory", "2GiB"],
            ]
            figures = [measured([vemdb, *words, *here]) for words in runs]
            print(f"| {size} | " + " | ".join(f"{peak:.0f} | {seconds:.1f}" for seconds, _, peak in figures) + " |",
                  flush=True)
            shutil.rmtree(database)
    finally:
        shutil.rmtree(folder)


main()
