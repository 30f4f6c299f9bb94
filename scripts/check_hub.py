#!/usr/bin/env python3
"""Checks how palimpsest fetches models, against a small Hub on loopback and Python's huggingface_hub (2.4).

    scripts/check_hub.py PALIMPSEST FAKE_HUB.py [--python PYTHON] [--kills 20] [--only NAME …]

PALIMPSEST is the program, FAKE_HUB.py a server of folders with the Hub's headers, redirects, ranges and faults (options --cut, --busy, --token, --log), PYTHON an
interpreter with huggingface_hub. Needs strace for the check that nothing is asked offline, and root for the small disk and the read-only one; what cannot
be checked is said. Prints a line a check, and ends with 1 where one fails.
"""
import argparse
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ZOO = Path(__file__).resolve().parent.parent / "notebooks-data" / "zoo"


class Failed(Exception):
    pass


def require(holds, text):
    if not holds:
        raise Failed(text)


class Bench:
    """The folders of one check, and the server."""

    def __init__(self, arguments, folder):
        self.arguments, self.folder = arguments, Path(folder)
        self.repositories = self.folder / "repositories"
        for name in ["org/vit", "org/detr", "private/vit"]:
            shutil.copytree(ZOO / name.split("/")[1], self.repositories / name, ignore=shutil.ignore_patterns("training*"))
        large = self.repositories / "org" / "large"
        shutil.copytree(self.repositories / "org" / "vit", large)
        # As many bytes as a model that matters, so that kills and cuts meet the transfer.
        with open(large / "model.safetensors", "wb") as file:
            file.write(random.Random(1).randbytes(arguments.megabytes << 20))
        self.server = None
        self.log = self.folder / "log.txt"

    def serve(self, *options):
        self.end()
        self.log.write_text("")
        self.server = subprocess.Popen(
            [sys.executable, self.arguments.hub, str(self.repositories), "--log", str(self.log), *options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.endpoint = self.server.stdout.readline().split("=", 1)[1].strip()

    def end(self):
        if self.server:
            self.server.kill()
            self.server.wait()
            self.server = None

    def environment(self, cache=None, **more):
        known = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGING", "TRANSFORMERS"))}
        return {**known, "HOME": str(self.folder), "HF_ENDPOINT": self.endpoint, "HF_HUB_CACHE": str(cache or self.folder / "cache"), **more}

    def start(self, *words, cache=None, before=(), **more):
        return subprocess.Popen([*before, self.arguments.palimpsest, *words], env=self.environment(cache, **more), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *words, cache=None, before=(), status=0, **more):
        process = self.start(*words, cache=cache, before=before, **more)
        out, error = process.communicate(timeout=300)
        require(process.returncode == status, f"{' '.join(words)} ended with {process.returncode}: {error.strip()[-500:]}")
        return out, error

    def python(self, text, cache=None, **more):
        done = subprocess.run([self.arguments.python, "-c", text], env=self.environment(cache, **more), capture_output=True, text=True, timeout=300)
        require(done.returncode == 0, f"huggingface_hub: {done.stderr.strip()[-500:]}")
        return done.stdout.strip()

    def asked(self):
        return self.log.read_text().splitlines()

    def wholes(self, name, cache=None, log=None):
        """Requires every blob whole under its name, and every link to lead to one; returns how many."""
        folder = (cache or self.folder / "cache") / f"models--{name.replace('/', '--')}"
        count = 0
        for blob in sorted((folder / "blobs").glob("*")):
            if blob.name.endswith(".incomplete"):
                continue
            data = blob.read_bytes()
            git = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
            require(blob.name in (git, hashlib.sha256(data).hexdigest()), f"{blob} is not what its name says")
            count += 1
        for link in (folder / "snapshots").rglob("*"):
            require(link.exists(), f"{link} leads nowhere")
        return count

    def same(self, name, folder):
        for file in (self.repositories / name).iterdir():
            require((Path(folder) / file.name).read_bytes() == file.read_bytes(), f"{folder}/{file.name} is not the file of {name}")


def our_cache_is_read_by_huggingface_hub(bench):
    bench.serve()
    bench.run("fetch", "org/vit", "org/detr")
    bench.end()
    for name in ["org/vit", "org/detr"]:
        folder = bench.python(f"from huggingface_hub import snapshot_download as s; print(s('{name}'))", HF_HUB_OFFLINE="1")
        bench.same(name, folder)
        for file in sorted(p.name for p in (bench.repositories / name).iterdir()):
            bench.python(f"from huggingface_hub import hf_hub_download as h; print(h('{name}', '{file}', local_files_only=True))")
    absent = bench.python("from huggingface_hub import try_to_load_from_cache as t, _CACHED_NO_EXIST as n; print(t('org/vit', 'preprocessor_config.json') is n)")
    require(absent == "True", "the mark of an absent file is not understood")
    count = bench.python("from huggingface_hub import scan_cache_dir as s; c = s(); print(len(c.repos), len(c.warnings))")
    require(count == "2 0", f"scan_cache_dir finds {count} repositories and warnings")
    return "2 models, every file, the mark of an absent one; scan_cache_dir has no warning"


def huggingface_hubs_cache_is_read_by_us(bench):
    bench.serve()
    for name in ["org/vit", "org/detr"]:
        bench.python(f"from huggingface_hub import snapshot_download as s; print(s('{name}'))")
    bench.python("from huggingface_hub import hf_hub_download as h; [h('private/vit', f) for f in ('config.json', 'model.safetensors')]", HF_TOKEN="secret")
    before = len(bench.asked())
    for name in ["org/vit", "org/detr", "private/vit"]:
        out, error = bench.run("inspect", name, HF_HUB_OFFLINE="1")
        require("parameters" in out, out)
    require(len(bench.asked()) == before, "something was asked offline")
    out, _ = bench.run("fetch", "org/vit", "org/detr")
    require(out.count("all there already") == 2, out)
    out, _ = bench.run("inspect", str(bench.folder / "cache" / "models--org--vit"), HF_HUB_OFFLINE="1")
    require("parameters" in out, out)
    require(not any(line.startswith("GET /cdn") for line in bench.asked()[before:]), "weights were fetched again")
    return "3 models offline, the cache's folder as a model; then nothing fetched again"


def kills(bench):
    bench.serve()
    killed, began = 0, time.time()
    bench.run("fetch", "org/large", cache=bench.folder / "timing")
    whole = time.time() - began
    before = len(bench.asked())
    generator = random.Random(2)
    while killed < bench.arguments.kills:
        process = bench.start("fetch", "org/large")
        time.sleep(generator.uniform(0.05, max(0.1, whole * 0.9)))
        ended = process.poll() is not None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        bench.wholes("org/large")
        if ended:
            shutil.rmtree(bench.folder / "cache")
            continue
        killed += 1
        if (bench.folder / "cache/models--org--large/snapshots").exists():
            # What is there offline is either the model or refused.
            offline = bench.start("verify", "org/large", HF_HUB_OFFLINE="1")
            require("not whole in the cache" in (text := offline.communicate()[1]) or "not in the cache" in text or "header" in text, text)
    bench.run("fetch", "org/large")
    bench.wholes("org/large")
    bench.same("org/large", next((bench.folder / "cache/models--org--large/snapshots").iterdir()))
    resumed = sum("bytes=" in line for line in bench.asked()[before:])
    folder = bench.python("from huggingface_hub import snapshot_download as s; print(s('org/large', local_files_only=True))")
    bench.same("org/large", folder)
    return f"{killed} kills, {resumed} transfers gone on with; nothing corrupt"


def cut_connection(bench):
    bench.serve("--cut", "1000000")
    bench.run("fetch", "org/large")
    ranges = [line for line in bench.asked() if line.startswith("GET /cdn")]
    require(len(ranges) == 2 and re.search(r"bytes=1000000-$", ranges[1]), str(ranges))
    bench.wholes("org/large")
    return "broken off after 1,000,000 bytes, gone on with from there"


def busy(bench):
    bench.serve("--busy", "8")
    began = time.time()
    bench.run("fetch", "org/vit")
    bench.wholes("org/vit")
    return f"eight answers of 429 waited for, {time.time() - began:.1f} s"


def full_disk(bench):
    disk = bench.folder / "disk"
    disk.mkdir()
    size = bench.arguments.megabytes // 2
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "none", disk]).returncode:
        return None
    try:
        bench.serve()
        _, error = bench.run("fetch", "org/large", cache=disk, status=2)
        require("make room there" in error and "HF_HUB_CACHE" in error, error)
        # The room goes while the file comes.
        subprocess.run(["mount", "-o", f"remount,size={bench.arguments.megabytes + 4}m", disk], check=True)
        process = bench.start("fetch", "org/large", cache=disk)
        blobs = disk / "models--org--large/blobs"
        for _ in range(2000):
            if any(p.stat().st_size > 1 << 20 for p in blobs.glob("*.incomplete")):
                break
            time.sleep(0.001)
        filler = disk / "filler"
        with open(filler, "wb") as file:
            try:
                while True:
                    file.write(bytes(1 << 20))
                    file.flush()
            except OSError:
                pass
        error = process.communicate()[1]
        met = process.returncode
        require(met in (0, 2), error)
        bench.wholes("org/large", cache=disk)
        filler.unlink(missing_ok=True)
        bench.run("fetch", "org/large", cache=disk)
        bench.wholes("org/large", cache=disk)
        bench.same("org/large", next((disk / "models--org--large/snapshots").iterdir()))
    finally:
        subprocess.run(["umount", disk])
    return f"refused beforehand; filled while fetching: ended with {met} ({error.strip()[-60:]}), and went on"


