#!/usr/bin/env python3
"""Check a build with CUDA on a machine with a GPU. A maintainer's tool.

    check_cuda.py --work DIR [--palimpsest .build/release/palimpsest] [--device cuda] [--fixtures DIR] [--only taps,demo]

    taps      every tap of the zoo on the GPU against timm or transformers on the CPU; with --fixtures, of the checkpoints there
              against their reference.h5: relative L2 within 1e-4
    training  for every family, modular on the GPU twice gives the same bytes, also when one of the two was killed and went on;
              its losses are the CPU's within 1e-3; end-to-end, polished, residual and ridge run; images led back on the GPU differ
              from those on the CPU by 1 of 255 at most but for one value in a thousand
    demo      `palimpsest demo` on the GPU and the CPU: the same tables with as many rows, and every number that is not of a single
              image within 2 %; columns with a number more than 1 % apart are listed
    extraction, steps
              extraction of full-size models, and modular training steps, beside PyTorch on the same device, in turns

Prints a line for each check, and JSON of everything measured to DIR/measured.json. Exit status 0 when all checks hold.
"""
import argparse
import csv
import filecmp
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import h5py  # noqa: E402
import numpy as np  # noqa: E402

ROOT = HERE.parent
ZOO = ROOT / "notebooks-data" / "zoo"
FAMILIES = ("vit", "deit", "swin", "detr")
failures, measured = [], {}


def report(name, holds, text):
    print(f"{'ok  ' if holds else 'FAIL'} {name}: {text}", flush=True)
    measured[name] = text
    if not holds:
        failures.append(name)


