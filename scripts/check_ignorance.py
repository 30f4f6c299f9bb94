#!/usr/bin/env python3
"""Check that a decoder that knows nothing of an image scores nothing.

Draws scenes with `palimpsest scenes`, writes stores of reconstructions by h5py as decoders would leave them that ignore their input, and runs
`analyze color`, `shape` and `detail` on them:

    mean       the mean of all images           other      what another image was
    noise      white noise                      constant   one colour
    blurred    the input, blurred (it follows its input: of probes alone nothing may come of it)
    half       half-way from what is shown to the original, which scores one half
    original   the original, whatever is shown

Every `_excess`, every share of colour and every F-measure of the first four must lie within its interval of zero, of 1 for `other`, or of the level that the
table prints for it (`_shuffled`, `_noise`). An interval of 95 % leaves out one value in twenty that is right, so up to a tenth may be outside, none by
more than twice its interval.

Usage: check_ignorance.py [--program .build/release/palimpsest] [--images 96] [--size 96x96] [--seed 0] [--keep FOLDER]
Needs numpy, scipy, h5py, Pillow and pycocotools. About two minutes.
"""
import argparse
import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
from PIL import Image
from pycocotools import mask as coco_mask
from scipy.ndimage import gaussian_filter

ROOT = Path(__file__).resolve().parents[1]
LUMINANCE = np.array([0.299, 0.587, 0.114])
IGNORANT = ["mean", "other", "noise", "constant"]
DECODERS = [*IGNORANT, "blurred", "half", "original"]
PATCH = 8
# Values of fewer images are not checked.
FEWEST = 10


# MARK: Images

def scenes(folder, count):
    """Images `[n, h, w, 3]` and where their objects are."""
    annotations = json.loads((folder / "annotations.json").read_text())
    of_image = {}
    for one in annotations["annotations"]:
        of_image.setdefault(one["image_id"], []).append(one["segmentation"])
    images, masks = [], []
    for image in annotations["images"][:count]:
        pixels = np.asarray(Image.open(folder / "images" / image["file_name"]).convert("RGB"))
        inside = np.zeros(pixels.shape[:2], bool)
        for segmentation in of_image.get(image["id"], []):
            if isinstance(segmentation, list):
                codes = coco_mask.frPyObjects(segmentation, *pixels.shape[:2])
            elif isinstance(segmentation["counts"], list):
                codes = [coco_mask.frPyObjects(segmentation, *pixels.shape[:2])]
            else:
                codes = [segmentation]
            inside |= coco_mask.decode(coco_mask.merge(codes)).astype(bool)
        images.append(pixels)
        masks.append(inside)
    return np.stack(images), np.stack(masks), [image["file_name"] for image in annotations["images"][:count]]


def whole(values):
    return np.clip(np.round(values), 0, 255).astype(np.uint8)


def probes(images, masks):
    made = {name: images.copy() for name in ("erase", "gray", "swap")}
    for i, (image, inside) in enumerate(zip(images, masks)):
        if inside.any() and not inside.all():
            made["erase"][i][inside] = whole(image[~inside].mean(axis=0))
            made["gray"][i][inside] = whole(image[inside] @ LUMINANCE)[:, None]
            made["swap"][i][inside] = images[(i + 1) % len(images)][inside]
    return made


def colors(images):
    grays = whole(images @ LUMINANCE)
    return {"permute-gbr": images[..., [1, 2, 0]], "gray": np.repeat(grays[..., None], 3, axis=-1)}


