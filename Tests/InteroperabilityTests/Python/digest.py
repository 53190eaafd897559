# SPDX-License-Identifier: Apache-2.0
"""Prints shape, type and SHA-256 of voxels (C order, little-endian), as one JSON object.

digest.py zarr|tensorstore ARRAY [--first N --count N] [--squeeze] an array of a Zarr group, by its folder
digest.py tifffile|pillow FILE... [--type T] [--nonzero] slices in the order given, stacked along z
"""

import argparse
import hashlib
import json
import sys

import numpy


def read_zarr(paths):
    import zarr

    return zarr.open_array(paths[0], mode="r")[...]


def read_tensorstore(paths):
    import tensorstore

    store = {"driver": "file", "path": paths[0]}
    return tensorstore.open({"driver": "zarr3", "kvstore": store}, open=True).result().read().result()


def read_tifffile(paths):
    import tifffile

    pages = [page.asarray() for path in paths for page in tifffile.TiffFile(path).pages]
    return numpy.stack(pages)


def read_pillow(paths):
    from PIL import Image

    slices = []
    for path in paths:
        with Image.open(path) as image:
            slices.append(numpy.asarray(image).astype("uint8") if image.mode == "1" else numpy.asarray(image))
    return numpy.stack(slices)


readers = {"zarr": read_zarr, "tensorstore": read_tensorstore, "tifffile": read_tifffile, "pillow": read_pillow}
parser = argparse.ArgumentParser()
parser.add_argument("reader", choices=readers)
parser.add_argument("paths", nargs="+")
parser.add_argument("--first", type=int, default=0, help="first slice")
parser.add_argument("--count", type=int, help="number of slices")
parser.add_argument("--region", help="ranges along the axes, as in 3:9,10:40,5:80")
parser.add_argument("--squeeze", action="store_true", help="leave out axes of one position")
parser.add_argument("--type", help="cast to this type")
parser.add_argument("--nonzero", action="store_true", help="1 where the value is not 0")
options = parser.parse_args()

voxels = readers[options.reader](options.paths)
if options.region:
    voxels = voxels[tuple(slice(*map(int, part.split(":"))) for part in options.region.split(","))]
if options.squeeze:
    voxels = voxels.squeeze()
stop = None if options.count is None else options.first + options.count
voxels = voxels[options.first:stop]
if options.nonzero:
    voxels = (voxels != 0).astype("uint8")
if options.type:
    voxels = voxels.astype(options.type)
voxels = numpy.ascontiguousarray(voxels.astype(voxels.dtype.newbyteorder("<")))
json.dump(
    {
        "shape": list(voxels.shape),
        "type": voxels.dtype.name,
        "sha256": hashlib.sha256(voxels.tobytes()).hexdigest(),
    },
    sys.stdout,
    sort_keys=True,
)
