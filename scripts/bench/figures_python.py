#!/usr/bin/env python3
"""Figures drawn by palimpsest and by matplotlib from the same files, process against process, in turns, as a markdown table.

    figures_python.py --palimpsest .build/release/palimpsest --rounds 5
    figures_python.py draw heat FOLDER OUT.pdf        what is timed of matplotlib; also lines and grid

The figures, each to PDF with embedded TrueType fonts: a heat map of 60×60 values with every number written into its cell; four panels
of curves with bands over depth; a grid of 4×14 images of 224×224 pixels. Both programs read the same CSV files and the same HDF5 store.
matplotlib is used without pyplot, which starts faster. Seconds are those of the whole process; "imports" is what Python takes for its
imports alone, measured in a process of its own, so that the ratio without them can be seen too.
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TAPS = [f"block.{place}" for place in range(60)]
DEPTH = ["embed"] + [f"block.{place}" for place in range(12)] + ["norm"]
MODELS = ["vit", "deit", "swin", "detr"]
IMPORTS = "import csv, sys, numpy, matplotlib, matplotlib.figure, matplotlib.backends.backend_pdf"


# What matplotlib draws ------------------------------------------------------------------------------------------

def rows(file):
    import csv
    with open(file, newline="") as text:
        return list(csv.DictReader(text))


def new_figure(width, height):
    import matplotlib
    from matplotlib.figure import Figure
    matplotlib.rcParams.update({"pdf.fonttype": 42, "font.family": "Liberation Sans", "font.size": 8})
    return Figure(figsize=(width, height), layout="constrained")


def draw_heat(folder, out):
    import numpy as np
    values = np.full((len(TAPS), len(TAPS)), np.nan)
    for row in rows(folder / "similarity.csv"):
        a, b = TAPS.index(row["tap_a"]), TAPS.index(row["tap_b"])
        values[a, b] = values[b, a] = float(row["value"])
    figure = new_figure(14, 13)
    axes = figure.add_subplot()
    image = axes.imshow(values, vmin=0, vmax=1, cmap="viridis")
    axes.set_xticks(range(len(TAPS)), TAPS, rotation=90, fontsize=7)
    axes.set_yticks(range(len(TAPS)), TAPS, fontsize=7)
    for a in range(len(TAPS)):
        for b in range(len(TAPS)):
            light = values[a, b] < 0.6
            axes.text(b, a, f"{values[a, b]:.2f}", ha="center", va="center", fontsize=6, color="white" if light else "black")
    figure.colorbar(image, label="Linear CKA (debiased)")
    figure.savefig(out)


def draw_lines(folder, out):
    table = [row for row in rows(folder / "quality.csv") if row["metric"] == "psnr"]
    figure = new_figure(6.5, 4)
    for place, model in enumerate(MODELS):
        axes = figure.add_subplot(2, 2, place + 1)
        for condition in ("original", "gray"):
            own = [row for row in table if row["store"] == model and row["condition"] == condition]
            places = range(len(own))
            axes.fill_between(places, [float(r["low"]) for r in own], [float(r["high"]) for r in own], alpha=0.22, lw=0)
            axes.plot(places, [float(r["value"]) for r in own], marker="o", ms=3, label=condition)
        axes.set_xticks(places, DEPTH, rotation=90, fontsize=7)
        axes.set_title(model, loc="left", fontweight="bold")
        axes.grid(axis="y", lw=0.4)
        axes.set_ylabel("PSNR (dB)")
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=2)
    figure.savefig(out)


def draw_grid(folder, out):
    import h5py
    with h5py.File(folder / "store.h5") as store:
        names = store["images/path"].asstr()[:]
        columns = [store["inputs/original"][:]] + [store[f"reconstructions/original/{tap}"][:] for tap in DEPTH[:13]]
    figure = new_figure(6.5, 2.2)
    axes = figure.subplots(4, 14)
    for column, (name, pictures) in enumerate(zip(["original"] + DEPTH[:13], columns)):
        for row in range(4):
            place = axes[row, column]
            place.imshow(pictures[row], interpolation="none")
            place.set_xticks([])
            place.set_yticks([])
            if row == 0:
                place.set_title(name, fontsize=7, rotation=90)
            if column == 0:
                place.set_ylabel(names[row], fontsize=7, rotation=0, ha="right")
    figure.savefig(out)


# What both read -------------------------------------------------------------------------------------------------

def make_inputs(folder):
    import h5py
    import numpy as np
    rng = np.random.default_rng(0)
    heat, lines, grid = (folder / name for name in ("heat", "lines", "grid"))
    for place in (heat, lines, grid):
        place.mkdir()
    with open(heat / "similarity.csv", "w") as out:
        out.write("store_a,tap_a,store_b,tap_b,measure,estimator,n,value,low,high\n")
        for a, first in enumerate(TAPS):
            for b, second in enumerate(TAPS[a:], a):
                value = 1.0 if a == b else max(0.02, 0.97 - 0.017 * (b - a) + rng.normal(0, 0.01))
                out.write(f"model,{first},model,{second},cka_linear,debiased,512,{value},{value - 0.02},{value + 0.02}\n")
    with open(lines / "quality.csv", "w") as out:
        out.write("store,condition,tap,metric,value,low,high,n\n")
        for place, model in enumerate(MODELS):
            for condition in ("original", "gray"):
                for depth, tap in enumerate(DEPTH):
                    value = 34 - depth * (1 + 0.2 * place) - (3 if condition == "gray" else 0) + rng.normal(0, 0.2)
                    out.write(f"{model},{condition},{tap},psnr,{value},{value - 0.6},{value + 0.6},512\n")
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from photographs import sources
    from PIL import Image, ImageFilter
    photographs = [image.resize((224, 224)) for _, image in sources()][:4]
    with h5py.File(grid / "store.h5", "w") as store:
        store.attrs.update({"format": "palimpsest.features", "version": 1, "model": "model", "family": "other"})
        store["images/path"] = [f"photo-{place}.png" for place in range(4)]
        store["inputs/original"] = np.stack([np.asarray(image) for image in photographs])
        for depth, tap in enumerate(DEPTH[:13]):
            store[f"features/original/{tap}"] = np.zeros((4, 1, 1), np.float32)
            blurred = [np.asarray(image.filter(ImageFilter.GaussianBlur(0.3 * depth))) for image in photographs]
            noisy = np.stack(blurred) + rng.normal(0, 4, (4, 224, 224, 3))
            store[f"reconstructions/original/{tap}"] = np.clip(noisy.round(), 0, 255).astype(np.uint8)
        store["features/original"].attrs["taps"] = DEPTH[:13]
        store["reconstructions/original"].attrs["taps"] = DEPTH[:13]
    with open(grid / "quality.csv", "w") as out:
        out.write("store,condition,tap,metric,value,low,high,n\n")
        for depth, tap in enumerate(DEPTH[:13]):
            out.write(f"model,original,{tap},psnr,{34 - depth},{33 - depth},{35 - depth},4\n")
    (grid / "provenance.json").write_text(json.dumps({
        "format": "palimpsest.provenance", "version": 1, "inputs": [{"path": str(grid / "store.h5"), "role": "store"}],
        "stores": [{"name": "model"}]}))
    # A page wide enough that a number fits into each of 60×60 cells.
    style = json.loads((Path(__file__).resolve().parents[2] / "templates/styles/tmlr.json").read_text())
    style.update(name="wide", textWidthInches=14, maximumHeightInches=14)
    (folder / "wide.json").write_text(json.dumps(style))


# Turns ----------------------------------------------------------------------------------------------------------

def seconds(command, environment):
    start = time.monotonic()
    process = subprocess.run(command, capture_output=True, text=True, env=environment)
    wall = time.monotonic() - start
    if process.returncode:
        sys.exit(f"exit status {process.returncode}: {' '.join(map(str, command))}\n{process.stderr.strip()}")
    return wall


def main():
    if sys.argv[1:2] == ["draw"]:
        kind, folder, out = sys.argv[2:5]
        return {"heat": draw_heat, "lines": draw_lines, "grid": draw_grid}[kind](Path(folder), out)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--palimpsest", required=True)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="a new folder for what is drawn, to look at")
    options = parser.parse_args()
    environment = {k: v for k, v in os.environ.items() if k not in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")}
    import matplotlib
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; "
          f"matplotlib {matplotlib.__version__}, Python {platform.python_version()}\n")
    print("| figure | palimpsest (s) | matplotlib (s) | of it imports (s) | ratio | ratio without imports | bytes, ours / theirs |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        folder.mkdir(exist_ok=True)
        make_inputs(folder)
        ours = {"heat": ["within-models", "heat", "--style", folder / "wide.json"], "lines": ["depth", "lines", "--metric", "psnr"],
                "grid": ["reconstructions", "grid"]}
        texts = {"heat": "60×60 heat map with numbers", "lines": "four panels of lines with bands",
                 "grid": "4×14 images of 224×224"}
        for kind, (name, results, *more) in ours.items():
            files = [folder / f"{kind}-{who}.pdf" for who in ("palimpsest", "matplotlib")]
            first = [options.palimpsest, "figure", name, folder / results, *more, "--out", files[0], "--quiet"]
            second = [sys.executable, __file__, "draw", kind, folder / results, files[1]]
            imports = [sys.executable, "-c", IMPORTS + (", h5py" if kind == "grid" else "")]
            commands = [[str(word) for word in command] for command in (first, second, imports)]
            for command in commands:
                seconds(command, environment)
            rounds = [[seconds(command, environment) for command in commands] for _ in range(options.rounds)]
            median = [statistics.median(column) for column in zip(*rounds)]
            ratios = sorted(b / a for a, b, _ in rounds)
            without = statistics.median((b - c) / a for a, b, c in rounds)
            sizes = " / ".join(f"{file.stat().st_size:,}" for file in files)
            print(f"| {texts[kind]} | {median[0]:.3f} | {median[1]:.2f} | {median[2]:.2f} | "
                  f"**{statistics.median(ratios):.1f}** ({ratios[0]:.1f}–{ratios[-1]:.1f}) | {without:.1f} | {sizes} |", flush=True)


if __name__ == "__main__":
    main()
