#!/usr/bin/env python3
"""What analyses of features take as images become more: wall and processor seconds, and the most memory in RAM, a process each.

    scripts/bench/analyses_curve.py PALIMPSEST SCRATCH [--images 500,1000,…] [--taps 24] [--columns 192] [--what similarity,intervals,color,prototypes]

Stores of random features are written with h5py (seed 0): as many images as asked for at --taps taps of --columns columns, 100 classes that the features know a
little of, under the originals and, at the first tap, under one condition. Prints rows of Markdown for docs/performance.md. Each store is removed after its use.
"""
import argparse
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np


def write(path, images, taps, columns, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 100, images).astype(np.int32)
    centres = rng.normal(size=(100, columns)).astype(np.float32)
    with h5py.File(path, "w") as file:
        file.attrs["format"], file.attrs["version"] = "palimpsest.features", 1
        file["images/path"] = [f"{i:07}.png" for i in range(images)]
        file["images/label"] = labels
        file["images/label"].attrs["names"] = [f"c{i:02}" for i in range(100)]
        names = [("original", f"tap{t:02}") for t in range(taps)] + [("gray", "tap00")]
        sets = {n: file.create_dataset(f"features/{n[0]}/{n[1]}", (images, 1, columns), np.float32) for n in names}
        for start in range(0, images, 50_000):
            part = slice(start, min(images, start + 50_000))
            base = 0.4 * centres[labels[part]] + rng.standard_normal((len(labels[part]), columns), dtype=np.float32)
            for name, data in sets.items():
                noise = rng.standard_normal(base.shape, dtype=np.float32)
                data[part] = (base + (0.3 if name[0] == "gray" else 0.8) * noise)[:, None]


def measure(command):
    """Wall and processor seconds, MiB in RAM at most."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    text = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if status != 0:
        raise SystemExit(f"{' '.join(command)}: {text.strip()[-600:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main():
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("scratch", type=Path)
    options.add_argument("--images", default="500,1000,2000,5000,10000,20000,50000")
    options.add_argument("--taps", type=int, default=24)
    options.add_argument("--columns", type=int, default=192)
    options.add_argument("--what", default="similarity,intervals,color,prototypes")
    given = options.parse_args()
    extra = {
        "similarity": ["similarity", "--bootstrap", "0"],
        "intervals": ["similarity"],
        "color": ["color", "--taps", "tap00"],
        "prototypes": ["prototypes", "--taps", "tap00"],
    }
    print("| analysis | images | seconds | of a processor | MiB |\n|---|---|---|---|---|", flush=True)
    for images in (int(n) for n in given.images.split(",")):
        folder = Path(tempfile.mkdtemp(dir=given.scratch))
        try:
            store = folder / "store.h5"
            write(store, images, given.taps, given.columns)
            for what in given.what.split(","):
                wall, processor, memory = measure(
                    [given.program, "analyze", extra[what][0], str(store), *extra[what][1:], "--quiet", "--out", str(folder / what)])
                print(f"| `{' '.join(extra[what])}` | {images:,} | {wall:.1f} | {processor:.1f} | {memory:.0f} |", flush=True)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
