#!/usr/bin/env python3
"""Checks what `make package` and `make install` make, where the checkout is gone and for a user who is not root.

    scripts/check_install.py DIST --build FOLDER [--hide FOLDER …] [--libtorch FOLDER] [--only tarball|prefix|deb …]

DIST holds the tarball and the Debian package, FOLDER is what scripts/installable built (FOLDER/program). This checkout and the folders of --hide are covered
by an empty one while the installed program runs (needs root and unshare). Without --libtorch `palimpsest setup` gets libtorch from the network for the tarball;
with it the folder is taken. The package is installed with dpkg and removed again: do not run that where a palimpsest of the system is in use.
Prints a line a check and ends with 1 where one fails.
"""
import argparse
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
USER = pwd.getpwnam("nobody")


class Failed(Exception):
    pass


def require(holds, text):
    if not holds:
        raise Failed(text)


class Runner:
    """Runs a program as nobody, in a folder of its own, with the checkout hidden."""

    def __init__(self, program, home, hidden, **environment):
        self.program, self.home, self.hidden = str(program), home, hidden
        self.environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8", **environment}
        for name in ["PIP_CERT", "PIP_FIND_LINKS", "PIP_INDEX_URL", "SSL_CERT_FILE", "HTTPS_PROXY", "https_proxy"]:
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def __call__(self, *words, status=0, timeout=900):
        covers = "".join(f"mount -t tmpfs none '{folder}' && " for folder in self.hidden)
        script = covers + f'cd "$0" && exec setpriv --reuid {USER.pw_uid} --regid {USER.pw_gid} --clear-groups "$@"'
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, str(self.home), self.program, *map(str, words)], env=self.environment,
                              capture_output=True, text=True, timeout=timeout)
        require(done.returncode == status, f"{' '.join(map(str, words))}: status {done.returncode}, not {status}: "
                f"{(done.stderr or done.stdout).strip()[-600:]}")
        return done


def owned(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, USER.pw_uid, USER.pw_gid, follow_symlinks=False)
    return folder


def everything(run, share, say):
    """The commands that a first hour holds, on scenes and the models that come with the program."""
    version = run("--version").stdout
    require(f"files: {share}\n" in version, f"--version: {version}")
    zoo = f"{share}/notebooks-data/zoo"
    run("scenes", "--count", 8, "--size", "160x160", "--out", "scenes")
    for model in ["vit", "swin"]:
        run("extract", "--model", f"{zoo}/{model}", "--images", "scenes/images", "--out", f"{model}.h5")
        run("verify", f"{model}.h5")
    run("analyze", "similarity", "vit.h5", "swin.h5", "--tokens", "mean", "--out", "results/similarity")
    run("train", "--model", f"{zoo}/vit", "--images", "scenes/images", "--inverse", "ridge", "--out", "inverse")
    run("reconstruct", "--model", f"{zoo}/vit", "--inverse", "inverse", "--images", "scenes/images", "--out", "back.h5")
    run("analyze", "quality", "back.h5", "--out", "results/quality")
    run("report", "results", "--out", "reports/mine", "--style", "cvpr")
    run("figure", "depth", "results", "--metric", "psnr", "--style", "cvpr", "--width", "column", "--out", "psnr.pdf")
    run("lint", "psnr.pdf", "--style", "cvpr")
    run("bundle", "reports/mine", "--out", "mine.zip")
    run("verify", "mine.zip")
    run("replay", "mine.zip")
    run("inspect", f"{zoo}/detr", "--json")
    run("run", "--example")
    say("scenes, extract, verify, analyze, train, reconstruct, report, figure, lint, bundle, replay, inspect, run")
    began = time.monotonic()
    run("demo", "--count", 48)
    require((run.home / "reports/demo/index.html").stat().st_size > 100_000, "demo wrote no page")
    say(f"demo --count 48 in {time.monotonic() - began:.0f} s")


def tarball(arguments, work, say):
    packed = next(Path(arguments.dist).glob("*.tar.gz"))
    place = owned(work / "any where ü")
    subprocess.run(["tar", "xzf", packed, "-C", place], check=True)
    top = next(place.iterdir())
    owned(place)
    link = work / "link"
    link.symlink_to(top / "bin/palimpsest")
    home = owned(work / "home")
    run = Runner(link, home, arguments.hide)
    missing = run("extract", "--model", top / "share/palimpsest/notebooks-data/zoo/vit", "--images", home, "--out", "x.h5", status=1).stderr
    require("palimpsest setup" in missing and missing.count("\n") == 1, f"without libtorch: {missing}")
    require("none" in run("--version").stdout.splitlines()[1], "--version names a libtorch that is not there")
    run("doctor", status=1)
    if arguments.libtorch:
        run.environment["LIBTORCH"] = arguments.libtorch
    else:
        run("setup", "--cpu")
        require((home / ".local/share/palimpsest/libtorch/lib/libtorch.so").exists(), "setup put nothing into the home")
        run("setup", "--cpu")
    say("told how to get libtorch, " + ("took LIBTORCH" if arguments.libtorch else "got it with setup"))
    doctor = json.loads(run("doctor", "--json").stdout)
    require(doctor["isWell"] and doctor["schema"] == 1, f"doctor: {doctor}")
    everything(run, top / "share/palimpsest", say)
    # The libraries are those that came along.
    needed = subprocess.run(["ldd", top / "bin/palimpsest"], capture_output=True, text=True, check=True).stdout
    foreign = [line.split()[0] for line in needed.splitlines() if "=> /" in line and str(place) not in line]
    require(all(name.startswith(("libc.", "libm.", "libdl.", "libpthread.", "librt.", "libresolv.", "libutil.")) for name in foreign),
            f"taken from the system: {foreign}")
    moved = place / "moved"
    top.rename(moved)
    link.unlink()
    link.symlink_to(moved / "bin/palimpsest")
    run("figure", "depth", "results", "--metric", "psnr", "--out", "again.svg")
    run("verify", "vit.h5")
    say("moved as a whole it runs")


