"""Kills at any moment, and disks that are full: what is left must be whole or absent, and the same command must go on."""
import ctypes
import hashlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .running import run
from .targets import CHECKPOINTS, STUDY


@dataclass
class Command:
    """A command that writes: its words, what it writes, and how that is checked."""
    name: str
    words: list
    output: str
    verify: list
    # Its part of the kills, by what it costs.
    share: int = 4
    # Whether it makes a result anew where there is one: then that one stands there before every second try, and must survive.
    replaces: bool = False


def commands(study):
    model = str(CHECKPOINTS / "timm-vit")
    shown = ["--images", str(study.path("scenes/images"))]
    return [
        Command("extract", ["extract", "--model", model, *shown, "--conditions", "red", "--batch-size", "1", "--out", "x.h5"], "x.h5", ["verify", "x.h5"]),
        Command("extract deflate", ["extract", "--model", model, *shown, "--batch-size", "1", "--compression", "deflate", "--out", "x.h5"], "x.h5", ["verify", "x.h5"]),
        Command("train", ["train", "--model", model, *shown, "--epochs", "4", "--batch-size", "2", "--out", "x"], "x", ["inspect", "x"]),
        Command("reconstruct", ["reconstruct", "--model", model, "--inverse", str(study.path("inverse")), *shown, "--conditions", "red", "--batch-size", "1", "--out", "x.h5"], "x.h5", ["verify", "x.h5"]),
        Command("scenes", ["scenes", "--count", "12", "--size", "64x64", "--out", "x"], "x", []),
        Command("run", ["run", "study.yaml", "--out", "x"], "x", [], share=2),
        Command("report", ["report", str(study.path("results/quality")), "--out", "x"], "x", ["replay", "x"], share=3, replaces=True),
        Command("bundle", ["bundle", str(study.path("reports/quality")), "--out", "x.zip", "--date", "2026-01-01"], "x.zip", ["verify", "x.zip"], replaces=True),
    ]


def others(study):
    """Commands that write and are over too soon to be killed."""
    found = []
    for name, store in [("similarity", "vit.h5"), ("quality", "back.h5"), ("color", "back.h5"), ("detail", "back.h5"), ("shape", "back.h5"), ("prototypes", "vit.h5")]:
        found.append(Command(f"analyze {name}", ["analyze", name, str(study.path(store)), "--bootstrap", "20", "--out", "x"], "x", []))
    found.append(Command("analyze efficiency", ["analyze", "efficiency", str(study.path("inverse")), "--out", "x"], "x", []))
    found.append(Command("figure", ["figure", "depth", str(study.path("results/quality")), "--out", "x"], "x.pdf", []))
    found.append(Command("replay", ["replay", str(study.path("reports/quality")), "--keep", "x"], "x", []))
    return found


def prepare(study, folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(STUDY.format(model=CHECKPOINTS / "timm-vit").replace("scenes/images", str(study.path("scenes/images"))))


def content(path):
    """What must be the same after kills: bytes, less what holds times of the clock."""
    path = Path(path)
    if path.suffix == ".h5" and path.is_file():
        return store_content(path)
    if path.is_file():
        return {"": hashlib.sha256(path.read_bytes()).hexdigest()}
    found = {}
    for item in sorted(path.rglob("*")):
        name = str(item.relative_to(path))
        if not item.is_file() or name.startswith(".palimpsest") or item.name == "provenance.json" or "report" in name.split("/")[0]:
            continue
        if item.suffix == ".h5":
            found[name] = store_content(item)
        elif item.name in ("history.csv", "curves.csv", "efficiency.csv", "efficiency_curves.csv", "efficiency_equal.csv") or item.name.startswith("state"):
            continue
        else:
            found[name] = hashlib.sha256(item.read_bytes()).hexdigest()
    return found


def store_content(path):
    """Data and attributes of a store, less when it was made, and the checksum that this is in."""
    try:
        import h5py
    except ImportError:
        return {}
    found = {}
    with h5py.File(path, "r") as file:
        def visit(name, item):
            if isinstance(item, h5py.Dataset):
                found[name] = hashlib.sha256(item[()].tobytes() if item.dtype.kind != "O" else repr(item[()].tolist()).encode()).hexdigest()
            for key in item.attrs:
                if key != "created_at" and (name, key) != ("checksums", "metadata"):
                    found[f"{name}@{key}"] = repr(item.attrs[key])
        visit("", file)
        file.visititems(visit)
    return found


def kill(study, folder, command, count, random, report):
    """Kills a command `count` times, each time as it goes on from what is left or anew; then lets it end."""
    prepare(study, folder)
    whole = run(study.program, command.words, str(folder), limit=600)
    if whole.status:
        report(f"{command.name}: cannot be run: {whole.error.strip()[-300:]}")
        return None
    expected = content(folder / command.output)
    seconds = whole.seconds
    row = {"kills": 0, "ended": 0, "absent": 0, "whole": 0, "bad": 0, "differ": 0, "left": 0}
    before = folder.with_name(folder.name + "-before")
    if command.replaces:
        copy(folder / command.output, before)
    clean(folder)
    tries = 0
    while row["kills"] < count and tries < count * 4:
        tries += 1
        output = folder / command.output
        must_stay = command.replaces and tries % 2 == 0
        if must_stay and not output.exists():
            copy(before, output)
        process = subprocess.Popen(
            [study.program, *command.words], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0, seconds))
        # By its identifier alone; one that has ended is not waited for yet, so that the number is still its own.
        process.send_signal(signal.SIGKILL)
        process.wait()
        if process.returncode != -signal.SIGKILL:
            row["ended"] += 1
        else:
            row["kills"] += 1
            if not output.exists():
                row["absent"] += 1
                if must_stay:
                    row["bad"] += 1
                    report(f"{command.name}: after a kill the result of before is gone")
            elif command.verify:
                verified = run(study.program, command.verify, str(folder), limit=120)
                # A training before its first plan is no training yet; a sentence says so.
                is_bad = verified.status != 0 if command.name != "train" else bool(verified.fault)
                row["bad" if is_bad else "whole"] += 1
                if is_bad:
                    report(f"{command.name}: after a kill {' '.join(command.verify)}: {verified.error.strip()[-300:]}")
        if random.random() < 0.25 or process.returncode != -signal.SIGKILL or row["kills"] == count:
            ended = run(study.program, command.words, str(folder), limit=600)
            if ended.status or content(folder / command.output) != expected:
                row["differ"] += 1
                report(f"{command.name}: after kills the same command gives another result ({ended.status}) {ended.error.strip()[-300:]}")
            names = {item.name for item in folder.iterdir()} - {"study.yaml", Path(command.output).name}
            if names:
                row["left"] += 1
                report(f"{command.name}: left behind: {', '.join(sorted(names))}")
            clean(folder)
    return row


