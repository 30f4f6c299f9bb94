#!/usr/bin/env python3
"""Trains the zoo's inverses with `palimpsest train` and lays them out as they are committed. A maintainer's tool.

    scripts/zoo/inverses.py --scenes scenes96 --detr-scenes scenes160 --work DIR --images 6000 --epochs 2 \\
        --out notebooks-data/zoo/inverses [--only vit-modular,detr-ridge] [--threads 2]

For every model: `modular` (of ViT, DeiT and Swin `--inverse residual`, of DETR networks), `end-to-end` (a chain from the deepest
cut that still has a place for every patch), `ridge`, and `mean-image`, a control that is not kept. Validation is on scenes 6000 to
6299, which no training saw. A training that was stopped goes on. Prints the PSNR from every cut; the best weights are kept
in float16, with plan, history, curves and efficiency.

Needs numpy, safetensors.
"""
import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

HERE = Path(__file__).resolve().parent
ZOO = HERE.parents[1] / "notebooks-data" / "zoo"
VALIDATION = slice(6000, 6300)

MODULAR = {"vit": "residual", "deit": "residual", "swin": "residual", "detr": "network"}
# ViT and DeiT III from the embedding and from every second block: four cuts, as Swin and DETR have.
CUTS = {"vit": "embed,block.1,block.3,block.5", "deit": "embed,block.1,block.3,block.5"}
# Where a chain of its own is trained end to end.
CHAINS = {"vit": "block.5", "deit": "block.5", "swin": "stage.2", "detr": "encoder.2"}
# Of DETR's decoder the map alone takes 25 MB; `palimpsest train --inverse ridge` makes it in seconds.
RIDGE = {"detr": "projection,encoder.2"}
# Trained to compare with.
UNKEPT = ["floor", "mean-image"]


def settings(model, kind, arguments):
    course = ["--batch-size", str(arguments.batch_size), "--learning-rate", arguments.rate, "--schedule", "cosine", "--warmup", "100",
              "--epochs", str(arguments.epochs)]
    cuts = ["--modules", CUTS[model]] if model in CUTS else []
    if kind == "ridge":
        return ["--inverse", "ridge", "--batch-size", "16"] + (["--modules", RIDGE[model]] if model in RIDGE else cuts)
    if kind == "floor":
        return ["--inverse", "ridge", "--batch-size", "16"]
    if kind == "mean-image":
        return ["--inverse", "mean-image", "--batch-size", "16"]
    if kind == "modular":
        return ["--inverse", MODULAR[model]] + cuts + course
    return ["--mode", "end-to-end", "--inverse", MODULAR[model], "--modules", CHAINS[model]] + course


def link(scenes, folder, names):
    """A folder of links to these images."""
    if folder.exists():
        return
    temporary = folder.with_suffix(".new")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    for name in names:
        os.symlink((scenes / "images" / name).resolve(), temporary / name)
    temporary.rename(folder)


def halve(source, target):
    """Weights in float16; names and metadata stay."""
    with safe_open(source, "np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        metadata = dict(file.metadata() or {})
    largest = max(float(np.abs(t).max(initial=0)) for t in tensors.values())
    assert largest < 65504, f"{source}: {largest} does not fit into float16"
    save_file({name: t.astype(np.float16) if t.dtype == np.float32 else t for name, t in tensors.items()}, target, metadata)


def last_errors(folder):
    """PSNR of every cut after the last epoch, from curves.csv."""
    rows = list(csv.DictReader(open(folder / "curves.csv")))
    last = max(int(row["epoch"]) for row in rows)
    return {row["cut"]: float(row["psnr"]) for row in rows if int(row["epoch"]) == last}


def table(folder):
    """Markdown: PSNR of every cut by every kind, from the curves that were kept."""
    kinds = ["modular", "ridge", "end-to-end"]
    print("| model | from | " + " | ".join(kinds) + " |\n|---|---|" + "---|" * len(kinds))
    for model in MODULAR:
        errors = {kind: last_errors(folder / model / kind) for kind in kinds}
        for cut in errors["modular"]:
            values = (f"{errors[kind][cut]:.1f}" if cut in errors[kind] else "–" for kind in kinds)
            print(f"| `{model}` | `{cut}` | " + " | ".join(values) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--palimpsest", default=str(HERE.parents[1] / ".build/release/palimpsest"))
    parser.add_argument("--table", action="store_true", help="print the table of what is in --out, and train nothing")
    parser.add_argument("--scenes", type=Path)
    parser.add_argument("--detr-scenes", type=Path)
    parser.add_argument("--work", type=Path)
    parser.add_argument("--out", type=Path, default=ZOO / "inverses")
    parser.add_argument("--images", type=int, default=6000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--rate", default="1e-3")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    if arguments.table:
        return table(arguments.out)
    if not (arguments.scenes and arguments.detr_scenes and arguments.work):
        parser.error("--scenes, --detr-scenes and --work are needed to train")
    everything = [f"{m}-{k}" for k in ("floor", "mean-image", "ridge", "modular", "end-to-end") for m in MODULAR
                  if k != "floor" or m in RIDGE]
    arguments.work.mkdir(parents=True, exist_ok=True)
    for entry in arguments.only.split(",") if arguments.only else everything:
        model, kind = entry.split("-", 1)
        scenes = arguments.detr_scenes if model == "detr" else arguments.scenes
        names = sorted(os.listdir(scenes / "images"))
        training = arguments.work / f"{scenes.name}-{arguments.images}"
        validation = arguments.work / f"{scenes.name}-validation"
        link(scenes, training, (names[:VALIDATION.start] + names[VALIDATION.stop:])[:arguments.images])
        link(scenes, validation, names[VALIDATION])
        run = arguments.work / entry
        command = [arguments.palimpsest, "train", "--model", str(ZOO / model), "--images", str(training),
                   "--validation-images", str(validation), "--threads", str(arguments.threads), "--device", arguments.device,
                   "--out", str(run), "--quiet"]
        command += settings(model, kind, arguments)
        print(" ".join(command), flush=True)
        subprocess.run(command, check=True)
        print(json.dumps({entry: {cut: round(value, 2) for cut, value in last_errors(run).items()}}), flush=True)
        if kind in UNKEPT:
            continue
        target = arguments.out / model / kind
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for name in ("plan.json", "history.csv", "curves.csv", "efficiency.csv"):
            shutil.copy(run / name, target / name)
        for file in sorted(run.glob("*.best.safetensors")):
            halve(file, target / file.name)


if __name__ == "__main__":
    sys.exit(main())
