"""Many changed inputs in rounds, each over all formats; what came of them is kept, so that another session goes on."""
import concurrent.futures
import json
import os
import random
import shutil
import tempfile
import threading
import time
from dataclasses import asdict
from datetime import date
from pathlib import Path

from . import targets
from .running import Tally, run
from .server import Server, build


class Campaign:
    """The inputs of a seed, their order, and what came of those that were tried."""

    def __init__(self, options, study, scratch, report):
        self.options, self.study, self.scratch, self.report = options, study, scratch, report
        self.names = options.format or list(targets.FORMATS)
        self.tallies = {name: Tally() for name in self.names}
        self.faults, self.seconds, self.next, self.of = [], 0.0, 0, []
        self.once = 0
        self.file = options.keep / "progress.json" if options.keep else None
        if self.file and self.file.exists():
            self.load()
        if options.start is not None:
            self.next = options.start // self.size
        self.preload = None if options.plain else build(scratch)
        self.local = threading.local()

    @property
    def size(self):
        """Inputs of one round."""
        return sum(targets.WEIGHTS[name] * targets.INPUTS.get(name, 1) for name in self.names)

    @property
    def inputs(self):
        return sum(tally.inputs for tally in self.tallies.values())

    def load(self):
        kept = json.loads(self.file.read_text())
        if kept["seed"] != self.options.seed or kept["formats"] != self.names:
            raise SystemExit(f"{self.file} is of seed {kept['seed']} and of other formats; give another --keep")
        self.next, self.seconds, self.of, self.faults, self.once = (kept[key] for key in ("next", "seconds", "of", "faults", "once"))
        self.tallies = {name: Tally(**kept["tallies"][name]) for name in self.names}

    def save(self):
        if not self.file:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        kept = {
            "seed": self.options.seed, "formats": self.names, "next": self.next, "seconds": self.seconds, "of": self.of, "once": self.once,
            "tallies": {name: asdict(tally) for name, tally in self.tallies.items()}, "faults": self.faults}
        new = self.file.with_suffix(".new")
        new.write_text(json.dumps(kept, indent=1))
        os.replace(new, self.file)

    def round(self, number):
        """The inputs of a round, by format and number: the same ones whatever was tried before."""
        work = [(name, number * targets.WEIGHTS[name] + place) for name in self.names for place in range(targets.WEIGHTS[name])]
        random.Random(f"{self.options.seed} {number}").shuffle(work)
        return work

    def perform(self, item, runner):
        """Makes an input and gives it to its commands."""
        name, index = item
        draw = random.Random(f"{self.options.seed} {name} {index}")
        folder = Path(tempfile.mkdtemp(dir=self.scratch))
        try:
            done = [(words, runner(words, str(folder))) for words in targets.FORMATS[name](self.study, draw, folder)]
            if self.options.keep and runner == self.alone and any(ended.fault for _, ended in done):
                place = self.options.keep / f"{name.replace(' ', '-')}-{self.options.seed}-{index}"
                shutil.copytree(folder, place, symlinks=True, dirs_exist_ok=True, ignore_dangling_symlinks=True)
            return done
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def alone(self, words, folder):
        return run(self.study.program, words, folder)

    def served(self, words, folder):
        if not hasattr(self.local, "server"):
            self.local.server = Server(self.study.program, self.preload)
        return self.local.server.run(words, folder)

    def one(self, item):
        """What an input does. A fault counts where it shows again in a process that was started for it alone."""
        done = self.perform(item, self.served if self.preload else self.alone)
        if self.preload and any(ended.fault for _, ended in done):
            again = self.perform(item, self.alone)
            return again, not any(ended.fault for _, ended in again)
        return done, False

    def go(self):
        if self.preload:
            print("one process a thread is forked for each input before its main function", flush=True)
        pool = concurrent.futures.ThreadPoolExecutor(self.options.jobs)
        try:
            while self.inputs < self.options.inputs:
                work = self.round(self.next)
                start = time.monotonic()
                for (name, index), (done, was_once) in zip(work, pool.map(self.one, work)):
                    self.once += was_once
                    for place, (words, ended) in enumerate(done):
                        self.tallies[name].add(ended, words, targets.INPUTS.get(name, 1) if place == 0 else 0)
                        if ended.fault:
                            self.note(name, index, words, ended)
                self.seconds += time.monotonic() - start
                self.next += 1
                if self.options.of not in self.of:
                    self.of.append(self.options.of)
                self.save()
                print(f"{self.inputs} inputs, {self.seconds:.0f} s, {len(self.faults)} faults", flush=True)
        finally:
            # A round that was begun is begun again by the next session.
            pool.shutdown(cancel_futures=True)

    def note(self, name, index, words, ended):
        self.faults.append({
            "format": name, "index": index, "fault": ended.fault, "command": words, "error": ended.error.strip()[-300:], "of": self.options.of, "mended": ""})
        self.report(f"{name} {index}: {ended.fault}: {' '.join(words)}: {ended.error.strip()[-200:]}")

    def again(self):
        """Tries once more what was at fault, with the program as it is now."""
        for item in sorted({(fault["format"], fault["index"]) for fault in self.faults}):
            done = self.perform(item, self.alone)
            still = [(words, ended) for words, ended in done if ended.fault]
            for fault in self.faults:
                if (fault["format"], fault["index"]) == item:
                    fault["mended"] = "" if still else self.options.of
            for words, ended in still:
                self.report(f"{item[0]} {item[1]}: still {ended.fault}: {' '.join(words)}: {ended.error.strip()[-200:]}")
            if not still:
                print(f"{item[0]} {item[1]}: no longer at fault", flush=True)
        self.save()

    def page(self):
        """The tables of docs/reliability.md."""
        rows = []
        for name, tally in self.tallies.items():
            rows.append([name, *numbers(tally.counts()), f"{tally.busy:.0f}", f"{tally.slowest:.1f}", f"{tally.largest / 2**20:.0f}"])
        sums = {key: sum(tally.counts()[key] for tally in self.tallies.values()) for key in Tally().counts()}
        rows.append(["all", *numbers(sums), f"{sum(tally.busy for tally in self.tallies.values()):.0f}", "", ""])
        header = ["format", "inputs", "processes", "exit 0 / 1 / 2", "other exits", "signals", "over 10 s", "over 4 GiB", "dumps", "no sentence",
                  "processor s, in all", "longest", "most memory, MiB"]
        text = [grid(header, rows), ""]
        text.append(
            f"Seed {self.options.seed}, {date.today()}, {self.seconds:.0f} s with {self.options.jobs} at a time, {self.study.version}, built of "
            f"{', '.join(self.of)}. {self.once} inputs seemed at fault and were not when tried again in a process of their own (time, on a busy machine).")
        text += ["", grid(["format", "commands that read it, and how many processes of each"], [
            [name, ", ".join(f"{key} {count:,}" for key, count in sorted(tally.commands.items()))] for name, tally in self.tallies.items()])]
        inputs = {(fault["format"], fault["index"]): fault for fault in self.faults}
        if inputs:
            text += ["", f"{len(inputs)} inputs were at fault, and were tried again after the repair:", "", grid(["input", "fault", "built of", "without it in"], [
                [f"{name} {index}", fault["fault"], fault["of"], fault["mended"] or "not yet"] for (name, index), fault in sorted(inputs.items())])]
        return "\n".join(text)


def numbers(counts):
    return [
        f"{counts['inputs']:,}", f"{counts['processes']:,}", f"{counts['succeeded']:,} / {counts['failed']:,} / {counts['refused']:,}",
        *(counts[key] for key in ("other", "signals", "hangs", "large", "dumps", "silent"))]


def grid(header, rows):
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in [header, ["---"] * len(header), *rows])
