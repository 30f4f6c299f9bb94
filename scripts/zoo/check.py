#!/usr/bin/env python3
"""Does `palimpsest extract` give the recorded figures of the zoo? A maintainer's tool.

    scripts/zoo/check.py --palimpsest .build/release/palimpsest --model notebooks-data/zoo/vit --scenes scenes96

Puts the held-out scenes (the test split, as in training.json) through the model with `extract`, reads the logits (and
DETR's boxes) with h5py, and prints accuracy or AP50 beside the recorded figure. Exit status 1 if they differ by more
than one image in the classifiers' accuracy or 0.005 in AP50.

Needs h5py, numpy; torch and transformers for DETR's average precision.
"""
import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np


def read_csv(path):
    with open(path, newline="") as file:
        return dict([row[:2] for row in csv.reader(file)][1:])


def extract(program, model, scenes, paths, taps, work):
    """The taps of these images, in the order of the paths."""
    images = Path(work) / "images"
    images.mkdir()
    for path in paths:
        os.symlink((scenes / "images" / path).resolve(), images / path)
    store = Path(work) / "store.h5"
    subprocess.run([program, "extract", "--model", str(model), "--images", str(images), "--taps", ",".join(taps),
                    "--out", str(store), "--threads", "1", "--quiet"], check=True)
    with h5py.File(store) as file:
        assert (file["progress/original"][:] == 1).all(), "the store has rows that are not done"
        row = {Path(p).name: i for i, p in enumerate(file["images/path"].asstr()[:])}
        order = [row[Path(p).name] for p in paths]
        return [file["features/original"][tap][:][order] for tap in taps]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--palimpsest", default=".build/release/palimpsest")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--scenes", type=Path, required=True)
    options = parser.parse_args()
    record = json.loads((options.model / "training.json").read_text())
    split = read_csv(options.scenes / "splits.csv")
    paths = [p for p in sorted(split) if split[p] == "test"]
    with tempfile.TemporaryDirectory() as work:
        if record["model"] == "detr":
            sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
            import reference  # noqa: F401
            from detector import average_precision
            from scenes import read_objects
            logits, boxes = extract(options.palimpsest, options.model, options.scenes, paths, ["logits", "boxes"], work)
            names = json.loads((options.model / "config.json").read_text())["id2label"]
            objects = read_objects(options.scenes, [names[str(i)] for i in range(len(names))])
            figure, name = average_precision(logits, boxes, [objects[p] for p in paths]), "test_ap50"
            tolerance = 0.005
        else:
            logits, = extract(options.palimpsest, options.model, options.scenes, paths, ["logits"], work)
            names = json.loads((options.model / "config.json").read_text())["label_names"]
            label = read_csv(options.scenes / "labels.csv")
            truth = np.array([names.index(label[p]) for p in paths])
            figure, name = float((logits.reshape(len(paths), -1).argmax(1) == truth).mean()), "test_accuracy"
            tolerance = 1.5 / len(paths)
    recorded = record[name]
    print(f"{options.model.name}: {name} {figure:.4f} from extract on {len(paths)} images, recorded {recorded:.4f}")
    if len(paths) != record["test_images"] or abs(figure - recorded) > tolerance:
        sys.exit(f"{options.model.name}: not what training.json records ({record['test_images']} images)")


if __name__ == "__main__":
    main()
