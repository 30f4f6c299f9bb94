#!/usr/bin/env python3
"""Put every ViT, DeiT and Swin that timm knows through Palimpsest: each must give timm's own taps, or be refused by name.

    check_variants.py IMAGES [--palimpsest .build/release/palimpsest] [--largest 62e6] [--only SUBSTRING,…] [--names NAME.TAG,…]

Each model gets random (but not tame) weights, a folder as on the Hub, and goes through `palimpsest extract` on the folder IMAGES (two
photographs are enough); every tap is compared as compare_features.py does, to 1e-4 relative L2, and the pixels against timm's own
transform of the name's (or the tag's) weights. Models of more parameters than --largest are passed over. A refusal has to end with
status 2 and one line. Needs torch, timm, h5py, safetensors. The 40 models up to 24 M parameters took less than seven minutes on two cores (27 November 2026, timm 1.0.31).
"""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import h5py  # noqa: E402
import torch  # noqa: E402

import compare_features  # noqa: E402
from check_full_size import ROOT, compare_pixels, write_timm  # noqa: E402
from reference import timm  # noqa: E402

FAMILIES = ("vit_", "deit", "swin")


def parameters(name):
    with torch.device("meta"):
        return sum(p.numel() for p in timm.create_model(name, pretrained=False).parameters())


def check(name, images, palimpsest, scratch):
    """What became of a model, and whether that is as it should be."""
    folder, store = scratch / name, scratch / f"{name}.h5"
    folder.mkdir()
    write_timm(folder, name, seed=1)
    done = subprocess.run([palimpsest, "extract", "--model", folder, "--images", images, "--out", store, "--quiet"],
                          capture_output=True, text=True)
    if done.returncode:
        text = done.stderr.strip().replace(f"{folder}: ", "")
        return f"refused: {text}", done.returncode == 2 and "\n" not in text
    lines = []
    with h5py.File(store, "r") as file:
        rows = compare_features.complete_rows(file, "original")
        theirs, attributes = compare_features.recomputed(folder, file, "original", rows, 2)
        datasets = compare_features.tap_values(file, "original")
        wrong = compare_features.compare({n: d[rows] for n, d in datasets.items()}, theirs, 1e-4, lines.append)
        wrong += compare_features.compare_attributes(datasets, attributes, lines.append)
        pixels = []
        wrong += compare_pixels(folder, file, rows, images, False, pixels.append)
    errors = [float(line.split()[-3 if not line.endswith("TOO FAR") else -5]) for line in lines[1:len(theirs) + 1]]
    text = f"{len(theirs)} taps, {len(rows)} images, largest relative L2 {max(errors):.1e}, {pixels[-1].strip()}"
    return (text if not wrong else "\n".join(lines + pixels)), not wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", type=Path, help="a folder of a few photographs")
    parser.add_argument("--palimpsest", type=Path, default=ROOT / ".build/release/palimpsest")
    parser.add_argument("--largest", type=float, default=62e6, help="parameters")
    parser.add_argument("--only", default="", help="models whose names contain one of these")
    parser.add_argument("--names", help="these models instead, with the tags of their weights")
    options = parser.parse_args()
    names = [n for n in timm.list_models() if n.startswith(FAMILIES) and any(part in n for part in options.only.split(","))]
    names = options.names.split(",") if options.names else names
    counts, wrong = dict(same=0, refused=0), []
    for name in names:
        if parameters(name) > options.largest:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            text, is_right = check(name, options.images, options.palimpsest, Path(scratch))
        print(f"{name}: {text}", flush=True)
        if not is_right:
            wrong.append(name)
        else:
            counts["refused" if text.startswith("refused") else "same"] += 1
    print(f"timm {timm.__version__}: {counts['same']} the same, {counts['refused']} refused, {len(wrong)} wrong {' '.join(wrong)}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
