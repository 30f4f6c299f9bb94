#!/usr/bin/env python3
"""Writes docs/json.md: what every command prints with --json, found by running it on the small models of notebooks-data/zoo.

    scripts/json_page.py PALIMPSEST [--check]

With --check nothing is written, and the status is 1 where the page is not what it would be.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ZOO = ROOT / "notebooks-data/zoo"
STEPS = [
    ("scenes", "scenes --count 32 --size 160x160 --out scenes"),
    ("extract", "extract --model {zoo}/vit --images scenes/images --labels scenes/labels.csv --annotations scenes/annotations.json --conditions gray --out vit.h5"),
    ("train", "train --model {zoo}/vit --images scenes/images --inverse ridge --out vit-ridge"),
    ("reconstruct", "reconstruct --model {zoo}/vit --inverse vit-ridge --images scenes/images --out vit-back.h5"),
    ("analyze similarity", "analyze similarity vit.h5 --tokens mean --out results/similarity"),
    ("analyze quality", "analyze quality vit-back.h5 --bootstrap 10 --out results/quality"),
    ("analyze color", "analyze color vit.h5 --bootstrap 10 --out results/color"),
    ("analyze detail", "analyze detail vit-back.h5 --bootstrap 10 --out results/detail"),
    ("analyze shape", "analyze shape vit-back.h5 --annotations scenes/annotations.json --bootstrap 10 --out results/shape"),
    ("analyze prototypes", "analyze prototypes vit.h5 --out results/prototypes"),
    ("analyze efficiency", "analyze efficiency vit-ridge {zoo}/inverses/vit/modular --out results/efficiency"),
    ("figure list", "figure list results"),
    ("figure", "figure depth results --metric psnr --out psnr.pdf"),
    ("lint", "lint psnr.pdf"),
    ("report", "report results --out report"),
    ("bundle", "bundle report --out report.zip"),
    ("replay", "replay report.zip"),
    ("verify", "verify vit.h5"),
    ("inspect, of a checkpoint", "inspect {zoo}/vit"),
    ("inspect, of a store", "inspect vit.h5"),
    ("inspect, of a training", "inspect vit-ridge"),
    ("doctor", "doctor"),
]
FAILING = "extract --model nowhere --images scenes/images --out x.h5"


def kind(value):
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, list):
        kinds = sorted({kind(item) for item in value})
        return "list" + (f" of {kinds[0]}" if len(kinds) == 1 else "")
    if isinstance(value, dict):
        return "object"
    return "null"


def rows(value, above=""):
    """The keys of an object and of the objects in it, each once, in order."""
    found = {}
    for key in sorted(value):
        path = f"{above}{key}"
        item = value[key]
        found[path] = kind(item)
        below = item if isinstance(item, dict) else None
        if isinstance(item, list) and item and all(isinstance(entry, dict) for entry in item):
            below = {name: entry[name] for entry in item for name in entry}
            path += "[]"
        # Objects whose keys are names of the data are not described further.
        if below is not None and not (isinstance(item, dict) and any(not name.isidentifier() for name in item)):
            found.update(rows(below, path + "."))
    return found


def page(program):
    lines = ["""# What `--json` prints

Every command takes `--json` and prints one object on standard output, in place of its lines for people; notes and progress stay on standard error. It is printed when the work is done. A command that fails prints an
object too, with the same sentence that stands on standard error, unless it had printed its summary before (`verify`, `lint`, `doctor` and a `run` with failed steps print what they found and then fail):
"""]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PALIMPSEST_CONFIG": ""}

        def run(words, status=0):
            done = subprocess.run([program, *words.format(zoo=ZOO).split(), "--json"], cwd=folder, env=environment, capture_output=True, text=True)
            if done.returncode != status:
                sys.exit(f"{words}: status {done.returncode}: {done.stderr.strip()[-500:]}")
            return json.loads(done.stdout.replace(folder + "/", ""))

        tables = [(name, words, rows(run(words))) for name, words in STEPS]
        failure = run(FAILING, status=2)
    lines += ["```json", json.dumps(failure, indent=2, sort_keys=True), "```", """
`status` is the exit status; `kind` is `input` (2: the words or the files), `work` (1) or `interrupted` (130, 143).

**`schema`** is the version of all of these objects together. It rises when a key goes or changes its meaning, not when one is added: read what you know and leave the rest. Keys without a value in a run may be left out.
Numbers are in the units that [definitions.md](definitions.md) gives for results; `seconds` are of the wall clock, `bytes` are bytes.

The keys below were found by `scripts/json_page.py`, which ran each command and wrote this page.
"""]
    for name, words, found in tables:
        lines += [f"## {name}", "", f"`palimpsest {words.format(zoo='zoo')} --json`", "", "| key | |", "|---|---|"]
        lines += [f"| `{key}` | {what} |" for key, what in found.items()]
        lines.append("")
    return "\n".join(lines)


def main():
    words = [word for word in sys.argv[1:] if word != "--check"]
    if len(words) != 1:
        sys.exit(__doc__)
    fresh, place = page(str(Path(words[0]).resolve())), ROOT / "docs/json.md"
    if "--check" in sys.argv:
        return 0 if place.read_text() == fresh else f"{place} is not what it would be; run scripts/json_page.py {words[0]}"
    place.write_text(fresh)
    return 0


sys.exit(main())