def two_at_once(bench):
    bench.serve()
    processes = [bench.start("fetch", "org/large") for _ in range(2)]
    for process in processes:
        _, error = process.communicate(timeout=300)
        require(process.returncode == 0, error)
    fetched = [line for line in bench.asked() if line.startswith("GET /cdn") and "org/large" in line]
    require(len(fetched) == 1, f"fetched {len(fetched)} times")
    bench.wholes("org/large")
    # One of them Python's.
    other = bench.folder / "other"
    python = subprocess.Popen([bench.arguments.python, "-c", "from huggingface_hub import snapshot_download as s; s('org/large')"],
                              env=bench.environment(other), stderr=subprocess.PIPE, text=True)
    bench.run("fetch", "org/large", cache=other)
    _, error = python.communicate(timeout=300)
    require(python.returncode == 0, error)
    bench.wholes("org/large", cache=other)
    both = [line for line in bench.asked() if line.startswith("GET /cdn") and "org/large" in line]
    return f"two of ours fetched once; one of ours beside huggingface_hub {len(both) - 1} time(s)"


def read_only_cache(bench):
    bench.serve()
    bench.run("fetch", "org/vit")
    cache = bench.folder / "cache"
    if subprocess.run(["mount", "--bind", cache, cache]).returncode:
        return None
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", cache], check=True)
        for more in [{}, {"HF_HUB_OFFLINE": "1"}]:
            out, _ = bench.run("inspect", "org/vit", **more)
            require("parameters" in out, out)
        _, error = bench.run("fetch", "org/detr", status=2)
        require("Read-only file system" in error and "HF_HUB_CACHE" in error, error)
    finally:
        subprocess.run(["umount", cache])
    return "what is there is read, with the network and without; what is not is refused with the way out"


