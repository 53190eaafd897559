# SPDX-License-Identifier: Apache-2.0
"""Compares what `vemdb query` says of random regions with a look at every voxel of the source files.

check_queries.py VEMDB DATABASE DATA     DATABASE holds vnc, medulla and hela as QueryNumbersTests ingests them
"""

import json
import pathlib
import random
import subprocess
import sys

import numpy
import tifffile
from PIL import Image

program, database, data = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
random.seed(7)
checks = 0


def check(condition, *facts):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"check {checks} failed: {facts}")


def slices(folder):
    stack = []
    for path in sorted((data / folder).glob("*.png")):
        with Image.open(path) as image:
            voxels = numpy.asarray(image).astype("uint8")
            stack.append(voxels * 255 if image.mode == "1" else voxels)
    return numpy.stack(stack)


def region_of(shape):
    bounds = [sorted(random.sample(range(size + 1), 2)) for size in shape]
    text = ",".join(f"{axis}={first}:{end}" for axis, (first, end) in zip("zyx", bounds))
    return text, tuple(slice(first, end) for first, end in bounds)


def query(reference, region, *options):
    command = [program, "query", reference, "-d", database, "--region", region, "--format", "json", *options]
    outcome = subprocess.run(command, capture_output=True, text=True)
    if outcome.returncode != 0:
        sys.exit(outcome.stderr)
    return {item["ref"]: item for item in json.loads(outcome.stdout)["items"]}


def check_class(item, name, expected, voxel_um3):
    found = next(one for one in item["voxels"] if one["class"] == name)
    check(int(found["voxels"]) == expected, item["ref"], name, found, int(expected))
    check(abs(found["um3"] - expected * voxel_um3) < 1e-9, item["ref"], name)


def check_objects(item, whole, part, voxel_nm):
    found = {int(one["id"]): one for one in item["instances"]}
    ids, inside = numpy.unique(part[part > 0], return_counts=True)
    check(set(found) == set(ids.tolist()), item["ref"], set(found) ^ set(ids.tolist()))
    totals = dict(zip(*(one.tolist() for one in numpy.unique(whole, return_counts=True))))
    for number, count in zip(ids.tolist(), inside.tolist()):
        check(int(found[number]["voxels_in_region"]) == count, item["ref"], number)
        check(int(found[number]["voxels"]) == totals[number], item["ref"], number)
    for number in random.sample(ids.tolist(), min(4, len(ids))):
        places = numpy.argwhere(whole == number)
        check(found[number]["box"] == [places.min(0).tolist(), (places.max(0) + 1).tolist()], number)
        check(numpy.allclose(found[number]["centroid_nm"], places.mean(0) * voxel_nm), number)


mitochondria = slices("vnc-drosophila-sstem/mitochondria") > 0
tissue = slices("vnc-drosophila-sstem/labels")
parts = {
    "membrane": (0, 32, 64, 96),
    "membrane_junction": (128,),
    "glia": (159,),
    "mitochondrion": (191,),
    "synapse": (223,),
}
for _ in range(8):
    region, box = region_of(mitochondria.shape)
    answer = query("vnc", region)
    check(answer["vnc/mito@1"]["covered_fraction"] == 1)
    check_class(answer["vnc/mito@1"], "mitochondrion", mitochondria[box].sum(), 45 * 4.6 * 4.6e-9)
    for name, values in parts.items():
        expected = numpy.isin(tissue[box], values).sum()
        check_class(answer["vnc/map@1"], name, expected, 45 * 4.6 * 4.6e-9)

bodies = tifffile.imread(data / "medulla-drosophila-fibsem/neuron_bodies_uint32.tif")
for _ in range(8):
    region, box = region_of(bodies.shape)
    answer = query("medulla", region, "--instances")["medulla/bodies@1"]
    check_class(answer, "neuron", (bodies[box] > 0).sum(), 1e-6)
    check_objects(answer, bodies, bodies[box], [10, 10, 10])

cells = numpy.zeros((121, 960, 960), "uint32")
for z in (1, 30, 60, 116):
    cells[z] = tifffile.imread(data / f"hela-sbfsem/mito_instances/z{z:04d}.tif")
labelled = numpy.isin(numpy.arange(121), (1, 30, 60, 116))
for _ in range(8):
    region, box = region_of(cells.shape)
    answer = query("hela", region, "--instances")
    covered = labelled[box[0]]
    check(bool(answer) == bool(covered.any()), region)
    if covered.any():
        item = answer["hela/mito@1"]
        check(abs(item["covered_fraction"] - covered.mean()) < 1e-12, region)
        check_class(item, "mitochondrion", (cells[box] > 0).sum(), 5e-6)
        check_objects(item, cells, cells[box], [50, 10, 10])
print(checks, "checks")
