#!/usr/bin/env python3
"""Hostile inputs, kills and full disks for the palimpsest program.

    fuzz.py [PROGRAM] [--inputs N] [--seed S] [--format NAME …] [--jobs J] [--keep DIR]
            [--kills N] [--full-disk] [--write docs/reliability.md]

Every file that the program reads is changed, by bytes, by numbers and by the values of its structure, and given to the
commands that read it; memory is limited to 12 GiB and time to 30 s a process. A process is at fault where a signal or a
dump of the stack ends it, where it takes more than 10 s or 4 GiB, or where it fails without a sentence. --kills ends the
commands that write at any moment and looks at what is left; --full-disk has them write to disks that are too small (it
mounts file systems in memory, which needs root) and with a limit on the size of files. The same seed makes the same
inputs. Faults are kept in --keep with the command that shows them. Ends with 1 where there was any.

Needs Python alone; with h5py also stores are changed by their structure, and compared after kills.
"""
import argparse
import concurrent.futures
import json
import os
import random
import re
import shutil
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fuzzing import faults, running, targets

PAGE = """# Reliability

What was tried on the program with inputs that nobody means well, with kills at any moment and with disks that are full. The numbers
are written by `scripts/fuzz.py --write docs/reliability.md`, which makes the same inputs of the same seed; a short run of such changes is
part of `make test` (`Tests/CommandTests/HostileInputTests.swift`).

A process is at fault where a signal or a dump of the stack ends it, where it takes more than 10 seconds or more than 4 GiB, or where
it fails without a sentence that says why. Memory is limited to 12 GiB.

## Changed inputs

Of each format files of the repository's fixtures and of a small study are changed: bytes, numbers in text, and values, keys and shapes
of the structure. An image folder counts each of its files.

<!-- inputs -->
{inputs}
<!-- end -->

## Kills

SIGKILL at a random moment; then what is left is verified, and the command is given again, until it ends: its result must be that of
an undisturbed run, and nothing else may be left beside it.

<!-- kills -->
{kills}
<!-- end -->

## Full disks

File systems of 0, 20, 50, 80 and 95 % of what the command needs, and limits on the size of files (`ulimit -f`) of 0, 30 and 70 % of
the largest: a sentence with the system's reason, no broken target, no signal.

<!-- disks -->
{disks}
<!-- end -->
"""
NONE = "Not run yet."


def tables(path):
    """What an earlier run wrote, part by part."""
    parts = {"inputs": NONE, "kills": NONE, "disks": NONE}
    if path.exists():
        for name in parts:
            match = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end -->", path.read_text(), re.S)
            if match:
                parts[name] = match.group(1)
    return parts


def grid(header, rows):
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in [header, ["---"] * len(header), *rows])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=str(targets.ROOT / ".build/release/palimpsest"))
    parser.add_argument("--inputs", type=int, default=2000, help="how many changed inputs, over all formats")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--format", action="append", choices=list(targets.FORMATS), help="of these formats only; may be repeated")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--patience", type=float, default=1, help="by what the limits of time are multiplied, for builds that are not optimised")
    parser.add_argument("--keep", type=Path, help="where inputs that show a fault are kept")
    parser.add_argument("--kills", type=int, default=0, help="how many kills, over all commands")
    parser.add_argument("--full-disk", action="store_true")
    parser.add_argument("--write", type=Path, help="the page whose tables are written")
    options = parser.parse_args()
    running.PATIENCE = options.patience
    options.program = str(Path(options.program).resolve())
    print("seed", options.seed, flush=True)

    with tempfile.TemporaryDirectory(prefix="palimpsest-fuzz-") as scratch:
        scratch = Path(scratch)
        study = targets.Study(options.program, make(scratch / "study"))
        for line in study.log:
            print("preparing:", line, flush=True)
        found = []

        def report(text):
            found.append(text)
            print("FAULT", text, flush=True)

        parts = tables(options.write) if options.write else {}
        if options.inputs:
            parts["inputs"] = change_inputs(options, study, scratch, report)
            print(parts["inputs"], flush=True)
        if options.kills:
            parts["kills"] = kill(options, study, scratch, report)
            print(parts["kills"], flush=True)
        if options.full_disk:
            parts["disks"] = fill(options, study, scratch, report)
            print(parts["disks"], flush=True)
        if options.write:
            options.write.write_text(PAGE.format(**parts))
        return 1 if found else 0


def make(folder):
    folder.mkdir(parents=True)
    return folder


