#!/usr/bin/env python3
"""Makes a store as an array of jobs of a real Slurm, kills, requeues and cancels its tasks, and compares what comes out with the store of
one process, byte by byte.

    scripts/check_slurm.py PALIMPSEST MODEL [--images 200] [--shards 6] [--kills 20] [--requeues 5] [--seed 0] [--compression deflate]

Slurm has to be there (SLURM_CONF is exported where it is one of a single machine). Nothing but h5py is needed beside it.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy


def run(*words, **more):
    return subprocess.run([str(word) for word in words], check=True, text=True, capture_output=True, **more).stdout


def submit(script, array):
    return run("sbatch", "--parsable", f"--array={array}", script).strip()


def states(job):
    """State by task of an array, of tasks that Slurm still has."""
    lines = run("squeue", "--noheader", "--array", "--states=all", "--format=%K %t", "--jobs", job).split("\n")
    return dict(line.split() for line in lines if line.strip())


def workers(script_mark):
    """Process ids of the program that work on this store."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if script_mark.encode() in words and b"extract" in words:
                found.append(int(entry.name))
    return found


def send(process, number):
    """Whether the process was still there."""
    try:
        os.kill(process, number)
        return 1
    except ProcessLookupError:
        return 0


def differences(first, second):
    """Datasets that differ by a byte, and attributes that differ beside the date and the sum that it is part of."""
    wrong = []
    with h5py.File(first) as a, h5py.File(second) as b:
        names = set()
        a.visit(names.add)
        others = set()
        b.visit(others.add)
        wrong += sorted(names ^ others)
        for name in sorted(names & others):
            if isinstance(a[name], h5py.Dataset):
                x, y = a[name][...], b[name][...]
                if x.dtype != y.dtype or x.tobytes() != y.tobytes():
                    wrong.append(name)
            for key in set(a[name].attrs) | set(b[name].attrs):
                if (name, key) != ("checksums", "metadata") and not numpy.array_equal(a[name].attrs.get(key), b[name].attrs.get(key)):
                    wrong.append(f"{name}@{key}")
        wrong += [key for key in set(a.attrs) | set(b.attrs) if key != "created_at" and not numpy.array_equal(a.attrs.get(key), b.attrs.get(key))]
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("palimpsest", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--shards", type=int, default=6)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--requeues", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compression", default="none")
    parser.add_argument("--limit", type=int, default=600, help="seconds after which the check gives up")
    given = parser.parse_args()
    draw = random.Random(given.seed)
    program = given.palimpsest.resolve()
    with tempfile.TemporaryDirectory(prefix="palimpsest-slurm-") as name:
        folder = Path(name)
        run(program, "scenes", "--count", given.images, "--size", "64x64", "--seed", 3, "--out", folder / "scenes", "--quiet")
        mark = str(folder / "vit.h5")
        common = [
            str(program), "extract", "--model", str(given.model.resolve()), "--images", str(folder / "scenes/images"), "--batch-size", "2",
            "--conditions", "red", "--compression", given.compression, "--quiet",
        ]
        run(*common, "--threads", 1, "--out", folder / "whole.h5")
        script = folder / "job.sh"
        script.write_text(
            "#!/bin/bash\n#SBATCH --ntasks=1 --cpus-per-task=1 --signal=B:USR1@30 --open-mode=append --requeue\n"
            f"#SBATCH --output={folder}/log-%a.txt\n"
            f"exec {' '.join(common)} --shards {given.shards} --shard auto --requeue 1000 --out {mark}\n"
        )
        script.chmod(0o755)
        began = time.time()
        last = given.shards - 1
        job = submit(script, f"0-{last}")
        jobs = [job]
        told = {"SIGKILL": 0, "SIGUSR1": 0, "scontrol requeue": 0, "scancel": 0, "submitted again": 0}
        statuses = []
        while time.time() - began < given.limit:
            time.sleep(draw.uniform(0.2, 1.2))
            try:
                status = json.loads(run(program, "status", mark + ".shards", "--json"))
            except subprocess.CalledProcessError:
                continue  # No task made the plan yet.
            statuses.append(status["counts"])
            alive = workers(mark)
            if status["counts"]["done"] == len(status["shards"]):
                if not alive:
                    break
                continue
            active = {task for each in jobs for task, state in states(each).items() if state in ("R", "PD", "CG", "S", "CF")}
            running = [(each, task) for each in jobs for task, state in states(each).items() if state == "R"]
            if alive and told["SIGKILL"] < given.kills and draw.random() < 0.6:
                told["SIGKILL"] += send(draw.choice(alive), signal.SIGKILL)
            elif alive and draw.random() < 0.3:
                told["SIGUSR1"] += send(draw.choice(alive), signal.SIGUSR1)
            elif running and told["scontrol requeue"] < given.requeues:
                each, task = draw.choice(running)
                subprocess.run(["scontrol", "requeue", f"{each}_{task}"], capture_output=True)
                told["scontrol requeue"] += 1
            elif running and told["scancel"] < 1:
                each, task = draw.choice(running)
                subprocess.run(["scancel", f"{each}_{task}"], capture_output=True)
                told["scancel"] += 1
            # Slurm starts a job that was put into its queue again after two minutes, unless it is told.
            for each in jobs:
                for task, state in states(each).items():
                    if state == "PD":
                        subprocess.run(["scontrol", "update", f"JobId={each}_{task}", "StartTime=now"], capture_output=True)
            # A task that a kill ended is no longer there: it is submitted again by its number alone, as a user does.
            missing = [shard["shard"] for shard in status["shards"] if shard["state"] in ("stale", "missing") and str(shard["shard"]) not in active]
            if missing:
                jobs.append(submit(script, ",".join(map(str, missing))))
                told["submitted again"] += 1
        else:
            sys.exit(f"not done after {given.limit} s: {statuses[-1:]}")
        print(f"{given.shards} shards of {given.images} images in {time.time() - began:.0f} s, {told}")
        run(program, "verify", mark + ".shards")
        run(program, "merge", mark + ".shards", "--out", mark, "--copy")
        wrong = differences(mark, folder / "whole.h5")
        print("byte-equal to the store of one process" if not wrong else f"differs: {wrong}")
        for path in sorted(folder.glob("log-*.txt")):
            lines = [line for line in path.read_text().splitlines() if "palimpsest" in line or "requeue" in line or "queue" in line]
            print(path.name, len(lines), *sorted(set(lines))[:3], sep="\n  ")
        sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
