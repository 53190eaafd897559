# SPDX-License-Identifier: Apache-2.0
"""Arrays by other programs, beside what they hold: NAME is a Zarr array, NAME.raw its elements in C order.

zarr_peers.py write FOLDER    each data type by each layout, by zarr-python and by tensorstore
zarr_peers.py read FOLDER     reads every array by each program and compares; prints what differs
"""

import json
import pathlib
import sys

import numpy
import tensorstore
import zarr
from zarr.codecs import BytesCodec, Crc32cCodec, GzipCodec, TransposeCodec, ZstdCodec

types = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
types += ["float16", "float32", "float64"]
shape, chunk, shard = (5, 13, 21), (2, 4, 5), (4, 8, 10)
fill = {"bool": True, "float16": float("nan"), "float32": float("-inf"), "float64": 0.1}
fill |= {"uint64": 2**63 + 1, "int64": -(2**53) - 1}


def elements(kind, seed):
    """Numbers over the whole range; zeros and the fill value over some chunks."""
    random = numpy.random.default_rng(seed)
    if kind == "bool":
        values = random.random(shape) < 0.5
    elif kind.startswith("float"):
        values = random.standard_normal(shape).astype(kind)
        values[0, 0, :4] = [numpy.nan, numpy.inf, -numpy.inf, -0.0]
    else:
        limits = numpy.iinfo(kind)
        values = random.integers(limits.min, limits.max, shape, dtype=kind, endpoint=True)
    values[:, :4, :5] = 0
    values[0:4, 8:13, 10:20] = fill.get(kind, 7)
    return values


def zarr_layouts(kind):
    little, big = BytesCodec(endian="little"), BytesCodec(endian="big")
    zstd = ZstdCodec(level=3, checksum=True)
    return {
        "raw": dict(chunks=chunk, serializer=little, compressors=None),
        "zstd": dict(
            chunks=chunk, compressors=[ZstdCodec(level=1)], chunk_key_encoding={"name": "v2", "separator": "/"}
        ),
        "gzip": dict(chunks=chunk, serializer=little, compressors=[GzipCodec(level=5)]),
        "big": dict(chunks=chunk, serializer=big, compressors=[Crc32cCodec(), zstd]),
        "transposed": dict(
            chunks=chunk,
            filters=[TransposeCodec(order=(2, 0, 1)), TransposeCodec(order=(1, 0, 2))],
            compressors=[zstd],
        ),
        "sharded": dict(
            chunks=chunk,
            shards=shard,
            compressors=[ZstdCodec(level=1)],
            chunk_key_encoding={"name": "default", "separator": "."},
        ),
        "sharded-start": dict(
            chunks=chunk,
            shards={"shape": shard, "index_location": "start"},
            serializer=big,
            compressors=[zstd, Crc32cCodec()],
        ),
    }


def tensorstore_layouts(kind):
    bytes_codec = {"name": "bytes", "configuration": {"endian": "little"}}
    zstd = {"name": "zstd", "configuration": {"level": 1, "checksum": False}}
    transpose = {"name": "transpose", "configuration": {"order": [2, 1, 0]}}
    index = [bytes_codec, {"name": "crc32c"}]

    def sharding(shape, codecs, location="end"):
        configuration = {"chunk_shape": shape, "codecs": codecs, "index_codecs": index}
        configuration["index_location"] = location
        return {"name": "sharding_indexed", "configuration": configuration}

    return {
        "sharded": [sharding(chunk, [bytes_codec, zstd])],
        "transposed-inside": [sharding(chunk, [transpose, bytes_codec, zstd], "start")],
        "transposed-outside": [transpose, sharding(chunk[::-1], [bytes_codec, zstd])],
        "nested": [sharding((4, 4, 10), [sharding((2, 2, 5), [bytes_codec, zstd], "start")])],
    }


def write(folder):
    for seed, kind in enumerate(types):
        values = elements(kind, seed)
        value = numpy.array(fill.get(kind, 7), kind)
        for name, layout in zarr_layouts(kind).items():
            path = folder / f"zarr-{kind}-{name}"
            array = zarr.create_array(
                path,
                shape=shape,
                dtype=kind,
                fill_value=value[()],
                config={"write_empty_chunks": False},
                **layout,
            )
            array[...] = values
            path.with_suffix(".raw").write_bytes(values.tobytes())
        for name, codecs in tensorstore_layouts(kind).items():
            path = folder / f"tensorstore-{kind}-{name}"
            fill_json = value.item()
            if kind.startswith("float") and not numpy.isfinite(value):
                fill_json = "NaN" if numpy.isnan(value) else "-Infinity"
            open_tensorstore(
                path,
                create=True,
                metadata={
                    "shape": shape,
                    "data_type": kind,
                    "fill_value": fill_json,
                    "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": shard}},
                    "codecs": codecs,
                },
            ).write(values).result()
            path.with_suffix(".raw").write_bytes(values.tobytes())


def open_tensorstore(path, create=False, **spec):
    store = {"driver": "file", "path": f"{path}/"}
    return tensorstore.open({"driver": "zarr3", "kvstore": store, **spec}, open=True, create=create).result()


def read_zarrs(path):
    import zarrs  # noqa: F401

    with zarr.config.set({"codec_pipeline.path": "zarrs.ZarrsCodecPipeline"}):
        return zarr.open_array(path, mode="r")[...]


readers = {
    "zarr-python": lambda path: zarr.open_array(path, mode="r")[...],
    "tensorstore": lambda path: open_tensorstore(path).read().result(),
    "zarrs": read_zarrs,
}


def read(folder):
    count, wrong = 0, 0
    for path in sorted(folder.iterdir()):
        if not path.is_dir():
            continue
        text = (path / "zarr.json").read_text()
        document = json.loads(text, parse_constant=lambda name: sys.exit(f"bare {name}"))
        expected = path.with_name(path.name + ".raw").read_bytes()
        for name, reader in readers.items():
            count += 1
            try:
                values = numpy.ascontiguousarray(reader(path))
            except Exception as error:
                wrong += 1
                print(f"{path.name}: {name} failed: {error!r}")
                continue
            if str(values.dtype) != document["data_type"] or values.tobytes() != expected:
                wrong += 1
                print(f"{path.name}: {name} reads something else")
    print(f"{count} read, {wrong} wrong")
    return wrong


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](pathlib.Path(sys.argv[2]))