def decoded(name, shown, images, rng):
    if name == "mean":
        return np.broadcast_to(whole(images.mean(axis=0)), images.shape)
    if name == "other":
        return np.roll(shown, len(shown) // 2 + 1, axis=0)
    if name == "noise":
        return rng.integers(0, 256, images.shape).astype(np.uint8)
    if name == "constant":
        return np.broadcast_to(np.array([180, 120, 60], np.uint8), images.shape)
    if name == "blurred":
        return whole(gaussian_filter(shown.astype(float), (0, 3, 3, 0)))
    if name == "half":
        return whole((shown.astype(float) + images) / 2)
    return images


def write(path, names, images, made, region, rng):
    """A store as `palimpsest reconstruct` would leave it, with a tap for each decoder."""
    with h5py.File(path, "w") as file:
        file.attrs.update(format="palimpsest.features", version=1, model="none", family="other", region=region)
        file["images/path"] = names
        for condition, shown in {"original": images, **made}.items():
            group = file.create_group(f"features/{condition}")
            group.attrs["taps"] = DECODERS
            for name in DECODERS:
                group[name] = np.zeros((len(names), 1, 1), np.float32)
            file[f"inputs/{condition}"] = shown
            group = file.create_group(f"reconstructions/{condition}")
            group.attrs["taps"] = DECODERS
            for name in DECODERS:
                group[name] = decoded(name, shown, images, rng)


# MARK: Checks

class Checks:
    def __init__(self):
        self.made, self.outside, self.wrong = 0, [], []

    def row(self, row, targets, exact=None):
        """Whether a value lies within its interval of one of some levels; with `exact` as near as that to the first."""
        value = float(row["value"])
        half = (float(row["high"]) - float(row["low"])) / 2 if row["low"] and row["high"] else 0.0
        distance, width = min((abs(value - target) - (exact or 0.005), half + other) for target, other in targets)
        self.made += 1
        text = " ".join(v for v in row.values() if v)
        if exact is None and distance > width:
            (self.wrong if distance > 2 * width + 0.01 else self.outside).append(text)
        if exact is not None and distance > 0:
            self.wrong.append(text)


def table(path):
    with open(path) as file:
        return list(csv.DictReader(file))


def level(rows, row, metric):
    """What the table prints for another metric of the same, with half the width of its interval; nothing where there is none."""
    keys = [k for k in row if k not in ("metric", "value", "low", "high", "n")]
    for other in rows:
        if other["metric"] == metric and all(other[k] == row[k] for k in keys) and other["value"]:
            half = (float(other["high"]) - float(other["low"])) / 2 if other["low"] and other["high"] else 0.0
            return [(float(other["value"]), half)]
    return []


def check_recovery(checks, rows):
    for row in rows:
        metric, decoder = row["metric"], row["tap"]
        if not row["value"] or metric not in ("carried", "shown", "usual", "other", "fit"):
            continue
        if decoder in IGNORANT:
            if metric == "fit":
                checks.row(row, [(0, 0)], exact=0.05)
            else:
                checks.row(row, [(1 if metric == "other" else 0, 0)])
        elif decoder == "original" and metric != "carried" and row["condition"] != "original":
            checks.row(row, [({"shown": 0, "usual": 1, "other": 0, "fit": 1}[metric], 0)], exact=1e-3)


def check_shape(checks, rows):
    metrics = {row["metric"] for row in rows}
    for row in rows:
        metric, decoder = row["metric"], row["tap"]
        # Groups of a few images have no interval worth the name.
        if not row["value"] or int(row["n"]) < FEWEST:
            continue
        if metric in ("returned_excess", "returned_shown"):
            if decoder in IGNORANT:
                checks.row(row, [(0, 0)])
            elif decoder == "blurred" and metric == "returned_excess":
                checks.row(row, [(0, 0)], exact=0.005)
            elif decoder in ("half", "original"):
                share = 0.5 if decoder == "half" and metric == "returned_excess" else 1
                checks.row(row, [(share, 0)], exact=0.005)
        elif decoder in IGNORANT and metric.endswith("_excess"):
            checks.row(row, [(0, 0)] + level(rows, row, metric + "_noise") + level(rows, row, metric + "_shuffled"))
        elif decoder in IGNORANT and (metric == "returned" or metric in ("edge_f", "boundary_f")):
            levels = level(rows, row, metric + "_shuffled") + level(rows, row, metric + "_noise")
            # A picture without edges has none in common with any other.
            checks.row(row, levels + [(0, 0)])
    return metrics


def check_detail(checks, rows):
    for row in rows:
        if row["metric"] != "lattice_excess_reconstruction" or not row["value"]:
            continue
        if row["tap"] in ("mean", "constant"):
            # One and the same picture for all images: its interval has no width, and one picture is off by chance.
            checks.row(row, [(0, 0)], exact=2.0)
        elif row["tap"] in IGNORANT:
            # Another image has as much of a lattice as the inputs have.
            checks.row(row, [(0, 0)] + level(rows, row, "lattice_excess_input"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / ".build/release/palimpsest", type=Path)
    parser.add_argument("--images", default=96, type=int)
    parser.add_argument("--size", default="96x96")
    parser.add_argument("--seed", default=0, type=int)
    parser.add_argument("--keep", type=Path, help="leave stores and tables in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)

        def run(*arguments):
            done = subprocess.run([options.program, *map(str, arguments)], capture_output=True, text=True)
            if done.returncode:
                sys.exit(f"{' '.join(map(str, arguments))}: {done.stderr}")

        run("scenes", "--out", folder / "scenes", "--count", options.images, "--size", options.size, "--seed", options.seed)
        images, masks, names = scenes(folder / "scenes", options.images)
        rng = np.random.default_rng(options.seed)
        write(folder / "probes.h5", names, images, probes(images, masks), "objects", rng)
        write(folder / "colors.h5", names, images, colors(images), "image", rng)
        annotations = ["--annotations", folder / "scenes" / "annotations.json"]
        run("analyze", "color", folder / "colors.h5", *annotations, "--out", folder / "color")
        run("analyze", "shape", folder / "probes.h5", *annotations, "--out", folder / "shape")
        run("analyze", "detail", folder / "colors.h5", "--patch", PATCH, "--out", folder / "detail")
        failed = False
        for name, check, rows in (
                ("color", check_recovery, table(folder / "color/recovery.csv")),
                ("shape", check_shape, table(folder / "shape/shape.csv")),
                ("detail", check_detail, table(folder / "detail/detail.csv"))):
            checks = Checks()
            check(checks, rows)
            bad = bool(checks.wrong) or len(checks.outside) > 0.1 * checks.made or not checks.made
            failed = failed or bad
            print(f"{name}: {checks.made} values, {len(checks.outside)} just outside of their interval, {len(checks.wrong)} wrong"
                  + (" FAILED" if bad else ""))
            for text in checks.wrong + (checks.outside if bad else []):
                print("   ", text)
        sys.exit(failed)


if __name__ == "__main__":
    main()
