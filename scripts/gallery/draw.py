#!/usr/bin/env python3
"""Draws what docs/gallery.md shows, from the models of the zoo: runs experiment.yaml beside this script, then a figure of each kind.

    scripts/gallery/draw.py --palimpsest .build/release/palimpsest --work /tmp/gallery

Pictures go to docs/images/gallery. Needs Python only. A second run draws again what is
computed already.
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# File in the gallery, and what `palimpsest figure` is asked for: kind, folder of the results, more.
FIGURES = [
    ("all-models", "all-models", "similarity", []),
    ("within-models", "within-models", "similarity", []),
    ("across-models", "across-models", "similarity", []),
    ("along-depth", "along-depth", "similarity", []),
    ("null", "null", "similarity", []),
    ("calibrated", "calibrated", "similarity", []),
    ("depth", "depth", "quality", ["--metric", "psnr"]),
    ("differences", "differences", "quality", []),
    ("forest", "forest", "quality", ["--metric", "psnr"]),
    ("distribution", "distribution", "quality", ["--metric", "psnr"]),
    ("joints", "joints", "quality", []),
    ("joint-spectra", "joint-spectra", "quality", []),
    ("scatter", "scatter", "quality", []),
    ("reconstructions", "reconstructions", "quality", ["--metric", "deit"]),
    ("errors", "errors", "quality", ["--metric", "deit"]),
    ("conditions", "conditions", "quality", ["--metric", "swin"]),
    ("hue", "hue", "color", []),
    ("shares", "shares", "color", []),
    ("token-map", "token-map", "tokens", ["--set", "models=vit,deit"]),
    ("norm-map", "norm-map", "tokens", ["--set", "models=vit,deit"]),
    ("prototypes", "prototypes", "prototypes", []),
    ("places", "places", "prototypes", []),
    ("spectra", "spectra", "detail", ["--metric", "coherence"]),
    ("equal", "equal", "efficiency-vit", []),
    ("training", "training", "efficiency-vit", ["--metric", "psnr"]),
    ("efficiency", "efficiency", "efficiency-vit", ["--metric", "operations"]),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--palimpsest", default=str(ROOT / ".build/release/palimpsest"))
    parser.add_argument("--work", type=Path, required=True, help="where the experiment's results go")
    parser.add_argument("--dots", type=int, default=110, help="dots an inch of the pictures")
    options = parser.parse_args()
    command = [str(Path(options.palimpsest).resolve())]
    subprocess.run([*command, "run", HERE / "experiment.yaml", "--out", options.work], check=True)
    style = json.loads((ROOT / "templates/styles/tmlr.json").read_text())
    style.update(dotsPerInch=options.dots)
    own = options.work / "gallery.json"
    own.write_text(json.dumps(style))
    gallery = ROOT / "docs/images/gallery"
    gallery.mkdir(parents=True, exist_ok=True)

    def draw(kind, results, more, out):
        subprocess.run([*command, "figure", kind, options.work / "results" / results, *more, "--style", own, "--out", out,
                        "--quiet"], check=True)
        # Its description and its numbers: the gallery has words of its own.
        for ending in (".json", ".csv", "-values.csv"):
            Path(out).with_name(Path(out).stem + ending).unlink(missing_ok=True)

    for name, kind, results, more in FIGURES:
        draw(kind, results, more, gallery / f"{name}.png")
    sizes = {file.name: file.stat().st_size for file in sorted(gallery.glob("*.png"))}
    for name, size in sizes.items():
        print(f"{size:9,} {name}")
    total = sum(sizes.values())
    print(f"{total:9,} in all")
    if total > 1_800_000:
        sys.exit("the gallery is over 1.8 MB; lower --dots")


if __name__ == "__main__":
    main()
