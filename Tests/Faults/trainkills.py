#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills a training at random moments, resumes it, and compares it with one that nobody disturbed.

    trainkills.py --vemdb PROGRAM [--kills N] [--seed N] [--steps N]

Half of the time goes into validations. After each kill the last checkpoint must be whole and hold at least the step
that the run's log tells as saved; the weights and every metric must be those of the undisturbed training.
"""
import argparse
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

import faults

LABELLED = [faults.INGEST, faults.LABELS,
            ["split", "d/mito", "--train", "x=0:40", "--validation", "x=52:64"]]


def train(steps):
    return ["train", "net", "--pair", "d/em,d/mito", "--class", "mito", "--steps", str(steps), "--batch", "1",
            "--patch", "4,16,16", "--threads", "1", "--seed", "3", "--validate-every", "4"]


def checkpoint(folder):
    """The step of the last checkpoint, which must be whole; -1 if there is none yet."""
    path = f"{folder}/checkpoints/last.safetensors"
    if not os.path.exists(path):
        return -1
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        size = max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
        if len(file.read()) != size:
            raise faults.Fault(f"{path} is torn")
    return int(header["__metadata__"]["step"])


def logged(folder):
    """The last step that the run's log tells as saved."""
    saved = -1
    if os.path.exists(f"{folder}/log.jsonl"):
        with open(f"{folder}/log.jsonl") as lines:
            for line in lines:
                # A kill may have cut a line short.
                if '"saved"' in line and (found := re.search(r'"step":"(\d+)"', line)):
                    saved = int(found.group(1))
    return saved


def result(database, run):
    """The digest of the weights, and every metric that is not a time."""
    with open(f"{database}/models/net/1/weights.safetensors", "rb") as file:
        weights = hashlib.sha256(file.read()).hexdigest()
    catalog = sqlite3.connect(f"{database}/catalog.sqlite")
    try:
        metrics = catalog.execute(
            "SELECT name, step, value FROM metric_point WHERE run_id = ? AND name NOT LIKE 'time/%' ORDER BY name, step",
            [run]).fetchall()
    finally:
        catalog.close()
    return weights, metrics


def killed(bench, database, command, seconds):
    """Whether the program was killed before it had ended."""
    environment = dict(os.environ, VEMDB_DATABASE=database, OMP_WAIT_POLICY="passive")
    child = subprocess.Popen(
        [bench.vemdb, *command], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        _, errors = child.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGKILL)
        child.communicate()
        return True
    if child.returncode != 0:
        raise faults.Fault(f"{' '.join(command)} gave {child.returncode}: {errors.strip()}")
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--vemdb", required=True)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=40)
    options = parser.parse_args()
    options.library = None
    options.vemdb = os.path.abspath(options.vemdb)
    chance = random.Random(options.seed)
    command = train(options.steps)
    with tempfile.TemporaryDirectory(prefix="vemdb-kills-") as folder:
        bench = faults.Bench(options, folder)
        base = bench.base(LABELLED)
        whole = f"{folder}/whole"
        shutil.copytree(base, whole)
        began = time.monotonic()
        bench.must(whole, command)
        length = time.monotonic() - began
        run = max(entry["run"] for entry in bench.json(whole, "run", "list"))
        expected = result(whole, run)
        print(f"undisturbed: {length:.1f} s, {len(expected[1])} metrics", flush=True)
        kills, done, lost, points = 0, 0, 0, []
        while kills < options.kills:
            database = f"{folder}/work"
            shutil.rmtree(database, ignore_errors=True)
            shutil.copytree(base, database)
            words = command
            # Some trainings are killed more than once.
            for _ in range(1 + (chance.random() < 0.3)):
                if not killed(bench, database, words, chance.uniform(0, 1.05 * length)):
                    done += 1
                    break
                kills += 1
                runs = [entry["run"] for entry in bench.json(database, "run", "list")]
                if run not in runs:
                    points.append("before it began")
                    continue
                words = ["run", "resume", str(run)]
                if os.path.exists(f"{database}/models/net/1"):
                    points.append("after the last step")
                    continue
                saved, step = logged(f"{database}/runs/{run}"), checkpoint(f"{database}/runs/{run}")
                if step < saved:
                    raise faults.Fault(f"step {saved} was saved, and the checkpoint is of step {step}")
                points.append(step)
            states = {entry["run"]: entry["state"] for entry in bench.json(database, "run", "list")}
            if states.get(run) != "done":
                bench.must(database, words)
            found = result(database, run)
            if found != expected:
                lost += 1
                what = "other weights" if found[0] != expected[0] else "other metrics"
                print(f"killed at {points[-1]}: {what} {set(found[1]) ^ set(expected[1])}", flush=True)
            bench.must(database, ["gc"])
            bench.must(database, ["verify"])
        print(f"{kills} kills at checkpoints {points}; {done} were done before; {lost} with another result")
        sys.exit(1 if lost else 0)


if __name__ == "__main__":
    try:
        main()
    except faults.Fault as fault:
        sys.exit(f"trainkills: {fault}")
