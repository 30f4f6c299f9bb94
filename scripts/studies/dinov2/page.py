#!/usr/bin/env python3
"""The tables of docs/findings-dinov2.md from the results that they are of. A maintainer's tool.

    page.py OUT_FOLDER/study-results            writes the tables anew

Ranges are those of the means over the cuts of one test photograph. Needs Python alone.
"""
import csv
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "scripts"))
from page_tables import replace

PAGE = ROOT / "docs" / "findings-dinov2.md"
TAPS = ["embed", "block.2", "block.5", "block.8", "block.11"]
METHODS = ["dinov2-ridge", "dinov2-residual"]
QUALITY = ("| from | PSNR, dB: least squares | 3 × 3, network | SSIM: least squares | 3 × 3, network "
           "| coherent detail ends at, cycles per image: least squares | 3 × 3, network | debiased linear CKA with `embed` |")
COLOR = "| from | gray: least squares | 3 × 3, network | red: least squares | 3 × 3, network | green: least squares | 3 × 3, network | blue: least squares | 3 × 3, network |"


class Results:
    def __init__(self, folder):
        self.folder = Path(folder)

    def rows(self, table, **fields):
        with open(self.folder / "results" / f"{table}.csv", newline="") as file:
            return [row for row in csv.DictReader(file) if all(row[key] == value for key, value in fields.items())]

    def number(self, table, digits, **fields):
        rows = self.rows(table, **fields)
        assert len(rows) == 1, (table, fields, len(rows))
        return f"{float(rows[0]['value']):.{digits}f}"

    def photographs(self, **fields):
        """`44.2 – 51.8`: the lowest and the highest of the photographs' mean PSNR."""
        cuts = {}
        for row in self.rows("quality/quality_images", condition="original", metric="psnr", **fields):
            cuts.setdefault(row["path"].rsplit("-", 1)[0], []).append(float(row["value"]))
        means = [sum(values) / len(values) for values in cuts.values()]
        return f"{min(means):.1f} – {max(means):.1f}"


def quality_table(results):
    for tap in TAPS:
        cells = []
        for method in METHODS:
            chosen = dict(store=method, condition="original", tap=tap)
            cells.append((f"{results.number('quality/quality', 1, metric='psnr', **chosen)} ({results.photographs(store=method, tap=tap)})",
                          results.number("quality/quality", 3, metric="ssim", **chosen),
                          results.number("detail/detail", 1, metric="cutoff_coherence", **chosen)))
        cka = results.number("similarity/similarity", 2, tap_a="embed", tap_b=tap, measure="cka_linear", estimator="debiased")
        yield f"| `{tap}` | " + " | ".join(cell[kind] for kind in range(3) for cell in cells) + f" | {cka} |"


def color_table(results):
    for tap in TAPS:
        yield f"| `{tap}` | " + " | ".join(
            results.number("color-back/recovery", 2, store=method, condition=condition, tap=tap, metric="carried")
            for condition in ("gray", "red", "green", "blue") for method in METHODS) + " |"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    results = Results(sys.argv[1])
    text = replace(PAGE.read_text(), QUALITY, quality_table(results))
    PAGE.write_text(replace(text, COLOR, color_table(results)))


if __name__ == "__main__":
    main()