def prefix(arguments, work, say):
    home = owned(work / "home2")
    root = home / "own prefix"
    install = [CHECKOUT / "scripts/install", "--prefix", root]
    subprocess.run([*install, "--build", Path(arguments.build) / "program"], check=True, stdout=subprocess.DEVNULL)
    owned(root)
    run = Runner(root / "bin/palimpsest", home, arguments.hide, **({"LIBTORCH": arguments.libtorch} if arguments.libtorch else
                 {"XDG_DATA_HOME": str(work / "home/.local/share")}))
    everything(run, root / "share/palimpsest", say)
    for page in ["palimpsest.1.gz", "palimpsest-analyze-similarity.1.gz"]:
        require((root / "share/man/man1" / page).exists(), f"{page} is missing")
    (root / "lib/other").mkdir()
    # An older version leaves nothing behind.
    (root / "share/palimpsest/old.txt").write_text("")
    with open(root / "share/palimpsest/installed", "a") as listed:
        listed.write("share/palimpsest/old.txt\n")
    subprocess.run([*install, "--build", Path(arguments.build) / "program"], check=True, stdout=subprocess.DEVNULL)
    require(not (root / "share/palimpsest/old.txt").exists(), "a file of an older version stayed")
    subprocess.run([*install, "--remove"], check=True)
    left = sorted(str(path.relative_to(root)) for path in root.rglob("*"))
    require(left == ["lib", "lib/other"], f"after uninstall: {left[:5]}")
    say("uninstall left what is not its own")


def deb(arguments, work, say):
    package = next(Path(arguments.dist).glob("*.deb"))
    before = subprocess.run(["dpkg-query", "-W", "-f", "${Status}", "palimpsest"], capture_output=True, text=True).stdout
    require("installed" not in before, "a palimpsest is installed here already; it stays untouched")
    subprocess.run(["dpkg", "-i", package], check=True, stdout=subprocess.DEVNULL)
    try:
        files = subprocess.run(["dpkg", "-L", "palimpsest"], check=True, capture_output=True, text=True).stdout.split("\n")
        home = owned(work / "home3")
        run = Runner("/usr/bin/palimpsest", home, arguments.hide, **({"LIBTORCH": arguments.libtorch} if arguments.libtorch else
                     {"XDG_DATA_HOME": str(work / "home/.local/share")}))
        everything(run, "/usr/share/palimpsest", say)
        wrong = subprocess.run(["dpkg", "--verify", "palimpsest"], capture_output=True, text=True).stdout
        require(not wrong.strip(), f"dpkg --verify: {wrong}")
    finally:
        subprocess.run(["dpkg", "-P", "palimpsest"], check=True, stdout=subprocess.DEVNULL)
    left = [path for path in files if path and "palimpsest" in path and os.path.lexists(path)]
    require(not left, f"after dpkg -P: {left[:5]}")
    say("dpkg -i, --verify and -P: nothing is left")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("dist")
    parser.add_argument("--build", required=True)
    parser.add_argument("--hide", action="append", default=[])
    parser.add_argument("--libtorch")
    parser.add_argument("--only", action="append", choices=["tarball", "prefix", "deb"])
    arguments = parser.parse_args()
    arguments.hide = [str(CHECKOUT), *arguments.hide]
    require(os.geteuid() == 0, "needs root, to hide the checkout and to be another user")
    failures = 0
    work = Path(tempfile.mkdtemp(prefix="palimpsest-install-"))
    work.chmod(0o755)
    try:
        for check in [tarball, prefix, deb]:
            if arguments.only and check.__name__ not in arguments.only:
                continue
            say = lambda text, name=check.__name__: print(f"ok    {name}: {text}", flush=True)
            try:
                check(arguments, work, say)
            except (Failed, subprocess.SubprocessError, StopIteration, OSError) as error:
                failures += 1
                print(f"FAIL  {check.__name__}: {error}", flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return 1 if failures else 0


sys.exit(main())
