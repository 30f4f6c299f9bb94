#!/usr/bin/env python3
"""Write the preprocessing of every tag of the ViT, DeiT, Swin, ConvNeXt and ResNet names that Palimpsest knows, from timm's own table.

Reads timm's `pretrained_cfg`s for the names of Tests/BackbonesTests/Fixtures/timm-architectures.json, and the names of
earlier timms that stand for them. Prints the Swift file, with timm's version in it.

Usage: timm_configurations.py > Sources/Imaging/TimmTable.swift
With --check FILE it writes, as JSON, what timm says of every name and tag, for the test of the table:
       timm_configurations.py --check Tests/ImagingTests/Fixtures/timm-configurations.json
"""
import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
sys.path.insert(0, str(Path(__file__).resolve().parent))
import reference  # noqa: E402,F401  (makes timm importable beside a CPU torch)
import timm  # noqa: E402
from timm.models import _registry as registry  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
NAMES = sorted(k for k in json.loads((ROOT / "Tests/BackbonesTests/Fixtures/timm-architectures.json").read_text())
               if k != "versions") + ["resnet18", "resnet26", "resnet34", "resnet50", "resnet101", "resnet152", "resnet200"]
#: As `TimmConfiguration.name(of:)` of Sources/Backbones drops them.
ENDINGS = ("_in21k", "_384_in22ft1k", "_in22ft1k", "_in22k", "_in21ft1k", "_dino", "_sam")


def number(value):
    return repr(float(value))


def triple(values):
    values = [float(value) for value in values]
    return number(values[0]) if len(set(values)) == 1 else ",".join(map(number, values))


def configurations():
    """(name, tag, configuration, whether the tag is the name's default), in timm's order."""
    for name in NAMES:
        tags = default_tags(name)
        for tag in tags:
            yield name, tag, timm.get_pretrained_cfg(f"{name}.{tag}" if tag else name), tag == tags[0]


def default_tags(name):
    """The tags of a name, the default one first."""
    known = [k for k in registry._model_pretrained_cfgs if k.split(".")[0] == name]
    tags = [k.partition(".")[2] for k in known if "." in k]
    first = timm.get_pretrained_cfg(name).tag or ""
    return [first] + [tag for tag in tags if tag != first]


def geometry(configuration):
    channels, height, width = configuration.input_size
    assert channels == 3 and height == width, configuration
    return (f"{height} {configuration.interpolation} {number(configuration.crop_pct)} {configuration.crop_mode} "
            f"{triple(configuration.mean)} {triple(configuration.std)}" + ("" if configuration.fixed_input_size else " any"))


def aliases():
    for old, new in sorted(registry._deprecated_models.items()):
        for ending in ENDINGS:
            name, _, tag = (new or "").partition(".")
            # One of timm's own replacements names a tag that timm does not have (`.sam`): it is left out.
            if old.endswith(ending) and old[:-len(ending)] in NAMES and name in NAMES and tag in default_tags(name):
                yield old, new


def wrapped(words, indent="    "):
    """Words in lines of at most 118 characters, each but the last continued."""
    lines, line = [], indent
    for word in words:
        if len(line) + len(word) > 116 and line.strip():
            lines.append(line)
            line = indent
        line += word + " "
    return [item + "\\" for item in lines] + [line.rstrip()]


def swift():
    groups = {}
    for name, tag, configuration, is_default in configurations():
        tags = groups.setdefault(geometry(configuration), {}).setdefault(name, [])
        tags.append(("*" if is_default else "") + tag)
    out = [f"// Made by scripts/timm_configurations.py from timm {timm.__version__}; do not edit.", "",
           "/// timm's own preprocessing by name and tag of the weights.", "enum TimmTable {",
           "  /// The version of timm that it was read from.", f'  static let version = "{timm.__version__}"', "",
           "  /// Input side, filter, crop fraction, crop mode, mean and deviation, and `any` where other sizes are taken; then the names",
           "  /// with their tags. A star stands before the tag that a name without one means.", '  static let text = """']
    for key, names in groups.items():
        out += wrapped([key + ":"] + [f"{name}.{{{','.join(tags)}}}" for name, tags in names.items()])
    out += ['    """', "",
            "  /// Names of earlier timms, and what they are called now.", '  static let earlierNames = """']
    out += wrapped([f"{old}={new}" for old, new in aliases()])
    out += ['    """', "}"]
    return "\n".join(out) + "\n"


def check():
    table = {}
    for name, tag, configuration, is_default in configurations():
        row = dict(side=configuration.input_size[-1], interpolation=configuration.interpolation,
                   crop=configuration.crop_pct, mode=configuration.crop_mode, mean=list(configuration.mean),
                   std=list(configuration.std))
        if tag:
            table[f"{name}.{tag}"] = row
        if is_default:
            table[name] = row
    for old, new in aliases():
        table[old] = table[new]
    return json.dumps(dict(versions=dict(timm=timm.__version__), configurations=table), indent=0, sort_keys=True) + "\n"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--check"]:
        Path(sys.argv[2]).write_text(check())
    else:
        sys.stdout.write(swift())
