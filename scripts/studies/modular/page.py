#!/usr/bin/env python3
"""The table of docs/inversion.md that compares kinds of training, from the results of study.yaml. A maintainer's tool.

    page.py OUT_FOLDER            OUT_FOLDER is the --out of `palimpsest run study.yaml`

PSNR in dB of the test images: the mean over the seeds of the mean over the images, and the lowest and highest seed. Needs Python alone.
"""
import csv
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
from page_tables import replace

PAGE = ROOT / "docs" / "inversion.md"
SEEDS = ("1", "2", "3")
METHODS = {"feature": "`feature`", "whitened": "`whitened`", "image": "`image`", "polished": "polished", "end-to-end": "end to end",
           "end-to-end-short": "end to end, short"}
QUALITY = "| from | 3 × 3 maps | " + " | ".join(METHODS.values()) + " |"
COST = "| TFLOP | " + " | ".join(METHODS.values()) + " |"


def rows(folder, model, table):
    with open(Path(folder) / "results" / f"efficiency-{model}" / f"{table}.csv", newline="") as file:
        return list(csv.DictReader(file))


def spread(values):
    """`22.7 (22.6 – 22.8)`: mean, lowest, highest."""
    mean = f"{sum(values) / len(values):.1f}"
    low, high = f"{min(values):.1f}", f"{max(values):.1f}"
    return mean if low == high else f"{mean} ({low} – {high})"


def quality_table(folder):
    for model in ("vit", "deit", "swin", "detr"):
        tests = {}
        for row in rows(folder, model, "efficiency_test"):
            tests.setdefault(row["cut"], {})[row["run"]] = float(row["psnr"])
        for cut, runs in tests.items():
            cells = [f"{runs[f'{model}-ridge']:.1f}"]
            cells += [spread([runs[f"{model}-{method}-{seed}"] for seed in SEEDS]) for method in METHODS]
            yield f"| `{model}` `{cut}` | " + " | ".join(cells) + " |"


def cost_table(folder):
    for model in ("vit", "deit", "swin", "detr"):
        spent = {row["run"]: float(row["value"]) for row in rows(folder, model, "efficiency") if row["metric"] == "operations"}
        yield f"| `{model}` | " + " | ".join(f"{spent[f'{model}-{method}-1'] / 1e12:.1f}" for method in METHODS) + " |"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    text = replace(PAGE.read_text(), QUALITY, quality_table(sys.argv[1]))
    PAGE.write_text(replace(text, COST, cost_table(sys.argv[1])))


if __name__ == "__main__":
    main()
