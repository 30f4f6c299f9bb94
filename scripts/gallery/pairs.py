#!/usr/bin/env python3
"""Draws our depth figure and heat map beside matplotlib's (seaborn's where it is installed) of the same numbers and size, in colour, in grey
and as seen without green cones (Machado et al., 2009), for docs/images/pairs.

    scripts/gallery/pairs.py --palimpsest .build/release/palimpsest --results /tmp/gallery/results

Needs numpy, matplotlib and Pillow; pictures are 300 dots an inch, 3.25 and 6.5 inches wide.
"""
import argparse
import csv
import subprocess
import tempfile
from pathlib import Path

import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
# Machado, Oliveira and Fernandes (2009), deuteranomaly of severity 1, on linear RGB.
DEUTERANOPIA = numpy.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]])


def depth(rows, size):
    figure, axis = plt.subplots(figsize=size, constrained_layout=True)
    for name in dict.fromkeys(row["series"] for row in rows):
        mine = [row for row in rows if row["series"] == name and row["y"] and not row["x_name"]]
        x, y = ([float(row[key]) for row in mine] for key in ("x", "y"))
        axis.plot(x, y, marker="o", label=name)
        axis.fill_between(x, [float(row["low"] or row["y"]) for row in mine], [float(row["high"] or row["y"]) for row in mine], alpha=0.2)
    axis.set(xlabel="Relative depth", ylabel="PSNR (dB)")
    axis.legend()
    return figure


def heat_map(rows, size):
    # The table goes row by row; several taps may have one short name, so that places are counted and not looked up.
    names = [(row["row_group"] + " " + row["row"], row["column_group"] + " " + row["column"]) for row in rows]
    side = round(len(rows) ** 0.5)
    assert side * side == len(rows), "the map of all models is square"
    down, across = [names[place * side][0] for place in range(side)], [name for _, name in names[:side]]
    grid = numpy.array([float(row["value"] or "nan") for row in rows]).reshape(side, side)
    figure, axis = plt.subplots(figsize=size, constrained_layout=True)
    try:
        import seaborn
        seaborn.heatmap(grid, ax=axis, cmap="viridis", xticklabels=across, yticklabels=down)
    except ImportError:
        figure.colorbar(axis.imshow(grid, cmap="viridis"))
        axis.set_xticks(range(len(across)), across, rotation=90)
        axis.set_yticks(range(len(down)), down)
    return figure


def grey(picture):
    return picture.convert("L").convert("RGB")


def without_green(picture):
    linear = (numpy.asarray(picture, float) / 255) ** 2.2
    return Image.fromarray((numpy.clip(linear @ DEUTERANOPIA.T, 0, 1) ** (1 / 2.2) * 255).round().astype("uint8"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--palimpsest", default=str(ROOT / ".build/release/palimpsest"))
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=ROOT / "docs/images/pairs")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for kind, folder, more, other in [("depth", "quality", ["--metric", "psnr"], depth), ("all-models", "similarity", [], heat_map)]:
        for width, name in [(3.25, "column"), (6.5, "text")]:
            with tempfile.TemporaryDirectory() as place:
                ours = Path(place) / "ours.png"
                subprocess.run([options.palimpsest, "figure", kind, options.results / folder, *more, "--style", "cvpr" if width < 4 else "tmlr",
                                "--width", str(width), "--out", ours, "--quiet"], check=True, stdout=subprocess.DEVNULL)
                left = Image.open(ours).convert("RGB")
                # Some styles have more dots an inch.
                left = left.resize((round(width * 300), round(left.height * width * 300 / left.width)))
                rows = list(csv.DictReader(open(ours.with_suffix(".csv"), newline="", encoding="utf-8")))
                figure = other(rows, (width, left.height / 300))
                figure.savefig(Path(place) / "theirs.png", dpi=300)
                right = Image.open(Path(place) / "theirs.png").convert("RGB")
            gap = 60
            page = Image.new("RGB", (left.width + right.width + gap, 3 * left.height + 2 * gap), "white")
            for line, change in enumerate([lambda picture: picture, grey, without_green]):
                page.paste(change(left), (0, line * (left.height + gap)))
                page.paste(change(right), (left.width + gap, line * (left.height + gap)))
            page.quantize(64).save(options.out / f"{kind}-{name}.png", optimize=True)


if __name__ == "__main__":
    main()
