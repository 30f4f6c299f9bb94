#!/usr/bin/env python3
"""Hostile inputs, kills and full disks for the palimpsest program.

    fuzz.py [PROGRAM] [--inputs N] [--from N] [--again] [--seed S] [--format NAME …] [--jobs J] [--keep DIR]
            [--kills N] [--full-disk] [--of COMMIT] [--write docs/reliability.md]

Every file that the program reads is changed, by bytes, by numbers and by the values of its structure, and given to the
commands that read it; memory is limited to 6 GiB and time to 30 s a process. A process is at fault where a signal or a
dump of the stack ends it, where it takes more than 10 s or 4 GiB, or where it fails without a sentence. --kills ends the
commands that write at any moment and looks at what is left; --full-disk has them write to disks that are too small (it
mounts file systems in memory, which needs root) and with a limit on the size of files. The same seed makes the same
inputs. Faults are kept in --keep with the command that shows them, beside what came of all inputs: the same command with
the same --keep goes on until there are --inputs; --again tries those at fault once more. Ends with 1 where there was any.

The program is started and linked once, and forked before its main function for each input (fuzzing/fork_server.c; --plain
starts it each time, as does a machine without a C compiler). What seems at fault is tried again in a process of its own.

Needs Python alone; with h5py also stores are changed by their structure, and compared after kills.
"""
import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from fuzzing import faults, running, targets
from fuzzing.campaign import Campaign, grid