def copy(source, target):
    shutil.copytree(source, target) if source.is_dir() else shutil.copyfile(source, target)


def clean(folder):
    for item in folder.iterdir():
        if item.name == "study.yaml":
            continue
        shutil.rmtree(item) if item.is_dir() and not item.is_symlink() else item.unlink()


class SmallDisk:
    """A file system in memory of so many bytes; only where the user may mount one."""
    library = ctypes.CDLL(None, use_errno=True)

    def __init__(self, folder, size):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if self.library.mount(b"tmpfs", str(folder).encode(), b"tmpfs", 0, f"size={size}".encode()):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def __enter__(self):
        return self.folder

    def __exit__(self, *_):
        self.library.umount2(str(self.folder).encode(), 2)


def size(path):
    path = Path(path)
    return path.stat().st_size if path.is_file() else sum(item.stat().st_size for item in path.rglob("*") if item.is_file())


# The system's words, or what a command finds before it begins.
SENTENCES = ("No space left on device", "Disk quota exceeded", "File too large", "are free", "MB left")


def fill(study, folder, command, random, report):
    """Runs a command on disks of several sizes below what it needs, and with a limit on the size of files."""
    place = folder / "plain"
    prepare(study, place)
    whole = run(study.program, command.words, str(place), limit=600)
    if whole.status:
        report(f"{command.name}: cannot be run: {whole.error.strip()[-300:]}")
        return None
    needed = sum(item.stat().st_size for item in place.rglob("*") if item.is_file())
    largest = max((item.stat().st_size for item in place.rglob("*") if item.is_file() and item.name != "study.yaml"), default=0)
    shutil.rmtree(place)
    row = {"disks": 0, "limits": 0, "refused": 0, "passed": 0, "faults": 0}

    def judge(ended, where):
        output = where / command.output
        if ended.fault:
            row["faults"] += 1
            report(f"{command.name}: {ended.fault} {ended.error.strip()[-200:]}")
        elif ended.status == 0:
            row["passed"] += 1
        elif not any(word in ended.error for word in SENTENCES):
            row["faults"] += 1
            report(f"{command.name}: another reason than a full disk ({ended.status}): {ended.error.strip()[-300:]}")
        else:
            row["refused"] += 1
        if output.exists() and command.verify and command.name not in ("train",):
            verified = run(study.program, command.verify, str(where), limit=120)
            if verified.status:
                row["faults"] += 1
                report(f"{command.name}: on a full disk it left {verified.error.strip()[-300:]}")

    for share in [0.0, 0.2, 0.5, 0.8, 0.95]:
        try:
            with SmallDisk(folder / "disk", max(16 << 10, int(needed * share))) as disk:
                try:
                    prepare(study, disk)
                except OSError:
                    continue
                ended = run(study.program, command.words, str(disk), limit=120)
                row["disks"] += 1
                judge(ended, disk)
        except OSError as error:
            report(f"no small disk can be mounted here: {error}")
            break
    for share in [0.0, 0.3, 0.7]:
        place = folder / f"limit-{share}"
        prepare(study, place)
        ended = run(study.program, command.words, str(place), limit=120, file_size=max(512, int(largest * share)))
        row["limits"] += 1
        judge(ended, place)
        shutil.rmtree(place)
    return row
