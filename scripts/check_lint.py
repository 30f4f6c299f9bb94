#!/usr/bin/env python3
"""Lints every figure of results in every style, at the width of the text and of a column.

    scripts/check_lint.py --palimpsest .build/release/palimpsest reports/.demo-work/results
    scripts/check_lint.py reports/.demo-work/results --styles cvpr,slide --jobs 2

Draws all figures that `palimpsest figure list` names with `palimpsest figure`, so also those that the page leaves to be drawn on demand, and runs
`palimpsest lint` on the PDF and SVG files. Prints a line a style and width, and every finding that is no note; exits with 1 where there is one.
Needs Python only.
"""
import argparse
import concurrent.futures
import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--palimpsest", default=str(ROOT / ".build/release/palimpsest"))
    parser.add_argument("--styles", help="names, separated by commas; without it all of templates/styles")
    parser.add_argument("--figures", help="names of figures that hold this only", default="")
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    program = str(Path(options.palimpsest).resolve())
    styles = options.styles.split(",") if options.styles else sorted(
        file.stem for file in (ROOT / "templates/styles").glob("*.json"))
    listed = subprocess.run([program, "figure", "list", options.results], check=True, capture_output=True, text=True)
    names = [line.split()[0] for line in listed.stdout.splitlines()[1:] if line.strip()]
    names = [name for name in names if options.figures in name]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for style in styles:
            has_columns = "columnWidthInches" in json.loads((ROOT / f"templates/styles/{style}.json").read_text())
            for width in ["text"] + ["column"] * has_columns:
                place = Path(folder, f"{style}-{width}")
                place.mkdir()

                def draw(name):
                    drawn = subprocess.run(
                        [program, "figure", name, options.results, "--style", style, "--width", width, "--out", place / name,
                         "--quiet"], capture_output=True, text=True)
                    return None if drawn.returncode == 0 else f"  {name}: cannot be drawn: {drawn.stderr.strip()}"

                with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
                    problems = [problem for problem in pool.map(draw, names) if problem]
                files = sorted(place.glob("*.pdf")) + sorted(place.glob("*.svg"))
                linted = subprocess.run(
                    [program, "lint", *files, "--style", style, "--json"], capture_output=True, text=True)
                report = json.loads(linted.stdout)
                for figure in report["figures"]:
                    problems += [
                        f"  {Path(figure['file']).name}: {finding['severity']} ({finding['check']}): {finding['text']}"
                        for finding in figure["findings"] if finding["severity"] != "note"]
                print(f"{style}, {width}: {len(names)} figures, {len(problems)} findings", flush=True)
                print("\n".join(problems), flush=True) if problems else None
                failed += len(problems)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
