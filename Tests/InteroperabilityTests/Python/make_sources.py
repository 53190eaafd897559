# SPDX-License-Identifier: Apache-2.0
"""Writes image and label files as other programs write them: make_sources.py FOLDER."""

import pathlib
import sys

import numpy
import tifffile
from PIL import Image

folder = pathlib.Path(sys.argv[1])
random = numpy.random.default_rng(20251125)
depth, height, width = 21, 150, 203
z, y, x = numpy.mgrid[0:depth, 0:height, 0:width]


def texture(kind):
    """Something like membranes, over the whole range of `kind`."""
    wave = numpy.sin(x / 7 + numpy.sin(y / 11)) + numpy.cos(y / 9 + z / 3)
    noisy = (wave - wave.min()) / (wave.max() - wave.min()) * 0.9 + random.random(wave.shape) * 0.1
    if kind == "float32":
        return (noisy * 200 - 100).astype(kind)
    limits = numpy.iinfo(kind)
    return (noisy * (float(limits.max) - limits.min) * 0.99 + limits.min).astype(kind)


def save_slices(name, volume, first=0, mode=None):
    (folder / name).mkdir(parents=True)
    for number, plane in enumerate(volume):
        image = Image.fromarray(plane, mode) if mode else Image.fromarray(plane)
        image.save(folder / name / f"slice {first + number}.png")


folder.mkdir(parents=True, exist_ok=True)
for kind in ["uint8", "int8", "uint16", "int16", "uint32", "int32", "float32"]:
    compression = "lzw" if kind == "uint16" else "zlib"
    tifffile.imwrite(
        folder / f"{kind}.tif", texture(kind), compression=compression, photometric="minisblack"
    )
tifffile.imwrite(folder / "big-endian.tif", texture("uint16"), byteorder=">", photometric="minisblack")
tifffile.imwrite(
    folder / "imagej.tif",
    texture("uint8"),
    imagej=True,
    resolution=(1 / 0.008, 1 / 0.012),
    metadata={"spacing": 0.05, "unit": "um", "axes": "ZYX"},
)
save_slices("image", texture("uint8"))

blobs = ((x // 25 + y // 25 + z // 5) % 3 == 0) & ((x % 25 - 12) ** 2 + (y % 25 - 12) ** 2 < 90)
save_slices("mask", (blobs * 255).astype("uint8"))
ids = numpy.where(blobs, 1 + (x // 25) + 10 * (y // 25) + 100 * (z // 5), 0)
save_slices("ids", ids.astype("uint16"))
tifffile.imwrite(
    folder / "large-ids.tif", numpy.where(blobs, ids.astype("uint32") + 4_000_000_000, 0).astype("uint32"),
    compression="zlib", photometric="minisblack",
)
one = (folder / "palette")
one.mkdir()
for number in (3, 4):
    image = Image.fromarray(blobs[number].astype("uint8") * 2, "P")
    image.putpalette([0, 0, 0, 255, 0, 0, 0, 255, 0])
    image.save(one / f"mito_{number}.png")
