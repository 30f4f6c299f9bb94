#!/usr/bin/env python3
"""Palimpsest beside Python on the same work, in turns, as a markdown table.

    compare.py [--palimpsest .build/release/palimpsest] [--rounds 3] [--only vit,swin,…] [--cache DIR]

Workloads: extraction with every tap at batch 8, decoding and writing included, of ViT-B/16, DeiT III-B and Swin-B (timm) and
DETR-R50 at 640x480 (transformers), plain and compressed (shuffle and deflate), and debiased linear CKA of 2,048 images × 26 taps ×
768 columns. Each round runs Palimpsest and then every Python variant; in each round the fastest variant counts, and the ratio is the
median of the rounds' ratios. Python's seconds are those of its loop: imports and loading the checkpoint are left out. Palimpsest's are
those it reports with --json, or of the whole process where it reports none. The process columns hold everything.
"""
import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import h5py  # noqa: E402
import numpy as np  # noqa: E402

from check_full_size import checkpoint  # noqa: E402
from photographs import write_many  # noqa: E402
from reference import versions  # noqa: E402

ROOT = HERE.parents[1]
MODELS = {"vit": ("timm-vit-b16", 64), "deit3": ("timm-deit3-b16", 64), "swin": ("timm-swin-b", 48),
          "detr": ("hf-detr-r50", 16)}
SECONDS = ("seconds", "elapsed_seconds", "elapsed", "elapsedSeconds")


# Starts the measured process from a small one: Linux counts the memory of the process that forked into the peak of its child.
LAUNCHER = """
import json, os, sys, time
start = time.monotonic()
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
status, usage = os.wait4(pid, 0)[1:]
json.dump([os.waitstatus_to_exitcode(status), time.monotonic() - start, usage.ru_maxrss * 1024], open(sys.argv[1], "w"))
"""


def run(command, environment):
    """Wall seconds, peak memory in bytes and the seconds the process reports; stops the benchmark where it fails."""
    os.sync()
    with tempfile.NamedTemporaryFile() as measured:
        process = subprocess.run([sys.executable, "-S", "-c", LAUNCHER, measured.name, *command], capture_output=True,
                                 text=True, env=environment)
        if process.returncode:
            sys.exit(f"cannot start {command[0]}: {process.stderr.strip()}")
        status, wall, memory = json.loads(Path(measured.name).read_text())
    if status:
        sys.exit(f"exit status {status}: {' '.join(map(str, command))}\n{process.stderr.strip()}")
    start_of_json = process.stdout.find("{")
    summary = json.loads(process.stdout[start_of_json:]) if start_of_json >= 0 else {}
    seconds = next((float(summary[k]) for k in SECONDS if k in summary), wall)
    return dict(wall=wall, seconds=seconds, memory=memory)


def environment():
    """Without this machine's pinned OpenBLAS kernels, which slow numpy down."""
    return {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}


def take_turns(rounds, ours, theirs, amount, size_of):
    """Run a workload; one row of the table. `ours` and every entry of `theirs` write where `size_of` measures bytes."""
    results, env = [], environment()
    for number in range(rounds):
        a = run(ours, env)
        a["bytes"] = size_of()
        b = {}
        for name, command in theirs.items():
            b[name] = run(command, env)
            b[name]["bytes"] = size_of()
        best = min(b, key=lambda name: b[name]["seconds"])
        results.append((a, b[best], best))
        print(f"  round {number + 1}: palimpsest {a['seconds']:.2f} s; "
              + ", ".join(f"{n} {r['seconds']:.2f} s" for n, r in b.items()), file=sys.stderr, flush=True)
    middle = lambda values: statistics.median(list(values))
    rate = lambda side, what: middle(what(r[side]) / r[side]["seconds"] for r in results)
    return dict(
        ours_rate=rate(0, lambda r: amount), theirs_rate=rate(1, lambda r: amount),
        ours_bytes=rate(0, lambda r: r["bytes"]), theirs_bytes=rate(1, lambda r: r["bytes"]),
        ours_memory=max(r[0]["memory"] for r in results), theirs_memory=max(r[1]["memory"] for r in results),
        size=f"{results[-1][0]['bytes'] / 2 ** 20:.0f} / {results[-1][1]['bytes'] / 2 ** 20:.0f}",
        ratio=middle(b["seconds"] / a["seconds"] for a, b, _ in results),
        process=middle(b["wall"] / a["wall"] for a, b, _ in results),
        spread=f"{min(b['seconds'] / a['seconds'] for a, b, _ in results):.2f}–"
               f"{max(b['seconds'] / a['seconds'] for a, b, _ in results):.2f}",
        variant=statistics.mode(best for _, _, best in results))