def call(*command, **options):
    """Runs a command; its output, or an error with what it said."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    if done.returncode:
        raise RuntimeError(f"exit status {done.returncode}: {' '.join(map(str, command))}\n{done.stderr.strip()[-1500:]}")
    return done.stdout


def guarded(name, check, *arguments):
    try:
        return check(*arguments)
    except Exception as error:  # a check that breaks must not hide the others
        report(name, False, f"{type(error).__name__}: {error}")


def relative(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-30))


# MARK: Taps

def worst_tap(store, other):
    """Largest relative L2 error over the taps two open stores share, and how many they share."""
    a, b = store["features/original"], other["features/original"]
    names = [n for n in b if n in a]
    return max((relative(a[n][:], b[n][:]), n) for n in names), len(names)


def taps(o):
    for family in FAMILIES:
        guarded(f"taps {family}", zoo_taps, o, family)
    for folder in sorted(o.fixtures.iterdir()) if o.fixtures else []:
        if (folder / "reference.h5").exists():
            guarded(f"taps {folder.name}", fixture_taps, o, folder)


def zoo_taps(o, family):
    out = o.work / f"taps-{family}.h5"
    call(o.palimpsest, "extract", "--model", ZOO / family, "--images", o.work / "scenes/images", "--limit", 24, "--out", out,
         "--device", o.device, "--quiet")
    text = call(sys.executable, HERE / "compare_features.py", out, "--reference", ZOO / family, "--tolerance", "1e-4")
    rows = [line.split() for line in text.splitlines() if "[24," in line]
    worst = max(rows, key=lambda row: float(row[-3]))
    report(f"taps {family}", len(rows) > 3, f"{len(rows)} taps, worst {worst[0]} {worst[-3]}")


def fixture_taps(o, folder):
    out = o.work / f"taps-{folder.name}.h5"
    call(o.palimpsest, "extract", "--model", folder, "--images", folder / "images", "--out", out, "--device", o.device, "--quiet")
    with h5py.File(out) as store, h5py.File(folder / "reference.h5") as reference:
        (error, name), count = worst_tap(store, reference)
    report(f"taps {folder.name}", error < 1e-4 and count > 3, f"{count} taps, worst {name} {error:.1e}")


# MARK: Training

def training_command(o, family, out, device, *settings):
    return [str(word) for word in (
        o.palimpsest, "train", "--model", ZOO / family, "--images", o.work / "scenes/images", "--limit", 64, "--batch-size", 8,
        "--threads", 2, "--device", device, "--seed", 3, "--out", out, "--quiet", *(settings or ["--epochs", 2]))]


def train(*arguments):
    call(*training_command(*arguments))


def history(folder):
    """Every loss of a training, in order."""
    return np.array([float(r["loss"]) for r in csv.DictReader(open(folder / "history.csv"))])


def same_weights(a, b):
    """Whether two trainings ended with the same files of weights; the state beside them has seconds in it."""
    files = sorted(p.name for p in a.glob("*.safetensors") if p.name != "state.safetensors")
    return bool(files) and all(filecmp.cmp(a / f, b / f, shallow=False) for f in files)


def training(o):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda family: guarded(f"training {family}", train_family, o, family), FAMILIES))


def train_family(o, family):
    base = o.work / "training" / family
    base.mkdir(parents=True)
    train(o, family, base / "first", o.device)
    train(o, family, base / "second", o.device)
    report(f"repeat {family}", same_weights(base / "first", base / "second"), "the same bytes from the same seed on the GPU")
    train(o, family, base / "cpu", "cpu")
    a, b = history(base / "first"), history(base / "cpu")
    difference = float(np.max(np.abs(a - b) / np.abs(b)))
    report(f"losses {family}", len(a) == len(b) and difference < 1e-3,
           f"largest relative difference of {len(a)} losses from the CPU's {difference:.1e}")

    command = training_command(o, family, base / "killed", o.device)
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    deadline = time.time() + 60
    while process.poll() is None and not list((base / "killed").glob("*.last.safetensors")) and time.time() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    interrupted = process.wait() == -signal.SIGKILL
    call(*command)
    report(f"killed {family}", interrupted and same_weights(base / "first", base / "killed"),
           "killed after an epoch, went on, the same bytes" if interrupted else "ended before it could be killed")

    for name, settings in (("end-to-end", ["--mode", "end-to-end", "--epochs", 1]),
                           ("polished", ["--mode", "modular-then-polish", "--epochs", 1]),
                           ("residual", ["--inverse", "residual", "--epochs", 1]), ("ridge", ["--inverse", "ridge"])):
        if name == "residual" and family == "detr":
            continue
        train(o, family, base / name, o.device, *settings)
        report(f"{name} {family}", any((base / name).glob("*.safetensors")), "runs")
    images = {}
    for device in (o.device, "cpu"):
        out = base / f"back-{device.replace(':', '-')}.h5"
        call(o.palimpsest, "reconstruct", "--inverse", base / "first", "--images", o.work / "scenes/images", "--limit", 16, "--out",
             out, "--model", ZOO / family, "--device", device, "--quiet")
        with h5py.File(out) as store:
            group = store["reconstructions/original"]
            images[device] = {n: group[n][:].astype(int) for n in group}
    worst, share = 0, 0.0
    for name, values in images["cpu"].items():
        difference = np.abs(values - images[o.device][name])
        worst, share = max(worst, int(difference.max())), max(share, float((difference > 1).mean()))
    report(f"back {family}", share < 1e-3, f"images of {len(images['cpu'])} cuts differ by at most {worst} of 255, "
           f"{share:.1e} of the values by more than 1")


# MARK: The demo

def demo(o):
    def run(device):
        start = time.monotonic()
        out = o.work / f"demo-{device.replace(':', '-')}"
        call(o.palimpsest, "demo", "--count", o.demo_count, "--device", device, "--threads", 8, "--out", out, "--quiet")
        return o.work / f".{out.name}-work" / "results", time.monotonic() - start
    with ThreadPoolExecutor(2) as pool:
        (gpu, fast), (cpu, slow) = pool.map(run, (o.device, "cpu"))
    print(f"demo of {o.demo_count} scenes, both at once, 8 threads each: {o.device} {fast:.0f} s, cpu {slow:.0f} s", flush=True)
    tables, others = (sorted(p.relative_to(folder) for p in folder.rglob("*.csv")) for folder in (cpu, gpu))
    report("demo tables", len(tables) > 10 and tables == others, f"{len(tables)} tables on the CPU, {len(others)} on the GPU")
    apart = {}
    for table in sorted(set(tables) & set(others)):
        compare_tables(table, *(list(csv.DictReader(open(folder / table))) for folder in (gpu, cpu)), apart)
    measured["demo apart"] = apart
    print("\n".join(f"     {key}: {value:.3f}" for key, value in apart.items()), flush=True)
    worst = max((value for key, value in apart.items() if "_images.csv" not in key), default=0)
    report("demo numbers", worst < 0.02, f"{len(apart)} columns have a number over 1 % apart; at most {worst:.3f} where not of one image")


def compare_tables(table, ours, theirs, apart):
    """Adds to `apart` the largest relative difference of every column that has one over 1 %."""
    if len(ours) != len(theirs):
        report(f"demo {table}", False, f"{len(ours)} rows and {len(theirs)}")
    for x, y in zip(ours, theirs):
        for column in y:
            try:
                u, v = float(x[column]), float(y[column])
            except ValueError:
                continue
            difference = np.inf if np.isnan(u) != np.isnan(v) else abs(u - v) / max(abs(v), 1e-2)
            if difference > 0.01:
                key = f"{table} {x.get('metric', x.get('measure', ''))} {column}"
                apart[key] = max(difference, apart.get(key, 0.0))


# MARK: Speed

FULL_SIZE = (("vit", "timm-vit-b16", "224x224", 32, 256), ("swin", "timm-swin-b", "224x224", 32, 256),
             ("detr", "hf-detr-r50", "640x480", 8, 64))


def large_images(o):
    if not (o.work / "large").exists():
        call(o.palimpsest, "scenes", "--count", 264, "--seed", 5, "--size", "640x480", "--out", o.work / "large", "--quiet")
    return o.work / "large/images"


def extraction(o):
    for entry in FULL_SIZE:
        guarded(f"extract {entry[0]}", extraction_of, o, *entry)


def extraction_of(o, family, folder, size, batch, limit):
    from check_full_size import checkpoint
    model, images, rounds = checkpoint(folder, o.work), large_images(o), []
    ours, theirs = o.work / "ours.h5", o.work / "pytorch.h5"
    for _ in range(o.rounds):
        ours.unlink(missing_ok=True)
        own = json.loads(call(o.palimpsest, "extract", "--model", model, "--images", images, "--limit", limit, "--out", ours,
                              "--size", size, "--batch-size", batch, "--device", o.device, "--json"))
        other = json.loads(call(sys.executable, HERE / "bench/extract_python.py", "--model", model, "--images", images, "--limit",
                                limit, "--out", theirs, "--batch-size", batch, "--device", o.device, "--workers", 8)
                           .strip().splitlines()[-1])
        rounds.append((round(limit / own["seconds"], 1), round(limit / other["seconds"], 1)))
    with h5py.File(ours) as a, h5py.File(theirs) as b:
        (error, name), count = worst_tap(a, b)
    report(f"extract {family}", error < 1e-4, f"images/s ours, PyTorch: {rounds}; worst of {count} taps {name} {error:.1e}")


def steps(o):
    for entry in FULL_SIZE:
        guarded(f"step {entry[0]}", steps_of, o, *entry)


def steps_of(o, family, folder, size, *_):
    from check_full_size import checkpoint
    model, images, rounds = checkpoint(folder, o.work), large_images(o), []
    arguments = ["--batch-size", 16, "--threads", 8, "--device", o.device]
    for index in range(o.rounds):
        out = o.work / f"steps-{family}-{index}"
        call(o.palimpsest, "train", "--model", model, "--images", images, "--limit", 16 * 13, "--epochs", 1, "--quiet", "--out", out,
             "--size", size, *arguments)
        own = {r["metric"]: float(r["value"]) for r in csv.DictReader(open(out / "efficiency.csv")) if r["module"] == "all"}
        other = json.loads(call(sys.executable, HERE / "bench/train_python.py", "--family", family, "--model", model, "--steps", 12,
                                *arguments))
        rounds.append(dict(ours=own["seconds_per_step"], pytorch=other["seconds_per_step"],
                           our_peak=own.get("peak_device_bytes"), their_peak=other["peak_device_bytes"]))
    report(f"step {family}", True, f"seconds at batch 16 and peak device bytes: {rounds}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--palimpsest", default=str(ROOT / ".build/release/palimpsest"))
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--fixtures", type=Path)
    parser.add_argument("--demo-count", type=int, default=96)
    parser.add_argument("--only", default="taps,training,demo,extraction,steps")
    parser.add_argument("--rounds", type=int, default=2)
    o = parser.parse_args()
    o.work.mkdir(parents=True, exist_ok=True)
    call(o.palimpsest, "scenes", "--count", 64, "--seed", 11, "--size", "160x160", "--out", o.work / "scenes", "--quiet")
    for name in o.only.split(","):
        start = time.monotonic()
        guarded(name, globals()[name], o)
        print(f"     {name} took {time.monotonic() - start:.0f} s", flush=True)
        (o.work / "measured.json").write_text(json.dumps(measured, indent=1))
    sys.exit(f"{len(failures)} checks failed: {', '.join(failures)}" if failures else 0)


if __name__ == "__main__":
    main()
