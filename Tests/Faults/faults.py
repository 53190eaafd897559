#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills vemdb, fails its system calls and cuts its power, at random points of everything that writes.

    faults.py --vemdb PROGRAM --library filefaults.so [--kills 200] [--errors 100] [--cuts 200] [--seed 1]
              [--seconds 900] [--only SCENARIO]

After each fault: every version that was committed before has the bytes it had; every version that the catalog
calls committed is whole; the work that was interrupted can be finished, by `vemdb run resume` or by the same
command, with the result of a run that nobody disturbed; `vemdb verify` finds nothing.

Of a killed prediction or making of instances also: every shard, block and plane that was complete is kept and not
made again, at most one shard and one block were under way, and the run does not go on once its input or a setting
is another one.
"""

import argparse
import collections
import errno
import hashlib
import json
import os
import pathlib
import random
import shutil
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

import disk


def tiff(path, width, height, pixels):
    """An uncompressed grey TIFF of 8 bits."""
    tags = [(256, 3, width), (257, 3, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1),
            (278, 3, height), (279, 4, len(pixels))]
    data = struct.pack("<2sHI", b"II", 42, 8 + len(pixels)) + pixels + struct.pack("<H", len(tags))
    data += b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags) + bytes(4)
    with open(path, "wb") as file:
        file.write(data)


def slices(folder, name, change=None):
    """Eight slices of discs on noise, or of the discs alone. `change`: a slice without discs."""
    noise = random.Random(1)
    os.makedirs(f"{folder}/{name}")
    for z in range(8):
        discs = [z != change and (y % 20 - 10) ** 2 + (x % 20 - 10) ** 2 < 30 for y in range(64) for x in range(64)]
        if name.startswith("image"):
            pixels = bytes((60 if disc else 150) + noise.randrange(40) for disc in discs)
        else:
            pixels = bytes(255 * disc for disc in discs)
        tiff(f"{folder}/{name}/{z}.tif", 64, 64, pixels)


def stack(folder, name, count, height, width):
    """Slices of discs that overlap in z, all alike but shifted; with names that begin with labels the discs alone."""
    inside, outside = (255, 0) if name.startswith("labels") else (60, 150)
    os.makedirs(f"{folder}/{name}")
    for z in range(count):
        rows = []
        for y in range(40):
            discs = [((y + z) % 40 - 20) ** 2 + ((x + 2 * z) % 44 - 22) ** 2 < 300 for x in range(44)]
            rows.append((bytes(inside if disc else outside for disc in discs) * (width // 44 + 1))[:width])
        tiff(f"{folder}/{name}/{z}.tif", width, height, b"".join(rows[y % 40] for y in range(height)))


GRID = ["--chunk", "4,32,32", "--shard", "4,64,64"]
INGEST = ["ingest", "image", "d/em", "@image", "--voxel-size", "40,10,10nm", *GRID]
LABELS = ["ingest", "labels", "d/mito", "@labels", "--like", "d/em", "--classes", "mito=255", *GRID]
TRAIN = ["train", "net", "--pair", "d/em,d/mito", "--class", "mito", "--preset", "fast", "--steps", "2", "--batch",
         "1", "--patch", "4,16,16", "--threads", "1", "--seed", "3"]
PREDICT = ["predict", "net", "--on", "d/em", "--as", "d/pred", "--threads", "1"]
ONTO = ["predict", "net", "--on", "d/em", "--as", "d/pred", "--onto", "d/pred@1", "--region", "z=0:4", "--threads", "1"]
# Three layers of shards of labels and of probabilities each, in tiles that wait for each other in files.
DEEP = ["ingest", "image", "d/deep", "@image-deep", "--voxel-size", "40,10,10nm"]
PREDICT_DEEP = ["predict", "net", "--on", "d/deep", "--as", "d/pred", "--probabilities", "d/prob", "--threads", "1",
                "--memory", "60MiB"]
# So many voxels that they are made instances of in four blocks.
WIDE = ["ingest", "image", "d/wide", "@image-wide", "--voxel-size", "40,10,10nm"]
WIDE_LABELS = ["ingest", "labels", "d/discs", "@labels-wide", "--like", "d/wide", "--classes", "mito=255"]
TINY = ["train", "net", "--pair", "d/wide,d/discs", "--class", "mito", "--architecture", "@tiny.json", "--steps", "40",
        "--patch", "4,32,32", "--voxel-size", "40,10,10nm", "--threads", "1", "--seed", "3"]
WIDE_PROBABILITIES = ["predict", "net", "--on", "d/wide", "--as", "d/pred", "--probabilities", "d/prob", "--threads",
                      "1"]
INSTANCES = ["instances", "d/discs", "--as", "d/objects", "--threads", "1"]
INSTANCES_AT = ["instances", "d/prob", "--as", "d/objects", "--threshold", "0.4", "--connectivity", "26",
                "--fill-holes", "--minimum-size", "20", "--threads", "1"]
EDIT = ["edit", "d/em", "--voxel-size", "50,8,8nm"]

# Name: the work; what it stands on; what tells that it is done (a version's hash, or nothing).
SCENARIOS = {
    "ingest": (INGEST, [], "d/em"),
    "ingest labels": (LABELS, [INGEST], "d/mito"),
    "new version": (INGEST + ["--new-version"], [INGEST], "d/em"),
    "train": (TRAIN, [INGEST, LABELS], "model:net"),
    "predict": (PREDICT_DEEP, [INGEST, LABELS, TRAIN, DEEP], ["d/pred", "d/prob"]),
    "instances": (INSTANCES, [WIDE, WIDE_LABELS], "d/objects"),
    "instances of probabilities": (INSTANCES_AT, [WIDE, WIDE_LABELS, TINY, WIDE_PROBABILITIES], "d/objects"),
    "write back onto": (ONTO, [INGEST, LABELS, TRAIN, PREDICT], "d/pred"),
    "edit": (EDIT, [INGEST, LABELS], "d/em"),
    "edit facts": (["edit", "d", "--organism", "Rattus norvegicus"], [INGEST], None),
    "rename a volume": (["rename", "d/em", "d/raw"], [INGEST, LABELS], None),
    "rename a dataset": (["rename", "d", "liver"], [INGEST, LABELS], None),
    "rename a model": (["rename", "model:net", "model:base"], [INGEST, LABELS, TRAIN], None),
    "retire": (["retire", "d/em@1"], [INGEST, INGEST + ["--new-version"]], None),
    "gc": (["gc"], [INGEST, LABELS, INGEST + ["--new-version"], ["retire", "d/em@2"]], None),
    "repair": (["repair"], [INGEST, LABELS, TRAIN, PREDICT, ["!rm", "catalog.sqlite"]], None),
}


class Bench:
    def __init__(self, options, folder):
        self.vemdb, self.library, self.folder = options.vemdb, options.library, folder
        self.bases = {}
        for name in ("image", "labels"):
            slices(folder, name)
        stack(folder, "image-deep", 72, 64, 96)
        for name in ("image-wide", "labels-wide"):
            stack(folder, name, 24, 640, 768)
        page = pathlib.Path(__file__).parents[2] / "docs/model-json.md"
        # The example there is a network that takes no time.
        pathlib.Path(folder, "tiny.json").write_text(page.read_text().split("```")[1].removeprefix("json"))

    def run(self, database, command, **fault):
        if command[0] == "!rm":
            for suffix in ("", "-wal", "-shm"):
                if os.path.exists(f"{database}/{command[1]}{suffix}"):
                    os.remove(f"{database}/{command[1]}{suffix}")
            return subprocess.CompletedProcess(command, 0, "", "")
        words = [f"{self.folder}/{word[1:]}" if word.startswith("@") else word for word in command]
        environment = dict(os.environ, VEMDB_DATABASE=database, OMP_WAIT_POLICY="passive")
        if fault:
            environment.update(LD_PRELOAD=self.library, FAULT_ROOT=database)
            environment.update({f"FAULT_{key.upper()}": str(value) for key, value in fault.items()})
        return subprocess.run([self.vemdb, *words], env=environment, text=True, capture_output=True, timeout=120)

    def must(self, database, command):
        outcome = self.run(database, command)
        if outcome.returncode != 0:
            raise Fault(f"{' '.join(command)} gave {outcome.returncode}: {outcome.stderr.strip()[-300:]}\n{outcome.stdout}")
        return outcome.stdout

    def json(self, database, *command):
        return json.loads(self.must(database, [*command, "--format", "json"]))

    def base(self, commands):
        """A database on which these commands were run; never to be changed."""
        key = json.dumps(commands)
        if key not in self.bases:
            before = self.base(commands[:-1]) if commands else None
            path = f"{self.folder}/base-{len(self.bases)}"
            if before:
                shutil.copytree(before, path)
                self.must(path, commands[-1])
            else:
                self.must(path, ["init", path])
                self.must(path, ["dataset", "add", "d"])
            self.bases[key] = path
        return self.bases[key]


class Fault(Exception):
    """What a fault has broken."""


def committed(database):
    """Path of each committed version, from the catalog, by a connection of Python's own."""
    with tempfile.TemporaryDirectory() as copy:
        for suffix in ("", "-wal"):
            if os.path.exists(f"{database}/catalog.sqlite{suffix}"):
                shutil.copy(f"{database}/catalog.sqlite{suffix}", copy)
        catalog = sqlite3.connect(f"{copy}/catalog.sqlite")
        try:
            if catalog.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise Fault("the catalog is damaged")
            return [row[0] for row in catalog.execute("SELECT path FROM version WHERE state = 'committed'")]
        finally:
            catalog.close()