PAGE = """# Reliability

What was tried on the program with inputs that nobody means well, with kills at any moment and with disks that are full. The numbers
are written by `scripts/fuzz.py --write docs/reliability.md`, which makes the same inputs of the same seed; a short run of such changes is
part of `make test` (`Tests/CommandTests/HostileInputTests.swift`).

A process is at fault where a signal or a dump of the stack ends it, where it takes more than 10 seconds or more than 4 GiB, or where
it fails without a sentence that says why. Memory is limited to 6 GiB.

## Changed inputs

Of each format files of the repository's fixtures and of a small study are changed: bytes, numbers in text, and values, keys and shapes
of the structure. An image folder counts each of its files. The inputs come in rounds that have the same share of every format, so that what
was tried is the same mixture however far the run came.

The program is started and linked once, with libtorch loaded, and forked before its main function for each input (`scripts/fuzzing/fork_server.c`):
arguments, folder, limits and end are those of a process of its own, only the 0.02 to 0.5 seconds of the start are shared. What seems at
fault is tried again in a process that is started for it alone, and counts where it shows again. Each input goes to the cheapest command that
reads the whole of its format, and a part of them also to those that work with it; the second table has the numbers. Times are of the processor.

<!-- inputs -->
{inputs}
<!-- end -->

## Kills

SIGKILL at a random moment; then what is left is verified (stores and bundles by `verify`, reports by `replay`, trainings by `inspect`), and the
command is given again, which goes on from what is left, until it ends: its result must be that of an undisturbed run, byte by byte but for
times of the clock (stores: all data and attributes), and nothing else may be left beside it. Whoever presses Ctrl-C or is ended by SIGTERM leaves
nothing unfinished behind; after SIGKILL a `.partial` or `.lock` file may lie beside the result, which the next run takes away.

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


def head():
    """The commit that the folder is at, which the program is taken to be built of."""
    found = subprocess.run(["git", "-C", str(targets.ROOT), "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return found.stdout.strip() or "an unknown commit"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=str(targets.ROOT / ".build/release/palimpsest"))
    parser.add_argument("--inputs", type=int, default=2000, help="how many changed inputs, over all formats")
    parser.add_argument("--from", dest="start", type=int, metavar="N", help="begin with the round in which this input is, instead of where --keep stopped")
    parser.add_argument("--again", action="store_true", help="first try again what --keep has at fault")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--format", action="append", choices=list(targets.FORMATS), help="of these formats only; may be repeated")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--plain", action="store_true", help="start the program for each input instead of forking it")
    parser.add_argument("--patience", type=float, default=1, help="by what the limits of time are multiplied, for builds that are not optimised")
    parser.add_argument("--keep", type=Path, help="where faults are kept, and what came of the inputs so far")
    parser.add_argument("--kills", type=int, default=0, help="how many kills, over all commands")
    parser.add_argument("--full-disk", action="store_true")
    parser.add_argument("--of", default=head(), metavar="COMMIT", help="what the program was built of, for the page")
    parser.add_argument("--write", type=Path, help="the page whose tables are written")
    options = parser.parse_args()
    running.PATIENCE = options.patience
    options.program = str(Path(options.program).resolve())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    print("seed", options.seed, flush=True)

    with tempfile.TemporaryDirectory(prefix="palimpsest-fuzz-") as scratch:
        scratch = Path(scratch)
        # Beside what is kept, so that the same inputs can be made of it again.
        study = targets.Study(options.program, (options.keep.resolve() if options.keep else scratch) / "study")
        if study.log:
            # Without the study nothing would be read as far as it can be.
            sys.exit("the small study cannot be made:\n" + "\n".join(study.log))
        found = []

        def report(text):
            found.append(text)
            print("FAULT", text, flush=True)

        parts = tables(options.write) if options.write else {}

        def write():
            if options.write:
                options.write.write_text(PAGE.format(**parts))

        if options.inputs or options.again:
            campaign = Campaign(options, study, make(scratch / "inputs"), report)
            if options.again:
                campaign.again()
            try:
                campaign.go()
            finally:
                parts["inputs"] = campaign.page()
                print(parts["inputs"], flush=True)
                write()
        if options.kills:
            parts["kills"] = kill(options, study, scratch, report)
            print(parts["kills"], flush=True)
            write()
        if options.full_disk:
            parts["disks"] = fill(options, study, scratch, report)
            print(parts["disks"], flush=True)
            write()
        return 1 if found else 0


def make(folder):
    folder.mkdir(parents=True)
    return folder


class Rows:
    """The rows of a table, command by command; with --keep those of an earlier session that was ended are taken over."""

    def __init__(self, options, name):
        self.file = options.keep / f"{name}.json" if options.keep else None
        self.made = json.loads(self.file.read_text()) if self.file and self.file.exists() else {}

    def row(self, key, make):
        if key not in self.made:
            start = time.monotonic()
            found = make()
            if not found:
                return None
            self.made[key] = {**found, "seconds": time.monotonic() - start}
            print(key, self.made[key], flush=True)
            if self.file:
                self.file.write_text(json.dumps(self.made, indent=1))
        return self.made[key]


def ending(options, study, rows):
    return f"\n\n{date.today()}, {sum(row['seconds'] for row in rows):.0f} s, {study.version}, built of {options.of}."


def kill(options, study, scratch, report):
    commands = faults.commands(study)
    kept = Rows(options, f"kills-{options.kills}-{options.seed}-{options.of}")
    rows = {}
    shares = [command.share for command in commands]
    for number, command in enumerate(commands):
        # Whole numbers that add up to all of them.
        before, after = (options.kills * sum(shares[:end]) // sum(shares) for end in (number, number + 1))
        if after > before:
            draw = random.Random(f"{options.seed} {command.name}")
            rows[command.name] = kept.row(command.name, lambda: faults.kill(
                study, scratch / f"kill-{number}", command, after - before, draw, report))
    rows = {name: row for name, row in rows.items() if row}
    lines = [[name, row["kills"], row["ended"], f"{row['absent']} / {row['whole']} / {row['bad']}", row["differ"], row["left"]] for name, row in rows.items()]
    lines.append(["all", *(sum(row[key] for row in rows.values()) for key in ("kills", "ended")), "",
                  *(sum(row[key] for row in rows.values()) for key in ("differ", "left"))])
    header = ["command", "kills", "after the end", "target absent / verified / bad", "the same command again differs", "leftovers"]
    return grid(header, lines) + ending(options, study, rows.values()).replace("\n\n", f"\n\nSeed {options.seed}, ")


def fill(options, study, scratch, report):
    kept = Rows(options, f"disks-{options.seed}-{options.of}")
    rows = {}
    for number, command in enumerate(faults.commands(study) + faults.others(study)):
        draw = random.Random(options.seed)
        rows[command.name] = kept.row(command.name, lambda: faults.fill(study, scratch / f"full-{number}", command, draw, report))
    rows = {name: row for name, row in rows.items() if row}
    keys = ("disks", "limits", "refused", "passed", "faults")
    lines = [[name, *(row[key] for key in keys)] for name, row in rows.items()]
    lines.append(["all", *(sum(row[key] for row in rows.values()) for key in keys)])
    header = ["command", "small disks", "limits of size", "refused with the reason", "had room", "at fault"]
    return grid(header, lines) + ending(options, study, rows.values())


if __name__ == "__main__":
    sys.exit(main())
