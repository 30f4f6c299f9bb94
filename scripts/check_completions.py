#!/usr/bin/env python3
"""Presses TAB in bash, zsh and fish, and looks at what they offer.

    scripts/check_completions.py PALIMPSEST

PALIMPSEST is the program; its completion scripts are made and read in fresh shells without any configuration of the user, in a folder with a few files.
A shell that is not installed is said and skipped. Prints a line a shell, and ends with 1 where something is not offered.
"""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# What is typed before TAB, what has to be offered, and what must not.
CASES = [
    ("palimpsest ext", ["extract"], []),
    ("palimpsest ", ["setup", "doctor", "demo", "extract", "analyze", "figure", "replay"], []),
    ("palimpsest analyze ", ["similarity", "quality", "efficiency"], ["extract"]),
    ("palimpsest extract --dty", ["--dtype"], []),
    ("palimpsest extract --dtype ", ["float32", "float16"], []),
    ("palimpsest extract --device ", ["auto", "cpu", "cuda", "mps"], []),
    ("palimpsest extract --preprocess ", ["native", "exact", "paper"], []),
    ("palimpsest extract --taps ", ["all", "stages"], []),
    ("palimpsest extract --progress ", ["auto", "bar", "lines", "none"], []),
    ("palimpsest extract --images pho", ["photos"], []),
    ("palimpsest analyze similarity --measures cka", ["cka_linear", "cka_rbf"], []),
    ("palimpsest analyze similarity --tokens ", ["flatten", "mean"], []),
    ("palimpsest analyze similarity v", ["vit.h5"], ["vienna.txt"]),
    ("palimpsest report res", ["results"], []),
    ("palimpsest report results --style ", ["cvpr", "neurips", "tmlr"], []),
    ("palimpsest figure ", ["depth", "all-models", "list", "compose"], []),
    ("palimpsest bundle reports --pixels ", ["ids-only"], []),
    ("palimpsest train --optimizer ", ["adam", "adamw"], []),
]


def read(terminal, seconds):
    """What comes until nothing came for so long."""
    text = b""
    while select.select([terminal], [], [], seconds)[0]:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    return text.decode(errors="replace")


def plain(text):
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|[\r\x07]", "", text)


def typed(command, environment, folder, line):
    """What an interactive shell shows when `line` and TAB three times are typed."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe(command[0], command, environment)
    try:
        shown = ""
        until = time.monotonic() + 30
        while "READY>" not in shown and time.monotonic() < until:
            shown += plain(read(terminal, 0.3))
        os.write(terminal, line.encode())
        echoed = read(terminal, 0.3)
        shown = echoed
        # bash completes what all have in common first, and lists what is left at the third.
        for _ in range(3):
            os.write(terminal, b"\t")
            shown += read(terminal, 0.7)
        return plain(shown)
    finally:
        os.close(terminal)
        os.kill(child, 9)
        os.waitpid(child, 0)


def bash(folder, script, line):
    rc = folder / "bashrc"
    rc.write_text(f"PS1='READY>'\nbind 'set bell-style none'\nbind 'set enable-bracketed-paste off'\nbind 'set page-completions off'\n"
                  f"bind 'set completion-query-items 1000'\nsource '{script}'\n")
    return typed(["bash", "--noprofile", "--rcfile", str(rc), "-i"], shell_environment(folder), folder / "here", line)


def zsh(folder, script, line):
    functions = folder / "functions"
    functions.mkdir(exist_ok=True)
    shutil.copy(script, functions / "_palimpsest")
    (folder / ".zshrc").write_text(f"PS1='READY>'\nfpath=('{functions}' $fpath)\nautoload -U compinit\ncompinit -u -D\nLISTMAX=1000\nunsetopt beep\n")
    return typed(["zsh", "-i"], shell_environment(folder, ZDOTDIR=str(folder)), folder / "here", line)


def fish(folder, script, line):
    done = subprocess.run(["fish", "--no-config", "-c", f"source '{script}'; complete -C \"$argv[1]\"", line],
                          cwd=folder / "here", env=shell_environment(folder), capture_output=True, text=True, timeout=60)
    return done.stdout


def shell_environment(folder, **more):
    path = f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    return {"PATH": path, "HOME": str(folder), "TERM": "xterm", "LANG": "C.UTF-8", "COLUMNS": "200", **more}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = Path(sys.argv[1]).resolve()
    failed = False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for below in ["photos", "results", "reports", "phone-bills"]:
            (folder / "here" / below).mkdir(parents=True)
        for file in ["vit.h5", "vienna.txt"]:
            (folder / "here" / file).write_text("")
        (folder / "bin").mkdir()
        (folder / "bin" / "palimpsest").symlink_to(program)
        for shell, complete in [("bash", bash), ("zsh", zsh), ("fish", fish)]:
            if not shutil.which(shell):
                print(f"skip  {shell} is not installed")
                continue
            script = folder / f"script.{shell}"
            script.write_text(subprocess.run([program, "--generate-completion-script", shell], check=True, capture_output=True, text=True).stdout)
            wrong = []
            for line, offered, hidden in CASES:
                shown = complete(folder, script, line)
                missing = [word for word in offered if word not in shown]
                extra = [word for word in hidden if word in shown]
                if missing or extra:
                    wrong.append(f"'{line}' TAB: missing {missing}, too much {extra}; it showed {shown[-300:]!r}")
            for text in wrong:
                print(f"FAIL  {shell}: {text}")
            if not wrong:
                print(f"ok    {shell}: {len(CASES)} lines")
            failed = failed or bool(wrong)
    return 1 if failed else 0


sys.exit(main())
