#!/usr/bin/env python3
"""Follows the pages of the documentation literally, in a fresh folder, and compares what the program says.

    scripts/check_docs.py PALIMPSEST [--page docs/tutorial.md …] [--keep FOLDER]

PALIMPSEST is the program. Of each page every ```sh block is run, line after line, in the order of the page; a line that does not end with status 0 fails. A block
below a comment `<!-- not run: WHY -->` is left out and named. The lines of a ```text block have to be said by the block of commands before it, in that order: numbers
may be others, `…` stands for anything, and the names of the small models may be in the place of others'. Models have the names of the page: a cache of the Hub is made
of the small models of notebooks-data/zoo, without a network. Images are drawn scenes.

Of docs/faq.md each sentence in bold code has to stand in the sources of the program.
"""
import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["docs/tutorial.md", "docs/cookbook.md", "README.md"]
# Names in the Hub, and the small model that stands in for each.
MODELS = {
    "google/vit-base-patch16-224": "vit",
    "facebook/detr-resnet-50": "detr",
    "microsoft/swin-base-patch4-window7-224": "swin",
}
# Folders that pages name as if they were there, each a small model.
FOLDERS = {"deit3_base_patch16_224.fb_in1k": "deit", "swin_base_patch4_window7_224": "swin"}


def blocks(page):
    """Commands and what they say: pairs of a list of lines and a list of expected lines, and the reasons of those that are left out."""
    text = (ROOT / page).read_text()
    found, left_out = [], []
    for match in re.finditer(r"(?:<!-- not run: (.*?) -->\n+)?^```(sh|text)\n(.*?)^```$", text, re.S | re.M):
        reason, kind, body = match.groups()
        if reason:
            left_out.append(reason)
        elif kind == "sh":
            found.append((body.replace("\\\n", " ").splitlines(), []))
        elif found:
            found[-1][1].extend(body.splitlines())
    return found, left_out


def pattern(line):
    """Numbers may be others, … is anything."""
    parts = [re.escape(re.sub(r"[0-9][0-9.,:]*", "#", part)) for part in line.strip().split("…")]
    return re.compile(".*".join(parts).replace(r"\#", "#"))


def said(expected, output):
    """The first of the expected lines that was not said, in their order; None where all were."""
    lines = iter(re.sub(r"[0-9][0-9.,:]*", "#", line.strip()) for line in output.splitlines())
    for line in expected:
        if line.strip() and not any(pattern(line).fullmatch(found) for found in lines):
            return line
    return None


def make_cache(hub):
    for name, model in MODELS.items():
        commit = hashlib.sha1(name.encode()).hexdigest()
        folder = hub / ("models--" + name.replace("/", "--"))
        (folder / "refs").mkdir(parents=True)
        (folder / "refs/main").write_text(commit)
        copy_model(model, folder / "snapshots" / commit)


def copy_model(model, folder):
    folder.mkdir(parents=True)
    for path in (ROOT / "notebooks-data/zoo" / model).iterdir():
        if path.suffix in (".json", ".safetensors") and not path.name.startswith("training"):
            shutil.copy(path, folder)


def prepare(folder, program, environment):
    here = folder / "here"
    here.mkdir()
    for name, count, seed in [("photos", 32, 1), ("coco-train", 16, 2)]:
        subprocess.run([program, "scenes", "--count", str(count), "--seed", str(seed), "--size", "160x160", "--out", folder / name, "--quiet"],
                       check=True, env=environment)
        shutil.move(folder / name / "images", here / name)
        if name == "photos":
            shutil.copy(folder / name / "annotations.json", here / "instances.json")
            shutil.copy(folder / name / "labels.csv", here)
    for name, model in FOLDERS.items():
        copy_model(model, here / name)
    return here


def follow(page, program, keep):
    """Runs a page; how many commands it has, and what failed."""
    folder = Path(keep or tempfile.mkdtemp(prefix="palimpsest-docs-"))
    environment = {**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HF_HOME": str(folder / "hf"), "HF_HUB_OFFLINE": "1",
                   "PALIMPSEST_CONFIG": ""}
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/palimpsest").symlink_to(program)
    make_cache(folder / "hf/hub")
    here = prepare(folder, program, environment)
    commands, problems = 0, []
    found, left_out = blocks(page)
    try:
        for lines, expected in found:
            output = ""
            for line in lines:
                line = re.sub(r"\s+#\s.*$", "", line).strip()
                if not line or line.startswith("#"):
                    continue
                commands += 1
                done = subprocess.run(["bash", "-c", line], cwd=here, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                output += done.stdout
                if done.returncode:
                    problems.append(f"{line}\n      status {done.returncode}: {done.stdout.strip()[-400:]}")
            missing = said(expected, output)
            if missing:
                problems.append(f"not said: {missing}\n      but: {output.strip()[-600:]}")
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    return commands, left_out, problems


def quoted_sentences():
    """Sentences of docs/faq.md that stand in no source."""
    texts = []
    for path in [*ROOT.glob("Sources/**/*.swift"), *ROOT.glob("Sources/**/*.c"), ROOT / "scripts/libtorch"]:
        text = path.read_text()
        texts.append(re.sub(r'"\s*\+?\s*"|\\\n\s*', "", re.sub(r"\\\([^()]*(?:\([^()]*\)[^()]*)*\)|%s|\{[a-zA-Z_.]*\}", "…", text)).replace('\\"', '"'))
    everything = re.sub(r"\s+", " ", "\n".join(texts))
    faq = (ROOT / "docs/faq.md").read_text()
    quotes = re.findall(r"\*\*`([^`]+)`", faq)
    return [quote for quote in quotes for part in quote.split("…") if len(part.strip(" ',")) > 3 and part.strip(" ',") not in everything]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("--page", action="append")
    parser.add_argument("--keep")
    arguments = parser.parse_args()
    failed = False
    for page in arguments.page or PAGES:
        commands, left_out, problems = follow(page, arguments.program.resolve(), arguments.keep)
        for problem in problems:
            print(f"FAIL  {page}: {problem}")
        note = f"; not run: {'; '.join(left_out)}" if left_out else ""
        print(f"{'FAIL' if problems else 'ok  '}  {page}: {commands} commands{note}", flush=True)
        failed = failed or bool(problems)
    for quote in quoted_sentences():
        print(f"FAIL  docs/faq.md: the program does not say: {quote}")
        failed = True
    return 1 if failed else 0


sys.exit(main())
