#!/usr/bin/env python3
"""The numbers of docs/findings.md from the report that they are of. A maintainer's tool.

    scripts/findings.py reports/demo            writes the two tables of docs/findings.md anew, and prints the numbers of its sentences

Numbers are read from the report's tables/; brackets are the intervals there. Needs Python alone.
"""
import csv
import sys
from pathlib import Path

from page_tables import replace

PAGE = Path(__file__).resolve().parent.parent / "docs" / "findings.md"
NAMES = {"vit": "ViT", "deit": "DeiT III", "swin": "Swin", "detr": "DETR"}
QUALITY = "| from | PSNR, learned | PSNR, least squares | top-1 agreement, learned | top-1 agreement, least squares |"
COLOR = "| from | change carried | shown | the original colour | other | fit |"


class Report:
    def __init__(self, folder):
        self.folder = Path(folder) / "tables"

    def rows(self, table, **fields):
        with open(self.folder / f"{table}.csv", newline="") as file:
            return [row for row in csv.DictReader(file) if all(row[key] == value for key, value in fields.items())]

    def number(self, table, digits, **fields):
        """`0.84 [0.83, 0.86]` of the one row with these fields; empty where there is none."""
        rows = self.rows(table, **fields)
        if not rows:
            return ""
        assert len(rows) == 1, (table, fields, len(rows))
        def text(value):
            value = f"{float(value):.{digits}f}"
            return value.replace("-", "−") if float(value) else value.lstrip("-")
        row = rows[0]
        return text(row["value"]) + (f" [{text(row['low'])}, {text(row['high'])}]" if row["low"] else "")


def cuts(report, model):
    found = [row["tap"] for row in report.rows("quality", store=f"{model}-learned", metric="psnr")]
    return list(dict.fromkeys(found))


def quality_table(report):
    for model, name in NAMES.items():
        for tap in cuts(report, model):
            values = [report.number("quality", digits, store=f"{model}-{method}", condition="original", tap=tap, metric=metric)
                      for metric, digits in (("psnr", 1), ("top1_agreement", 2)) for method in ("learned", "ridge")]
            yield f"| {name} `{tap}` | " + " | ".join(values) + " |"


def color_table(report):
    for model, name in NAMES.items():
        for tap in cuts(report, model):
            values = [report.number("color-recovery", 2, store=f"{model}-learned", condition="hue+120", tap=tap, region="object",
                                    metric=metric) for metric in ("carried", "shown", "usual", "other", "fit")]
            yield f"| {name} `{tap}` | " + " | ".join(values) + " |"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    report = Report(sys.argv[1])
    text = PAGE.read_text()
    text = replace(text, QUALITY, quality_table(report))
    text = replace(text, COLOR, color_table(report))
    PAGE.write_text(text)
    for model, name in NAMES.items():
        for tap in cuts(report, model):
            chosen = dict(store=f"{model}-learned", condition="original", tap=tap)
            print(f"{name} {tap}: cycles {report.number('detail', 1, metric='cutoff_coherence', **chosen)}"
                  f", half-ring {report.number('detail', 1, metric='cutoff_frc_half', **chosen)}"
                  f", boundary edges {report.number('shape', 2, region='boundary', group='all', metric='edge_f_excess', **chosen)}"
                  f", background {report.number('shape', 2, region='background', group='all', metric='edge_f_excess', **chosen)}"
                  f", other {report.number('color-recovery', 2, region='object', metric='other', **chosen)}")
    for row in report.rows("quality-differences-all", metric="top1_agreement"):
        print(row)


if __name__ == "__main__":
    main()