def offline_opens_no_socket(bench):
    if not shutil.which("strace"):
        return None
    bench.serve()
    bench.run("fetch", "org/vit")
    counts = []
    for variable in ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"]:
        for name, status in [("org/vit", 0), ("org/nothing", 2)]:
            trace = bench.folder / "trace"
            bench.run("inspect", name, before=["strace", "-f", "-e", "trace=network", "-o", str(trace)], status=status, **{variable: "1"})
            calls = [line for line in trace.read_text().splitlines() if re.search(r"\b(socket|socketpair|connect|sendto|bind)\(", line)]
            require(not calls, f"{variable}: {calls[:3]}")
            counts.append(len(calls))
    return f"{len(counts)} runs under strace, no socket"


def tokens(bench):
    bench.serve()
    _, error = bench.run("fetch", "private/vit", status=2)
    require(f"{bench.endpoint}/private/vit" in error and "HF_TOKEN" in error, error)
    # The server answers 400 where its storage host sees a token.
    bench.run("fetch", "private/vit", HF_TOKEN="secret")
    (bench.folder / "token").write_text("secret\n")
    bench.run("fetch", "private/vit", cache=bench.folder / "other", HF_TOKEN_PATH=str(bench.folder / "token"))
    return "gated without a token says page and token; with one of either kind fetched, and the storage host saw none"


CHECKS = [our_cache_is_read_by_huggingface_hub, huggingface_hubs_cache_is_read_by_us, kills, cut_connection, busy, full_disk, two_at_once,
          read_only_cache, offline_opens_no_socket, tokens]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("palimpsest")
    parser.add_argument("hub")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--megabytes", type=int, default=64)
    parser.add_argument("--only", nargs="*", default=[])
    arguments = parser.parse_args()
    arguments.palimpsest = os.path.abspath(arguments.palimpsest)
    failed = 0
    for check in CHECKS:
        if arguments.only and check.__name__ not in arguments.only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(arguments, folder)
            began = time.time()
            try:
                text = check(bench)
                print(f"{'ok     ' if text else 'skipped'} {check.__name__}: {text or 'this machine cannot'} ({time.time() - began:.0f} s)", flush=True)
            except (Failed, OSError, subprocess.SubprocessError) as error:
                failed += 1
                print(f"FAILED  {check.__name__}: {error}", flush=True)
            finally:
                bench.end()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