def extraction(options, key, compressed, scratch):
    name, count = MODELS[key]
    count = max(1, round(count * options.scale))
    folder = checkpoint(name, options.cache)
    images = options.cache / f"images-{count}"
    if not images.exists():
        write_many(images, count)
    out = scratch / "store.h5"

    def size_of():
        size = out.stat().st_size
        out.unlink()
        return size
    ours = [str(options.palimpsest), "extract", "--model", str(folder), "--images", str(images), "--out", str(out),
            "--batch-size", "8", "--json", *(options.compress_flags.split() if compressed else [])]
    python = [sys.executable, str(HERE / "extract_python.py"), "--model", str(folder), "--images", str(images),
              "--out", str(out), "--batch-size", "8", *(["--compress"] if compressed else [])]
    theirs = {"simple loop": python, "DataLoader, 2 workers": [*python, "--workers", "2"]}
    label = {"vit": "ViT-B/16", "deit3": "DeiT III-B", "swin": "Swin-B", "detr": "DETR-R50, 640×480"}[key]
    return dict(take_turns(options.rounds, ours, theirs, count, size_of),
                label=f"extract {label}, {'compressed' if compressed else 'plain'}, {count} images")


def similarity_store(path, images=2048, taps=26, columns=768):
    """Taps that share a latent with their neighbours, as layers do."""
    rng = np.random.default_rng(1)
    latent = rng.normal(size=(images, 64)).astype(np.float32)
    text = h5py.string_dtype("utf-8")
    with h5py.File(path, "w") as file:
        file.attrs.update(format="palimpsest.features", version=1, model="benchmark", family="other", checkpoint_sha256="",
                          config="{}", preprocessing="{}", created_by="scripts/bench/compare.py",
                          created_at="2026-01-01T00:00:00Z", seed=1)
        file.create_dataset("images/path", data=[f"{i:05d}.jpg" for i in range(images)], dtype=text)
        file["images/size"] = np.full((images, 2), 224, np.int32)
        file["images/label"] = np.full(images, -1, np.int32)
        file.create_dataset("images/error", data=[""] * images, dtype=text)
        file["progress/original"] = np.ones(images, np.uint8)
        for i in range(taps):
            mix = rng.normal(size=(64, columns)).astype(np.float32) / 8
            latent = np.tanh(latent @ rng.normal(size=(64, 64)).astype(np.float32) / 8) + 0.5 * latent
            x = latent @ mix + 0.3 * rng.normal(size=(images, columns)).astype(np.float32)
            dataset = file.create_dataset(f"features/original/block.{i}", data=x[:, None].astype(np.float32),
                                          chunks=(1, 1, columns))
            dataset.attrs["grid"] = np.array([], np.int64)
            dataset.attrs["prefix_tokens"] = 0


def similarity(options, scratch):
    store = options.cache / "similarity-2048x26x768.h5"
    if not store.exists():
        similarity_store(store)
    results = scratch / "similarity"
    ours = [str(options.palimpsest), "analyze", "similarity", str(store), "--out", str(results), "--json",
            *options.similarity_flags.split()]
    theirs = {f"numpy, {m}": [sys.executable, str(HERE / "similarity_python.py"), str(store), "--method", m,
                              "--out", str(scratch / "similarity.csv")] for m in ("gram", "features")}
    size = store.stat().st_size

    def size_of():
        shutil.rmtree(results, ignore_errors=True)
        return size
    return dict(take_turns(options.rounds, ours, theirs, 351, size_of), label="CKA of 2,048 images × 26 taps × 768 (pairs/s)")


def machine():
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.processor())
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [f"{m}{c}" for m in MODELS for c in ("", "-compressed")] + ["similarity"]
    parser.add_argument("--palimpsest", type=Path, default=ROOT / ".build/release/palimpsest")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", help="workloads, separated by commas: " + ", ".join(names))
    parser.add_argument("--scale", type=float, default=1.0, help="multiply the numbers of images")
    parser.add_argument("--cache", type=Path, help="keep checkpoints and images here")
    parser.add_argument("--compress-flags", default="--compression deflate")
    parser.add_argument("--similarity-flags", default="--bootstrap 0")
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else names
    unknown = [n for n in chosen if n not in names]
    if unknown:
        parser.error(f"no workload {unknown[0]}; there are {', '.join(names)}")
    print(f"Machine: {machine()}. " + ", ".join(f"{k} {v}" for k, v in versions().items()) + f". Rounds: {options.rounds}.\n")
    print("| work | Palimpsest /s | Python /s | ratio (range) | whole process | MB/s | store MiB | peak MiB | Python variant |\n"
          "|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        options.cache = options.cache or scratch / "cache"
        options.cache.mkdir(parents=True, exist_ok=True)
        for name in chosen:
            row = (similarity(options, scratch) if name == "similarity"
                   else extraction(options, name.split("-")[0], name.endswith("-compressed"), scratch))
            print(f"| {row['label']} | {row['ours_rate']:.2f} | {row['theirs_rate']:.2f} | **{row['ratio']:.2f}** ({row['spread']}) "
                  f"| {row['process']:.2f} | {row['ours_bytes'] / 1e6:.0f} / {row['theirs_bytes'] / 1e6:.0f} | {row['size']} "
                  f"| {row['ours_memory'] / 2 ** 20:.0f} / {row['theirs_memory'] / 2 ** 20:.0f} | {row['variant']} |", flush=True)


if __name__ == "__main__":
    main()
