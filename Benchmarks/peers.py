# SPDX-License-Identifier: Apache-2.0
"""The work of `storage` (its cases image, slices, labels and growth) by another program.

usage: peers.py PEER CASE RAW.tif FOLDER [MIB]     PEER: tensorstore, zarrs, zarr-python

One process a peer and case, so that its peak memory is its own. Nothing waits for the disk.
"""

import os
import shutil
import sys
import time

import numpy as np
import tifffile

peer, case, raw, folder = sys.argv[1:5]
mebibytes = int(sys.argv[5]) if len(sys.argv) > 5 else 400
path = os.path.join(folder, f"{peer}.zarr")
CHUNK, SHARD = (64, 64, 64), (256, 256, 256)
STORE = {"driver": "zarr3", "kvstore": {"driver": "file", "path": path + "/"}}

if peer == "tensorstore":
    import tensorstore
else:
    import zarr

    if peer == "zarrs":
        import zarrs  # noqa: F401  (registers its pipeline)

        zarr.config.set({"codec_pipeline.path": "zarrs.ZarrsCodecPipeline"})


def side(element_bytes, step):
    return max(256, int((mebibytes * 2**20 / 256 / element_bytes) ** 0.5) // step * step)


def texture(shape):
    tile = tifffile.imread(raw)
    random = np.random.default_rng(0)
    volume = np.empty(shape, np.uint8)
    for k in range(0, shape[0], tile.shape[0]):
        for j in range(0, shape[1], tile.shape[1]):
            for i in range(0, shape[2], tile.shape[2]):
                flipped = tile[tuple(slice(None, None, random.choice([-1, 1])) for _ in range(3))]
                place = volume[k : k + tile.shape[0], j : j + tile.shape[1], i : i + tile.shape[2]]
                place[...] = flipped[: place.shape[0], : place.shape[1], : place.shape[2]]
    return volume


def labels(shape):
    """Cells of 64-bit ids with slanted borders, a third of them background; as in `Labels.swift`."""
    z, y, x = np.ogrid[: shape[0], : shape[1], : shape[2]]
    volume = np.empty(shape, np.uint64)
    for plane in range(shape[0]):
        row = (plane // 23) * 1009 + ((y[0] + plane // 7) // 37) * 17
        cell = (row + (x[0] + y[0] // 5) // 41).astype(np.uint64)
        volume[plane] = np.where(cell % 3 == 0, np.uint64(0), np.uint64(9_000_000_000_000_000_000) + cell)
    return volume


def create(shape, data_type):
    shutil.rmtree(path, ignore_errors=True)
    if peer == "tensorstore":
        zstd = {"name": "zstd", "configuration": {"level": 1, "checksum": False}}
        little = {"name": "bytes", "configuration": {"endian": "little"}}
        inner = [{"name": "bytes"} if data_type == "uint8" else little, zstd]
        sharding = {"chunk_shape": CHUNK, "codecs": inner, "index_codecs": [little, {"name": "crc32c"}]}
        metadata = {
            "shape": list(shape),
            "data_type": data_type,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": SHARD}},
            "codecs": [{"name": "sharding_indexed", "configuration": sharding}],
        }
        return tensorstore.open({**STORE, "metadata": metadata}, create=True).result()
    zstd = zarr.codecs.ZstdCodec(level=1)
    return zarr.create_array(
        path, shape=shape, chunks=CHUNK, shards=SHARD, dtype=data_type, compressors=zstd
    )


def reopened():
    return tensorstore.open(STORE).result() if peer == "tensorstore" else zarr.open_array(path, mode="r")


def write(array, volume, box=...):
    if peer == "tensorstore":
        array[box].write(volume).result()
    else:
        array[box] = volume


def read(array, box=...):
    return array[box].read().result() if peer == "tensorstore" else array[box]


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def cutouts(array):
    random = np.random.default_rng(1)
    places = [[int(random.integers(0, n - 96)) for n in array.shape] for _ in range(200)]
    boxes = [tuple(slice(p, p + 96) for p in place) for place in places]
    return seconds(lambda: [read(array, box) for box in boxes]) / 200


def peak():
    status = open("/proc/self/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def report(name, size, written, been_read, cutout):
    print(
        f"{name:20s} write {size / written:7.0f} MiB/s  read {size / been_read:7.0f} MiB/s"
        f"  96^3 cutout {cutout * 1e3:6.2f} ms  peak memory {peak():.0f} MiB",
        flush=True,
    )


if case == "growth":
    width = side(1, 256)
    array = create((256, width, width), "uint8")
    band = texture((256, 256, width))
    bands = [(slice(None), slice(y, y + 256), slice(None)) for y in range(0, width, 256)]
    written = seconds(lambda: [write(array, band, box) for box in bands])
    been_read = seconds(lambda: [read(array, box) for box in bands])
    size = 256 * width * width / 2**20
    report(f"{peer} {size / 1024:.1f} GiB", size, written, been_read, cutouts(array))
else:
    width = side(8, 64) if case == "labels" else side(1, 256)
    volume = (labels if case == "labels" else texture)((256, width, width))
    size = volume.nbytes / 2**20
    runs = 1 if case == "slices" else 3
    written = min(seconds(lambda: write(create(volume.shape, str(volume.dtype)), volume)) for _ in range(runs))
    array = reopened()
    if case == "slices":
        random = np.random.default_rng(3)
        means = []
        for axis in range(3):
            boxes = []
            for _ in range(12):
                place = int(random.integers(0, volume.shape[axis]))
                boxes.append(tuple(slice(place, place + 1) if a == axis else slice(None) for a in range(3)))
            means.append(seconds(lambda: [read(array, box) for box in boxes]) / 12)
        print(
            f"{peer + ' slices':20s} xy {means[0] * 1e3:6.2f} ms  xz {means[1] * 1e3:6.2f} ms"
            f"  yz {means[2] * 1e3:6.2f} ms",
            flush=True,
        )
    else:
        been_read = min(seconds(lambda: read(array)) for _ in range(3))
        report(peer + (" labels" if case == "labels" else ""), size, written, been_read, cutouts(array))
shutil.rmtree(path, ignore_errors=True)