def digests(folder):
    """The digest of every file of a version and of its manifest, by path; not of what was to replace one."""
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".new"):
                continue
            with open(f"{path}/{name}", "rb") as file:
                found[os.path.relpath(f"{path}/{name}", folder)] = hashlib.sha256(file.read()).hexdigest()
    if os.path.exists(f"{folder}.shards"):
        with open(f"{folder}.shards", "rb") as file:
            found[".shards"] = hashlib.sha256(file.read()).hexdigest()
    return found


def written_bytes(record, root, ending):
    """How many bytes a run has written into each file whose name ends so."""
    names, counts = {}, collections.Counter()
    for event in disk.events(record):
        if event[0] in "OC":
            names[event[2]] = os.path.relpath(event[1], root)
        elif event[0] == "W" and names.get(event[1], "").endswith(ending):
            counts[names[event[1]]] += len(event[3])
    return counts


class Scenario:
    def __init__(self, bench, name):
        self.bench, self.name = bench, name
        self.command, before, self.result = SCENARIOS[name]
        self.is_made_of_blocks = self.command[0] in ("predict", "instances")
        self.kept, self.kept_bytes, self.refusals = 0, 0, 0
        self.base = bench.base(before)
        self.before = {}
        if os.path.exists(f"{self.base}/catalog.sqlite"):
            self.before = {path: digests(f"{self.base}/{path}") for path in committed(self.base)}
        # Once without a fault: how many changes there are, what the result is, and how the disk sees it.
        self.whole = f"{bench.folder}/whole"
        shutil.rmtree(self.whole, ignore_errors=True)
        shutil.copytree(self.base, self.whole)
        self.disk = disk.Disk(self.whole)
        self.record = f"{bench.folder}/record"
        outcome = bench.run(self.whole, self.command, record=self.record)
        if outcome.returncode != 0:
            raise Fault(f"{name}, undisturbed: {outcome.stderr.strip()}")
        self.events = list(disk.events(self.record))
        self.changes = sum(event[0] != "O" for event in self.events)
        self.hash = self.state(self.whole)
        self.versions = len(committed(self.whole))

    def state(self, database):
        """What the work has left, as one value that does not depend on when and how often it ran."""
        if self.result is None:
            tree = [self.bench.json(database, "list", "datasets"), self.models(database)]
            for path in sorted(committed(database)):
                tree.append([path, sorted(digests(f"{database}/{path}"))])
            return json.dumps(tree)
        if isinstance(self.result, list):
            return [self.bench.json(database, "show", name)["hash"] for name in self.result]
        found = self.bench.json(database, "show", self.result)
        if self.name == "edit":
            return [found["hash"], found["voxel_size_nm"], found["own_bytes"]]
        return found.get("hash") or found["latest"]["hash"] if "latest" in found or "hash" in found \
            else found["weights_hash"]

    def models(self, database):
        """The paths of all models; names of files that a kill left are no part of them."""
        found = []
        for path, _, names in os.walk(f"{database}/models"):
            found += [os.path.relpath(f"{path}/{name}", database) for name in names if not name.endswith(".new")]
        return sorted(found)

    def fresh(self):
        database = f"{self.bench.folder}/work"
        shutil.rmtree(database, ignore_errors=True)
        shutil.copytree(self.base, database)
        return database

    def check(self, database, was_cut=False):
        """Everything that must hold after a fault; finishes the work. Returns how.

        After a power cut what was complete may have to be made again: lists of it are not made durable one by one.
        """
        bench = self.bench
        repairing = self.name == "repair"
        if not repairing:
            bench.must(database, ["list"])
            self.whole_versions(database)
        how = self.finish(database, was_cut)
        if self.state(database) != self.hash:
            raise Fault(f"after {how} the result is another one")
        self.whole_versions(database)
        bench.must(database, ["gc"])
        left = os.listdir(f"{database}/staging") if os.path.exists(f"{database}/staging") else []
        if left:
            raise Fault(f"gc left {left} in staging")
        bench.must(database, ["verify"])
        return how

    def whole_versions(self, database):
        for path in committed(database):
            folder = f"{database}/{path}"
            if not os.path.exists(f"{folder}/zarr.json"):
                raise Fault(f"{path} is committed and has no zarr.json")
            with open(f"{folder}.shards") as manifest:
                for line in manifest:
                    key = line.split()[0] if line.strip() else ""
                    if "/c/" in key and not os.path.exists(f"{folder}/{key}"):
                        raise Fault(f"{path} is committed and lacks {key}")
        if self.name in ("gc", "retire"):
            return
        renaming = self.name.startswith("rename")
        for path, files in self.before.items():
            if renaming:
                # Under the old name or the new one; of a version's own group the names in it may change.
                renamed = path.replace("volumes/d/em/", "volumes/d/raw/") if "volume" in self.name \
                    else path.replace("volumes/d/", "volumes/liver/")
                places = [place for place in {path, renamed} if os.path.exists(f"{database}/{place}")]
                if len(places) != 1:
                    raise Fault(f"{path} lies in {places}")
                path = places[0]
                found = digests(f"{database}/{path}")
                files = {name: digest for name, digest in files.items() if name != "zarr.json"}
                found = {name: digest for name, digest in found.items() if name != "zarr.json"}
            else:
                found = digests(f"{database}/{path}")
            if found != files:
                raise Fault(f"{path}, committed before, has changed")

    def finish(self, database, was_cut):
        bench = self.bench
        if self.result is not None:
            runs = {run["run"]: run["state"] for run in bench.json(database, "run", "list")}
            known = {run["run"] for run in bench.json(self.base, "run", "list")}
            new = [run for run in runs if run not in known]
            if new and runs[new[-1]] == "done":
                return "nothing"
            if new:
                if self.is_made_of_blocks and not was_cut:
                    self.resume(database, new[-1])
                else:
                    bench.must(database, ["run", "resume", str(new[-1])])
                return "resume"
            first = self.result[0] if isinstance(self.result, list) else self.result
            there = bench.run(database, ["show", first]).returncode == 0
            if there and len(committed(database)) == self.versions and self.state(database) == self.hash:
                return "nothing"
        elif self.name.startswith("rename") and self.state(database) == self.hash:
            return "nothing"
        bench.must(database, self.command)
        return "the same command"

    def resume(self, database, run):
        """Resumes a run that works block by block: what it had made stays, and nothing changed is gone on with."""
        kept = self.complete(database, run)
        self.refuses(database, run)
        record = f"{self.bench.folder}/resumed"
        outcome = self.bench.run(database, ["run", "resume", str(run)], record=record)
        if outcome.returncode != 0:
            raise Fault(f"resuming gave {outcome.returncode}: {outcome.stderr.strip()[-300:]}")
        made = {os.path.relpath(event[1] if event[0] == "C" else event[2], database)
                for event in disk.events(record) if event[0] in "CR"}
        twice = kept.keys() & made
        if twice:
            raise Fault(f"resuming made again {sorted(twice)}")
        planes = {path: size for path, size in kept.items() if path.endswith(".planes")}
        self.kept += len(kept) - len(planes)
        self.kept_bytes += sum(planes.values())
        # Planes go to the end of their file.
        written = written_bytes(record, database, ".planes")
        whole = written_bytes(self.record, self.whole, ".planes")
        for path, count in planes.items():
            if path in written and written[path] + count != whole[path]:
                raise Fault(f"resuming wrote {written[path]} bytes of {path}, of {whole[path]} with {count} there")

    def complete(self, database, run):
        """What a killed run has complete: shards, blocks (1 each) and planes (their bytes), by path."""
        found = {}
        staging = f"{database}/staging"
        for journal in os.listdir(staging) if os.path.exists(staging) else []:
            if not journal.endswith(".journal"):
                continue
            folder = f"{staging}/{journal.removesuffix('.journal')}"
            with open(f"{staging}/{journal}") as lines:
                listed = {line.split()[2] for line in lines if line.endswith("\n") and line.split()[1] != "0"}
            shards = {os.path.relpath(f"{path}/{name}", folder) for path, _, names in os.walk(f"{folder}/0/c")
                      for name in names}
            if len(shards - listed) > 1:
                raise Fault(f"{sorted(shards - listed)} were all under way, by one thread")
            found.update({os.path.relpath(f"{folder}/{key}", database): 1 for key in listed})
        folder = f"{database}/runs/{run}"
        for name in os.listdir(f"{folder}/blocks") if os.path.exists(f"{folder}/blocks") else []:
            if name.isdigit():
                found[f"runs/{run}/blocks/{name}"] = 1
        for name in os.listdir(folder) if os.path.exists(folder) else []:
            if name.endswith(".planes"):
                # 16 bits a voxel of the tile and a sum of 8 bytes; one plane may be torn.
                size = 2 * 64 * 48 + 8
                found[f"runs/{run}/{name}"] = os.path.getsize(f"{folder}/{name}") // size * size
        return found

    def refuses(self, database, run):
        """That the run does not go on with another setting, and a prediction not with other weights."""
        catalog = sqlite3.connect(f"{database}/catalog.sqlite")
        try:
            parameters = catalog.execute("SELECT parameters FROM run WHERE id = ?", [run]).fetchone()[0]
            other = dict(json.loads(parameters), threshold=0.25)
            catalog.execute("UPDATE run SET parameters = ? WHERE id = ?", [json.dumps(other), run])
            catalog.commit()
            outcome = self.bench.run(database, ["run", "resume", str(run)])
            catalog.execute("UPDATE run SET parameters = ? WHERE id = ?", [parameters, run])
            catalog.commit()
        finally:
            catalog.close()
        if outcome.returncode == 0 and "is done" in outcome.stdout + outcome.stderr:
            # All was there, and opening the database has committed it.
            return
        self.must_refuse(outcome, "another threshold")
        if self.command[0] != "predict":
            return
        weights = f"{database}/models/net/1/weights.safetensors"
        with open(weights, "rb") as file:
            bytes_before = file.read()
        os.chmod(weights, 0o644)
        with open(weights, "r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(bytes([bytes_before[-1] ^ 0x40]))
        outcome = self.bench.run(database, ["run", "resume", str(run)])
        with open(weights, "wb") as file:
            file.write(bytes_before)
        self.must_refuse(outcome, "other weights")

    def must_refuse(self, outcome, what):
        self.refusals += 1
        if outcome.returncode != 1 or not outcome.stderr.strip().splitlines()[-1].startswith("vemdb"):
            raise Fault(f"went on with {what}: {outcome.returncode} {outcome.stderr.strip()[-300:]}")

    def kill(self, at):
        database = self.fresh()
        outcome = self.bench.run(database, self.command, kill=at)
        if outcome.returncode == 0:
            return "was done before"
        if outcome.returncode != -9:
            raise Fault(f"ended with {outcome.returncode}: {outcome.stderr.strip()}")
        return self.check(database)

    def fail(self, at, number, lasting):
        database = self.fresh()
        outcome = self.bench.run(database, self.command, fail=f"{at}:{number}" + (":+" if lasting else ""))
        if outcome.returncode not in (0, 1):
            raise Fault(f"ended with {outcome.returncode}: {outcome.stderr.strip()}")
        if outcome.returncode == 1 and not outcome.stderr.strip().splitlines()[-1].startswith("vemdb"):
            raise Fault(f"says no sentence but: {outcome.stderr.strip()}")
        return self.check(database)

    def cuts(self, count, chance):
        """States of the disk after a power failure: after each synchronisation what is durable, and at random
        points also what was written and not yet durable."""
        self.disk.root = self.whole
        points = [number for number, event in enumerate(self.events) if event[0] in "SD"]
        if len(points) > count:
            points = sorted(chance.sample(points, count))
        wanted = set(points)
        for number, event in enumerate(self.events):
            self.disk.apply(event)
            if number in wanted:
                database = f"{self.bench.folder}/work"
                shutil.rmtree(database, ignore_errors=True)
                self.disk.write(database, durable=True)
                yield number, database


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--vemdb", required=True)
    parser.add_argument("--library", required=True)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--errors", type=int, default=100)
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--only", action="append", choices=SCENARIOS)
    options = parser.parse_args()
    options.vemdb, options.library = os.path.abspath(options.vemdb), os.path.abspath(options.library)
    names = options.only or list(SCENARIOS)
    until = time.monotonic() + options.seconds
    counts = collections.defaultdict(collections.Counter)
    broken = []
    with tempfile.TemporaryDirectory(prefix="vemdb-faults-") as folder:
        bench = Bench(options, folder)
        for position, name in enumerate(names):
            chance = random.Random(f"{options.seed} {name}")
            scenario = Scenario(bench, name)
            share = lambda count: max(1, -(-count // len(names)))
            # Each scenario may use its part of the time that is left.
            end = time.monotonic() + (until - time.monotonic()) / (len(names) - position)

            def attempt(kind, what, work):
                if time.monotonic() > end:
                    counts[name]["no time"] += 1
                    return
                counts[name][kind] += 1
                try:
                    counts[name]["finished by " + work()] += 1
                except Fault as fault:
                    broken.append(f"{name}, {kind} {what}: {fault}")
                    print("BROKEN", broken[-1], flush=True)

            points = chance.choices(range(1, scenario.changes + 1), k=share(options.kills))
            for at in points:
                attempt("kill", f"at change {at} of {scenario.changes}", lambda: scenario.kill(at))
            for number in range(share(options.errors)):
                at = chance.randrange(1, scenario.changes + 1)
                code = errno.ENOSPC if number % 2 else errno.EIO
                attempt("error", f"{errno.errorcode[code]} at change {at} of {scenario.changes}",
                        lambda: scenario.fail(at, code, lasting=code == errno.ENOSPC))
            for at, database in scenario.cuts(share(options.cuts), chance):
                attempt("power cut", f"after event {at} of {len(scenario.events)}",
                        lambda: scenario.check(database, was_cut=True))
            print(f"{name}: {scenario.changes} changes;",
                  ", ".join(f"{count} {what}" for what, count in counts[name].items()), flush=True)
            if scenario.is_made_of_blocks:
                print(f"  {scenario.kept} shards and blocks and {scenario.kept_bytes} bytes of planes were kept,",
                      f"{scenario.refusals} resumptions with something changed refused",
                      flush=True)
    total = sum(counts.values(), collections.Counter())
    print(f"\n{total['kill']} kills, {total['error']} failed calls, {total['power cut']} power cuts;"
          f" {len(broken)} broke something")
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
