#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What settings of `vemdb predict` change: IoU against the truth, and between predictions of one model.

    compare-modes.py VEMDB DATABASE --model NAME --image d/em --truth d/mito [--region R] [--with OPTIONS ...]

Each --with is a set of options of predict, as in --with "--mode seed" or --with "--precision bfloat16"; each is
compared with the first (default: --mode exact, then --mode seed). Works on a copy of the database, which is removed.
"""
import argparse
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import time


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("vemdb", type=pathlib.Path)
    parser.add_argument("database", type=pathlib.Path)
    parser.add_argument("--model", required=True)
    parser.add_argument("--image", required=True)
    parser.add_argument("--truth", required=True)
    parser.add_argument("--region")
    parser.add_argument("--with", dest="settings", action="append", metavar="OPTIONS")
    options = parser.parse_args()
    settings = options.settings or ["--mode exact", "--mode seed"]
    region = ["--region", options.region] if options.region else []
    with tempfile.TemporaryDirectory(prefix="vemdb-modes-") as folder:
        copy = f"{folder}/lab.vemdb"
        shutil.copytree(options.database, copy)
        environment = dict(os.environ, VEMDB_DATABASE=copy)
        environment.setdefault("OMP_WAIT_POLICY", "passive")

        def vemdb(*words):
            outcome = subprocess.run(
                [options.vemdb.resolve(), *words, "--format", "json"], env=environment, capture_output=True, text=True)
            if outcome.returncode:
                sys.exit(f"vemdb {' '.join(map(str, words))}: {outcome.stderr.strip()}")
            return json.loads(outcome.stdout)

        def scores(prediction, truth):
            found = vemdb("evaluate", prediction, "--against", truth, "--voxels-only", *region)
            return {item["metric"]: item["value"] for item in found["items"]}

        print(f"{options.model} on {options.image}, {options.region or 'all of it'}")
        dataset = options.image.split("/")[0]
        names = []
        for number, text in enumerate(settings):
            names.append(f"{dataset}/compared-{number}")
            began = time.monotonic()
            vemdb("predict", options.model, "--on", options.image, "--as", names[-1], *region, *shlex.split(text))
            seconds = time.monotonic() - began
            score = scores(names[-1], options.truth)["iou_foreground"]
            line = f"{text}: iou_foreground {score:.4f}, {seconds:.0f} s"
            if number:
                common = scores(names[-1], names[0])
                line += f"; against {settings[0]} {common['iou_foreground']:.4f},"
                line += f" {common['false_positives'] + common['false_negatives']} voxels differ"
            print(line, flush=True)


if __name__ == "__main__":
    main()
