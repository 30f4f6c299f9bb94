#!/usr/bin/env python3
"""Writes the manual pages, one a command, from what the program says of itself.

    scripts/man_pages.py PALIMPSEST FOLDER

PALIMPSEST is the program; its `--experimental-dump-help` (of ArgumentParser) lists commands, options and their values. The pages are
palimpsest.1, palimpsest-extract.1, palimpsest-analyze-similarity.1, …
"""
import json
import re
import subprocess
import sys
from pathlib import Path

STATUS = [("0", "done"), ("1", "the work failed"), ("2", "bad usage or bad input"), ("130", "interrupted"), ("143", "ended by SIGTERM")]
# What the program itself reads; what Hugging Face's tools read too is in docs/hub.md.
ENVIRONMENT = [
    ("LIBTORCH", "A folder with lib/libtorch.so, such as the torch folder of a Python environment, to compute with instead of the one that "
                 "palimpsest setup gets."),
    ("XDG_DATA_HOME", "Where palimpsest/libtorch is kept; ~/.local/share without it."),
    ("PALIMPSEST_CONFIG", "A file with defaults of options instead of ~/.config/palimpsest/config.yaml; empty for none."),
    ("NO_COLOR", "No colour on terminals, as --color never."),
    ("HF_HOME, HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT, HF_HUB_OFFLINE", "As for Hugging Face's own tools."),
]


def escape(text):
    """Roff's own characters as themselves."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return re.sub(r"(?m)^\.", r"\\&.", text)


def paragraphs(text):
    """Paragraphs as running text, indented lines as they stand."""
    lines, example, running = [], False, False
    for line in text.split("\n"):
        if line.startswith("  "):
            if not example:
                lines += [".PP", ".nf", ".RS 4"]
            example, running = True, False
            lines.append(escape(line.strip("\n")[2:]))
            continue
        if example:
            lines += [".RE", ".fi"]
            example = False
        if not line.strip():
            running = False
            continue
        if not running:
            lines.append(".PP")
        running = True
        lines.append(escape(line))
    return lines + ([".RE", ".fi"] if example else [])


def spelled(argument):
    names = argument.get("names") or []
    flags = ", ".join(f"\\fB{escape(('--' if name['kind'] == 'long' else '-') + name['name'])}\\fR" for name in names)
    value = f"\\fI{escape(argument['valueName'])}\\fR"
    if argument["kind"] == "positional":
        return value + (" ..." if argument.get("isRepeating") else "")
    return flags + (f" {value}" if argument["kind"] == "option" else "")


def explained(argument):
    text = argument.get("abstract") or ""
    values, default = argument.get("allValues"), argument.get("defaultValue")
    if values:
        text += f" Values: {', '.join(values)}."
    if default and default not in text:
        text += f" Default: {default}."
    return escape(" ".join(text.split()))


def synopsis(words, command):
    parts = []
    for argument in command.get("arguments") or []:
        if argument["kind"] != "positional" and argument.get("isOptional"):
            continue
        parts.append(f"[{spelled(argument)}]" if argument.get("isOptional") else spelled(argument))
    options = any(argument["kind"] != "positional" and argument.get("isOptional") for argument in command.get("arguments") or [])
    subcommand = ["\\fIcommand\\fR"] if command.get("subcommands") else []
    return " ".join([f"\\fB{escape(' '.join(words))}\\fR", *subcommand, *parts, *(["[\\fIoptions\\fR]"] if options else [])])


def page(words, command, version):
    name = "-".join(words)
    children = [child for child in command.get("subcommands") or [] if child["commandName"] != "help"]
    lines = [f'.TH "{escape(name).upper()}" "1" "" "palimpsest {version}" "Palimpsest"', ".SH NAME",
             f"{escape(name)} \\- {escape(command.get('abstract', '').rstrip('.'))}", ".SH SYNOPSIS", synopsis(words, command)]
    if command.get("discussion"):
        lines += [".SH DESCRIPTION", *paragraphs(command["discussion"])]
    for title, kinds in [("ARGUMENTS", ["positional"]), ("OPTIONS", ["option", "flag"])]:
        chosen = [argument for argument in command.get("arguments") or [] if argument["kind"] in kinds and argument.get("shouldDisplay", True)]
        if chosen:
            lines.append(f".SH {title}")
        section = None
        for argument in chosen:
            if argument.get("sectionTitle") and argument["sectionTitle"] != section:
                section = argument["sectionTitle"]
                lines.append(f'.SS "{escape(section)}"')
            lines += [".TP", spelled(argument), explained(argument)]
    if children:
        lines.append(".SH COMMANDS")
        for child in children:
            lines += [".TP", f"\\fB{escape('-'.join([*words, child['commandName']]))}\\fR(1)", escape(child.get("abstract", ""))]
    lines.append(".SH EXIT STATUS")
    for status, meaning in STATUS:
        lines += [".TP", status, escape(meaning)]
    if len(words) == 1:
        lines.append(".SH ENVIRONMENT")
        for variable, meaning in ENVIRONMENT:
            lines += [".TP", f"\\fB{escape(variable)}\\fR", escape(meaning)]
    others = [words[:-1]] if len(words) > 1 else []
    if others:
        lines += [".SH SEE ALSO", f"\\fB{escape('-'.join(others[0]))}\\fR(1)"]
    return name, "\n".join(lines) + "\n"


def pages(words, command, version):
    yield page(words, command, version)
    for child in command.get("subcommands") or []:
        if child["commandName"] != "help":
            yield from pages([*words, child["commandName"]], child, version)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, folder = sys.argv[1], Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)

    def said(option):
        return subprocess.run([program, option], check=True, capture_output=True, text=True).stdout

    version = said("--version").split()[1]
    for name, text in pages(["palimpsest"], json.loads(said("--experimental-dump-help"))["command"], version):
        (folder / f"{name}.1").write_text(text)


main()
