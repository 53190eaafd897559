#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`vemdb predict --mode seed` beside the same tiling in PyTorch: the largest difference, and flipped labels.

    compare-seed.py VEMDB [--size D H W] [--steps N] [--threads N]

To be run by a python that has torch. A network is trained for some steps on discs, so that probabilities vary;
PyTorch takes its weights from the model's own safetensors file, and the volume as it is (the model's preprocessing
is set to the scaling alone). Patches of 18x160x160 lie every 9x80x80 voxels and flush with the far faces of the
volume, which is mirrored there to multiples of 8. Ends with an error if a probability of 255 steps differs by more
than one step, or a label flips whose probability is farther from 0.5 than 1e-4.
"""
import argparse
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy
import torch

from rsunet_pytorch import RSUNet

sys.dont_write_bytecode = True
PATCH, STRIDE = (18, 160, 160), (9, 80, 80)
LARGEST_STEP, FLIP = 1, 1e-4


def volume(size):
    """Discs that move with z, on noise; and the discs alone."""
    z, y, x = numpy.ogrid[: size[0], : size[1], : size[2]]
    discs = ((y + 2 * z) % 60 - 30) ** 2 + ((x + 3 * z) % 70 - 35) ** 2 < 300
    noise = numpy.random.default_rng(1).integers(0, 70, size)
    return (numpy.where(discs, 60, 130) + noise).astype(numpy.uint8), discs.astype(numpy.uint8)


def write_slices(folder, voxels):
    """Each slice as an uncompressed TIFF of 8 bits."""
    folder.mkdir()
    _, height, width = voxels.shape
    tags = [(256, 3, width), (257, 3, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1),
            (278, 3, height), (279, 4, height * width)]
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags) + bytes(4)
    for z, plane in enumerate(voxels):
        head = struct.pack("<2sHI", b"II", 42, 8 + height * width)
        (folder / f"{z:04}.tif").write_bytes(
            head + plane.tobytes() + struct.pack("<H", len(tags)) + directory)


def tensors(path):
    """What a safetensors file holds, by name."""
    data = path.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    found = {}
    for name, entry in json.loads(data[8:start]).items():
        if name != "__metadata__":
            first, last = entry["data_offsets"]
            values = numpy.frombuffer(data[start + first : start + last], "<f4").reshape(entry["shape"])
            found[name] = torch.from_numpy(values.copy())
    return found


def network(weights):
    """RS-UNet in PyTorch with weights under the published names."""
    levels = sum(1 for name in weights if name.endswith(".conv1.weight")) // 2
    widths = [len(weights["conv0.bias"])] + [len(weights[f"conv{n}.bn1.bias"]) for n in range(1, levels + 1)]
    state = {}
    for name, values in weights.items():
        module, _, rest = name.partition(".")
        number = int("".join(filter(str.isdigit, module)))
        if module.startswith("up"):
            module = f"ups.{number - levels - 1}"
        elif 1 <= number <= levels:
            module = f"down.{number - 1}"
        elif levels < number <= 2 * levels:
            module = f"up.{number - levels - 1}"
        state[f"{module}.{rest}"] = values
    made = RSUNet(widths)
    missing = made.load_state_dict(state, strict=False)
    if missing.unexpected_keys or any("num_batches" not in key for key in missing.missing_keys):
        sys.exit(f"the weights do not fit: {missing}")
    return made.eval()


def starts(count, patch, stride):
    """Every `stride`, and flush with the end."""
    last = max(0, count - patch)
    return sorted({*range(0, last + 1, stride), last})


def published(model, image):
    """The mean of overlapping patches, in PyTorch."""
    size = image.shape
    x = (torch.from_numpy(image).float() - 127.5) / 127.5
    wide = [size[0]] + [-(-count // 8) * 8 for count in size[1:]]
    x = torch.nn.functional.pad(x, (0, wide[2] - size[2], 0, wide[1] - size[1]), mode="reflect")
    total, covers = torch.zeros(wide), torch.zeros(wide)
    places = [starts(count, patch, stride) for count, patch, stride in zip(wide, PATCH, STRIDE)]
    with torch.inference_mode():
        for z in places[0]:
            for y in places[1]:
                for x0 in places[2]:
                    box = tuple(slice(at, at + patch) for at, patch in zip((z, y, x0), PATCH))
                    total[box] += torch.sigmoid(model(x[box][None, None]))[0, 0]
                    covers[box] += 1
    print("patches at", *places)
    return (total / covers)[:, : size[1], : size[2]].numpy()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("vemdb", type=pathlib.Path)
    parser.add_argument("--size", type=int, nargs=3, default=[30, 260, 230])
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    image, labels = volume(options.size)
    with tempfile.TemporaryDirectory(prefix="vemdb-seed-") as name:
        folder = pathlib.Path(name)
        database = folder / "lab.vemdb"
        environment = dict(os.environ, VEMDB_DATABASE=str(database), OMP_WAIT_POLICY="passive")

        def vemdb(*words):
            outcome = subprocess.run(
                [options.vemdb.resolve(), *words], env=environment, capture_output=True, text=True)
            if outcome.returncode:
                sys.exit(f"vemdb {' '.join(map(str, words))}: {outcome.stderr.strip()}")

        write_slices(folder / "image", image)
        write_slices(folder / "labels", labels)
        vemdb("init", database)
        vemdb("ingest", "image", "a/em", folder / "image", "--voxel-size", "40,8,8nm")
        vemdb("ingest", "labels", "a/mito", folder / "labels", "--like", "a/em", "--classes", "mito=1")
        vemdb("train", "trained", "--pair", "a/em,a/mito", "--class", "mito", "--steps", str(options.steps),
              "--batch", "1", "--patch", "8,64,64", "--voxel-size", "40,8,8nm")
        made = database / "models/trained/1"
        description = json.loads((made / "model.json").read_text())
        description["preprocessing"].update(clahe=None, blur=None)
        (folder / "plain.json").write_text(json.dumps(description))
        vemdb("model", "import", made / "weights.safetensors", "--architecture", folder / "plain.json",
              "--as", "plain")
        vemdb("predict", "plain", "--on", "a/em", "--as", "a/pred", "--probabilities", "a/prob", "--mode", "seed",
              "--threads", str(options.threads))
        for volume_name in ("pred", "prob"):
            vemdb("read", f"a/{volume_name}", "-o", folder / f"{volume_name}.npy")
        ours, found = numpy.load(folder / "prob.npy"), numpy.load(folder / "pred.npy")
        model = network(tensors(database / "models/plain/1/weights.safetensors"))
        theirs = published(model, image)
    steps = numpy.abs(ours.astype(int) - numpy.rint(theirs * 255).astype(int))
    flipped = (found != 0) != (theirs > 0.5)
    distance = float(numpy.abs(theirs - 0.5)[flipped].max()) if flipped.any() else 0.0
    print(f"torch {torch.__version__}, {options.threads} threads, {image.size} voxels of {options.size}")
    print(f"probabilities from {theirs.min():.3f} to {theirs.max():.3f}, {(theirs > 0.5).mean():.1%} above 0.5")
    print(f"largest difference {steps.max()} of 255 steps (bound {LARGEST_STEP}), in {(steps > 0).sum()} voxels")
    print(f"flipped labels {flipped.sum()}, the farthest {distance:.2e} from 0.5 (bound {FLIP:.0e})")
    sys.exit(1 if steps.max() > LARGEST_STEP or distance > FLIP else 0)


main()