def change_inputs(options, study, scratch, report):
    names = options.format or list(targets.FORMATS)
    weights = {name: targets.WEIGHTS.get(name, 2) for name in names}
    total = sum(weights.values())
    tallies = {name: running.Tally() for name in names}
    work = []
    for name in names:
        count = max(1, round(options.inputs * weights[name] / total / targets.INPUTS.get(name, 1)))
        work += [(name, index) for index in range(count)]
    random.Random(options.seed).shuffle(work)
    start = time.monotonic()

    def one(item):
        name, index = item
        draw = random.Random(f"{options.seed} {name} {index}")
        folder = Path(tempfile.mkdtemp(dir=scratch))
        ended = []
        try:
            commands = targets.FORMATS[name](study, draw, folder)
            for words in commands:
                result = running.run(study.program, words, str(folder))
                ended.append(result)
                if result.fault:
                    keep(options, name, index, folder, words, result)
            return name, index, commands, ended
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, index, commands, ended in pool.map(one, work):
            for place, (words, result) in enumerate(zip(commands, ended)):
                tallies[name].add(result, targets.INPUTS.get(name, 1) if place == 0 else 0)
                if result.fault:
                    report(f"{name} {index}: {result.fault}: {' '.join(words)}: {result.error.strip()[-200:]}")
    rows = []
    for name, tally in tallies.items():
        other = tally.statuses["other"] - tally.signals - tally.hangs
        rows.append([
            name, f"{tally.inputs:,}", f"{tally.processes:,}", f"{tally.statuses[0]:,} / {tally.statuses[1]:,} / {tally.statuses[2]:,}", max(0, other),
            tally.signals, tally.hangs, tally.large, tally.dumps, tally.silent, f"{tally.slowest:.1f}", f"{tally.largest / 2**20:.0f}"])
    sums = list(tallies.values())
    rows.append([
        "all", f"{sum(item.inputs for item in sums):,}", f"{sum(item.processes for item in sums):,}",
        " / ".join(f"{sum(item.statuses[key] for item in sums):,}" for key in (0, 1, 2)), "", sum(item.signals for item in sums), sum(item.hangs for item in sums),
        sum(item.large for item in sums), sum(item.dumps for item in sums), sum(item.silent for item in sums), "", ""])
    header = ["format", "inputs", "processes", "exit 0 / 1 / 2", "other exits", "signals", "over 10 s", "over 4 GiB", "dumps", "no sentence", "longest, s", "most memory, MiB"]
    return grid(header, rows) + f"\n\nSeed {options.seed}, {date.today()}, {time.monotonic() - start:.0f} s with {options.jobs} at a time, {version(study)}."


def version(study):
    return "palimpsest " + running.run(study.program, ["--version"], str(study.folder)).output.strip().replace("palimpsest ", "")


def keep(options, name, index, folder, words, result):
    if not options.keep:
        return
    place = options.keep / f"{name.replace(' ', '-')}-{options.seed}-{index}"
    shutil.copytree(folder, place, symlinks=True, dirs_exist_ok=True, ignore_dangling_symlinks=True)
    with open(place / "fault.json", "a") as file:
        json.dump({"command": words, "fault": result.fault, "status": result.status, "seconds": result.seconds, "memory": result.memory, "error": result.error[-4000:]}, file, indent=1)
        file.write("\n")


def kill(options, study, scratch, report):
    commands = faults.commands(study)
    rows = []
    start = time.monotonic()
    for number, command in enumerate(commands):
        count = options.kills // len(commands) + (number < options.kills % len(commands))
        if not count:
            continue
        row = faults.kill(study, scratch / f"kill-{number}", command, count, random.Random(f"{options.seed} {command.name}"), report)
        if row:
            rows.append([command.name, row["kills"], row["ended"], f"{row['absent']} / {row['whole']} / {row['bad']}", row["differ"], row["left"]])
    rows.append(["all", sum(row[1] for row in rows), sum(row[2] for row in rows), "", sum(row[4] for row in rows), sum(row[5] for row in rows)])
    header = ["command", "kills", "after the end", "target absent / verified / bad", "the same command again differs", "leftovers"]
    return grid(header, rows) + f"\n\nSeed {options.seed}, {date.today()}, {time.monotonic() - start:.0f} s, {version(study)}."


def fill(options, study, scratch, report):
    rows = []
    start = time.monotonic()
    for number, command in enumerate(faults.commands(study) + faults.others(study)):
        row = faults.fill(study, scratch / f"full-{number}", command, random.Random(options.seed), report)
        if row:
            rows.append([command.name, row["disks"], row["limits"], row["refused"], row["passed"], row["faults"]])
    rows.append(["all", *(sum(row[column] for row in rows) for column in range(1, 6))])
    header = ["command", "small disks", "limits of size", "refused with the reason", "had room", "at fault"]
    return grid(header, rows) + f"\n\n{date.today()}, {time.monotonic() - start:.0f} s, {version(study)}."


if __name__ == "__main__":
    sys.exit(main())
