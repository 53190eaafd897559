# SPDX-License-Identifier: Apache-2.0
"""Arrays by other programs, beside what they hold: NAME is a Zarr array, NAME.raw its elements in C order.

zarr_peers.py write FOLDER    each data type by each layout, by zarr-python, zarrs and tensorstore, in v3 and v2
zarr_peers.py read FOLDER     reads every array by each program that knows its codecs and compares; prints
                              what differs
"""

import collections
import itertools
import json
import pathlib
import sys
import warnings

import numcodecs
import numcodecs.blosc
import numpy
import tensorstore
import zarr
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, TransposeCodec, ZstdCodec
from zarr.codecs.numcodecs import LZ4, Fletcher32, Zlib

warnings.filterwarnings("ignore", message="Numcodecs codecs are not in the Zarr version 3 specification")

types = ["bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
types += ["float16", "float32", "float64"]
# Elements, chunk and shard: 12 chunks in 4 shards with a ragged edge on every axis, or 8 in 2 with none.
shape, chunk, shard = (5, 13, 21), (2, 8, 11), (4, 8, 22)
even = (4, 16, 22)
fill = {"bool": True, "float16": float("nan"), "float32": float("-inf"), "float64": 0.1}
fill |= {"uint64": 2**63 + 1, "int64": -(2**53) - 1}

# A shard and a chunk of another.
filled = numpy.s_[:4, 8:13], numpy.s_[:2, :8, 11:]
sizes = {"uint8": 1, "uint16": 2, "float32": 4, "uint64": 8}
blosc_names = ["blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"]
blosc_shuffles = ["noshuffle", "shuffle", "bitshuffle"]


def elements(kind, seed, shape=shape):
    """Numbers over the whole range; zeros over a chunk, the fill value over others."""
    random = numpy.random.default_rng(seed)
    if kind == "bool":
        values = random.random(shape) < 0.5
    elif kind.startswith("float"):
        values = random.standard_normal(shape).astype(kind)
        values[-1, 0, :4] = [numpy.nan, numpy.inf, -numpy.inf, -0.0]
    else:
        limits = numpy.iinfo(kind)
        values = random.integers(limits.min, limits.max, shape, dtype=kind, endpoint=True)
    values[:2, :8, :11] = 0
    for part in filled:
        values[part] = fill.get(kind, 7)
    return values


# MARK: zarr-python and zarrs


def chains(kind):
    """Filters, serializer and compressors by name."""
    little, big = BytesCodec(endian="little"), BytesCodec(endian="big")
    turn = [TransposeCodec(order=(2, 0, 1)), TransposeCodec(order=(1, 0, 2))]
    found = {
        "raw": ([], little, []),
        "zstd": ([], little, [ZstdCodec(level=1)]),
        "gzip": ([], little, [GzipCodec(level=types.index(kind) % 10)]),
        "big": ([], big, [Crc32cCodec(), ZstdCodec(level=3, checksum=True)]),
        "transposed": (turn, little, [ZstdCodec(level=3, checksum=True), Crc32cCodec()]),
        "lz4": ([], big, [LZ4()]),
        "fletcher": ([], little, [Zlib(level=4), Fletcher32()]),
    }
    # One type of each size will do.
    for name, shuffle in itertools.product(blosc_names if kind in sizes else [], blosc_shuffles):
        blosc = BloscCodec(cname=name, clevel=5, shuffle=shuffle, typesize=sizes[kind])
        found[f"blosc-{name}-{shuffle}"] = ([], little, [blosc])
    return found


def write_zarr(path, values, value, chain, shards=None, **more):
    filters, serializer, compressors = chain
    array = zarr.create_array(
        path, shape=values.shape, dtype=values.dtype, fill_value=value, filters=filters, serializer=serializer,
        compressors=compressors, chunks=chunk, shards=shards, config={"write_empty_chunks": False}, **more,
    )  # fmt: skip
    array[...] = values
    path.with_suffix(".raw").write_bytes(values.tobytes())


def with_zarrs():
    import zarrs  # noqa: F401

    # Unless it is strict it leaves to zarr-python what it does not know, and says so only in a warning.
    return zarr.config.set({"codec_pipeline.path": "zarrs.ZarrsCodecPipeline", "codec_pipeline.strict": True})


# Of the codecs that only numcodecs defines zarrs reads none of these.
unknown_to_zarrs = {"fletcher", "lz4"}
# The Blosc of numcodecs may be built without some of its compressors.
unknown_to_numcodecs = set(blosc_names) - set(numcodecs.blosc.list_compressors())


def write_by_zarr(folder):
    start = {"shape": shard, "index_location": "start"}
    keys = itertools.cycle([{"name": n, "separator": s} for n in ("default", "v2") for s in "./"])
    for seed, kind in enumerate(types):
        values, other = elements(kind, seed), elements(kind, seed, even)
        value = numpy.array(fill.get(kind, 7), kind)[()]
        for name, chain in chains(kind).items():
            if unknown_to_numcodecs.intersection(name.split("-")):
                continue
            write_zarr(folder / f"zarr-{kind}-{name}", values, value, chain, chunk_key_encoding=next(keys))
            write_zarr(folder / f"zarr-{kind}-{name}-sharded", values, value, chain, shard)
            if not name.startswith("blosc"):
                write_zarr(folder / f"zarr-{kind}-{name}-even", other, value, chain, start)
        with with_zarrs():
            for name, chain in chains(kind).items():
                if name not in unknown_to_zarrs:
                    write_zarr(folder / f"zarrs-{kind}-{name}", values, value, chain, shard)


def write_v2(folder):
    """Compressor, order, separator, byte order and fill value, all of each though not all with all."""
    compressors = {
        "raw": None,
        "gzip": numcodecs.GZip(5),
        "zlib": numcodecs.Zlib(5),
        "zstd": numcodecs.Zstd(1),
        "lz4": numcodecs.LZ4(),
        "blosc": numcodecs.Blosc("lz4", 5, numcodecs.Blosc.SHUFFLE),
        "blosc-bits": numcodecs.Blosc("zstd", 5, numcodecs.Blosc.BITSHUFFLE),
        "blosc-auto": numcodecs.Blosc("blosclz", 9, numcodecs.Blosc.AUTOSHUFFLE),
    }
    turns = itertools.cycle(itertools.product("./", "<>", [False, True]))
    for kind, (name, compressor), order in itertools.product(types, compressors.items(), "CF"):
        separator, byte_order, is_null = next(turns)
        values = elements(kind, 3)
        path = folder / f"v2-{kind}-{name}-{order}"
        value = None if is_null else numpy.array(fill.get(kind, 7), kind)[()]
        if is_null:
            for part in filled:
                values[part] = 0
        array = zarr.create_array(
            path, shape=shape, dtype=values.dtype.newbyteorder(byte_order), fill_value=value, order=order,
            chunks=chunk, compressors=compressor, zarr_format=2, config={"write_empty_chunks": False},
            chunk_key_encoding={"name": "v2", "separator": separator},
        )  # fmt: skip
        array[...] = values
        path.with_suffix(".raw").write_bytes(values.tobytes())


# MARK: tensorstore


def tensorstore_layouts(kind):
    little = {"name": "bytes", "configuration": {"endian": "little"}}
    big = {"name": "bytes", "configuration": {"endian": "big"}}
    zstd = {"name": "zstd", "configuration": {"level": 1, "checksum": False}}
    gzip = {"name": "gzip", "configuration": {"level": 6}}
    transpose = {"name": "transpose", "configuration": {"order": [2, 1, 0]}}
    crc = {"name": "crc32c"}

    def blosc(name, shuffle):
        size = numpy.dtype(kind).itemsize
        configuration = {"cname": name, "clevel": 5, "shuffle": shuffle, "typesize": size, "blocksize": 0}
        return {"name": "blosc", "configuration": configuration}

    def sharding(shape, codecs, location="end"):
        configuration = {"chunk_shape": shape, "codecs": codecs, "index_codecs": [little, crc]}
        configuration["index_location"] = location
        return {"name": "sharding_indexed", "configuration": configuration}

    plain = {
        "raw": [little],
        "zstd": [little, zstd],
        "gzip": [big, gzip, crc],
        "blosc": [little, blosc("lz4", "shuffle")],
        "blosc-bits": [little, blosc("zstd", "bitshuffle")],
        "transposed": [transpose, big, zstd],
    }
    found = dict(plain)
    for name, codecs in plain.items():
        found[f"{name}-sharded"] = [sharding(chunk, codecs)]
        found[f"{name}-start"] = [sharding(chunk, codecs, "start")]
    found["transposed-outside"] = [transpose, sharding(chunk[::-1], [little, zstd])]
    found["nested"] = [sharding((4, 4, 22), [sharding((2, 4, 11), [little, zstd], "start")])]
    return found


def write_by_tensorstore(folder):
    for seed, kind in enumerate(types):
        values = elements(kind, seed)
        value = numpy.array(fill.get(kind, 7), kind)
        for name, codecs in tensorstore_layouts(kind).items():
            path = folder / f"tensorstore-{kind}-{name}"
            fill_json = value.item()
            if kind.startswith("float") and not numpy.isfinite(value):
                fill_json = "NaN" if numpy.isnan(value) else "-Infinity"
            grid = {"name": "regular", "configuration": {"chunk_shape": shard}}
            metadata = {"shape": shape, "data_type": kind, "fill_value": fill_json, "chunk_grid": grid}
            metadata["codecs"] = codecs
            open_tensorstore(path, create=True, metadata=metadata).write(values).result()
            path.with_suffix(".raw").write_bytes(values.tobytes())


def open_tensorstore(path, create=False, **spec):
    store = {"driver": "file", "path": f"{path}/"}
    return tensorstore.open({"driver": "zarr3", "kvstore": store, **spec}, open=True, create=create).result()


def write_corners(folder):
    """A scalar, an array without elements, and arrays none of whose chunks is stored."""
    for kind, shape, chunks in [("float32", (), ()), ("uint16", (0, 5), (2, 2)), ("int8", (5, 7), (2, 3))]:
        path = folder / f"corner-{kind}"
        array = zarr.create_array(path, shape=shape, dtype=kind, fill_value=3, chunks=chunks)
        if shape == ():
            array[...] = 1.5
        path.with_suffix(".raw").write_bytes(array[...].tobytes())
    path = folder / "corner-sharded"
    array = zarr.create_array(path, shape=(9, 9), dtype="uint32", fill_value=2**32 - 1, chunks=(2, 2), shards=(4, 4))
    path.with_suffix(".raw").write_bytes(array[...].tobytes())


# MARK: Commands


def write(folder):
    write_by_zarr(folder)
    write_v2(folder)
    write_by_tensorstore(folder)
    write_corners(folder)
    print(f"{len(types) * len(unknown_to_zarrs)} left out, zarrs: numcodecs ({', '.join(sorted(unknown_to_zarrs))})")
    count = 2 * len(sizes) * len(blosc_shuffles) * len(unknown_to_numcodecs)
    print(f"{count} left out, zarr-python: compressors of Blosc ({', '.join(sorted(unknown_to_numcodecs))})")


def read_zarrs(path):
    with with_zarrs():
        return zarr.open_array(path, mode="r")[...]


readers = {
    "zarr-python": lambda path: zarr.open_array(path, mode="r")[...],
    "tensorstore": lambda path: open_tensorstore(path).read().result(),
    "zarrs": read_zarrs,
}


# What some peers lack, and who does not: codecs that only numcodecs defines, shards of an array whose axes were
# turned before (zarrs reads the metadata by zarr-python), and what Blosc may be built without.
knowing = {
    "numcodecs": {"zarr-python"},
    "turned shards": {"tensorstore"},
    "compressors of Blosc": {"tensorstore", "zarrs"},
}


def lacking(name, text):
    if "numcodecs." in text:
        return "numcodecs"
    if "outside" in name:
        return "turned shards"
    return "compressors of Blosc" if unknown_to_numcodecs.intersection(name.split("-")) else ""


def read(folder):
    count, wrong, unknown = 0, 0, collections.defaultdict(list)
    for path in sorted(folder.iterdir()):
        if not path.is_dir():
            continue
        text = (path / "zarr.json").read_text()
        document = json.loads(text, parse_constant=lambda name: sys.exit(f"bare {name}"))
        expected = path.with_name(path.name + ".raw").read_bytes()
        lacks = lacking(path.name, text)
        for name, reader in readers.items():
            if lacks and name not in knowing[lacks]:
                unknown[f"{name}: {lacks}"].append(path.name.split("-", 1)[1])
                continue
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
    for lack, layouts in sorted(unknown.items()):
        print(f"{len(layouts)} left out, {lack} ({', '.join(sorted(set(layouts)))})")
    return wrong


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](pathlib.Path(sys.argv[2]))
