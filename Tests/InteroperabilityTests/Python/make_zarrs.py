# SPDX-License-Identifier: Apache-2.0
"""Writes volumes with zarr-python as other programs lay them out: make_zarrs.py FOLDER."""

import pathlib
import sys

import numcodecs
import numpy
import zarr

folder = pathlib.Path(sys.argv[1])
random = numpy.random.default_rng(20261125)
shape = (37, 101, 83)
image = random.integers(0, 60000, shape, dtype="uint16")
labels = (random.integers(0, 5, shape) * 2**40).astype("uint64")


def describe(version, scale, translation, unit, extra=()):
    names = list(extra) + ["z", "y", "x"]
    kinds = {"t": "time", "c": "channel"}
    axes = [{"name": n, "type": kinds[n]} if n in kinds else {"name": n, "type": "space", "unit": unit} for n in names]
    transformations = [
        {"type": "scale", "scale": [1] * len(extra) + scale},
        {"type": "translation", "translation": [0] * len(extra) + translation},
    ]
    image = {"axes": axes, "datasets": [{"path": "s0", "coordinateTransformations": transformations}]}
    if version == "0.5":
        return {"ome": {"version": "0.5", "multiscales": [image]}}
    return {"multiscales": [image | {"version": version}]}


group = zarr.create_group(folder / "v05.zarr", zarr_format=3, attributes=describe("0.5", [0.04, 0.004, 0.0041], [1, 2, 3], "micrometer"))
group.create_array("s0", data=image, chunks=(16, 32, 32), shards=(16, 64, 64), dimension_names=["z", "y", "x"])
group = zarr.create_group(folder / "v04.zarr", zarr_format=2, attributes=describe("0.4", [40, 4, 4], [0, 0, 0], "nanometer", "tc"))
group.create_array(
    "s0", data=image[None, None], chunks=(1, 1, 10, 33, 50), compressors=numcodecs.GZip(3),
    chunk_key_encoding={"name": "v2", "separator": "/"},
)
zarr.create_array(folder / "plain3.zarr", data=image, chunks=(37, 20, 83), zarr_format=3)
zarr.create_array(folder / "plain2.zarr", data=image, chunks=(1, 101, 83), zarr_format=2, compressors=None, order="F")
group = zarr.create_group(folder / "ids.zarr", zarr_format=3, attributes=describe("0.5", [40, 4, 4.1], [0, 0, 0], "nanometer"))
group.create_array("s0", data=labels, chunks=(32, 32, 32), dimension_names=["z", "y", "x"])
