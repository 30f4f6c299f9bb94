#!/usr/bin/env python3
"""Put every ViT, DeiT, Swin, ResNet, ConvNeXt and EVA that timm knows through Palimpsest: each must give timm's own taps, or be refused by
name. What came of it is written into docs/models.json and docs/models.md.

    check_variants.py [--palimpsest .build/release/palimpsest] [--only PART,…] [--largest 8e6] [--again]

Each model gets random (but not tame) weights, a folder as on the Hub, and goes through `palimpsest extract` on two photographs; every tap
is compared as compare_features.py does, to 1e-4 relative L2, and the pixels against timm's own transform of the name's weights. A
model of more parameters than --largest keeps its widths and its input, but has one or two blocks in place of all (the depths of the names
are compared with timm's by TimmArchitectureTests). A name that is refused has to be refused with status 2 and one line.

Then the preprocessing: of every tag of the names that are read (timm's `pretrained_cfg`s; EncoderRecipeTests compares the table itself), each
recipe that differs from the others is put through `extract` with a small model and compared pixel by pixel.

What is in the record already, by the same timm, is left as it is unless --again is given: an interrupted run goes on. 4 GB of memory are
enough. Needs torch, timm, h5py, safetensors, scikit-image.
"""
import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import h5py  # noqa: E402
import torch  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

import compare_features  # noqa: E402
import models_page  # noqa: E402
from check_full_size import ROOT, compare_pixels, write_timm  # noqa: E402
from photographs import write_varied  # noqa: E402
from reference import TIMM_FAMILIES, timm, timm_family  # noqa: E402

#: The beginnings of names that are of a family, and of those that a reader might take for one.
BEGINNINGS = tuple(word for words in TIMM_FAMILIES.values() for word in words) + ("test_resnet",)
PHOTOGRAPHS = ("chelsea-451x300-444.jpg", "rocket-tall-133x640.jpg")
#: Arguments by which a model keeps its widths and loses most of its blocks.
FEW_BLOCKS = dict(vit=dict(depth=2), deit=dict(depth=2), swin=dict(depths=(1, 2, 2, 1)), resnet=dict(layers=(1, 2, 1, 1)),
                  convnext=dict(depths=(1, 2, 1, 1)))


def parameters(name):
    with torch.device("meta"):
        return sum(p.numel() for p in timm.create_model(name, pretrained=False).parameters())


def run(options, *arguments):
    return subprocess.run([options.palimpsest, *arguments], capture_output=True, text=True)


def refusal(name, options, scratch):
    """The sentence by which a name is refused, None where it is known. No weights are needed to find out."""
    (scratch / "config.json").write_text(json.dumps(dict(architecture=name)))
    save_file({"none": torch.zeros(1)}, scratch / "model.safetensors")
    done = run(options, "inspect", scratch)
    text = done.stderr.strip().removeprefix(f"palimpsest: ").replace(f"{scratch}: ", "")
    if "unknown architecture" not in text:
        return None
    return text if done.returncode == 2 and "\n" not in text else f"WRONG, status {done.returncode}: {text}"


def compared(name, options, images, scratch):
    """(what the record keeps, what is wrong) of a name that is known."""
    arguments = FEW_BLOCKS[timm_family(name)] if parameters(name) > options.largest else {}
    write_timm(scratch, name, seed=1, arguments=arguments)
    store = scratch / "store.h5"
    done = run(options, "extract", "--model", scratch, "--images", images, "--out", store, "--quiet", "--batch-size", "1")
    if done.returncode:
        return None, f"status {done.returncode}: {done.stderr.strip()}"
    lines = []
    with h5py.File(store, "r") as file:
        rows = compare_features.complete_rows(file, "original")
        theirs, attributes = compare_features.recomputed(scratch, file, "original", rows, 1)
        datasets = compare_features.tap_values(file, "original")
        wrong = compare_features.compare({n: d[rows] for n, d in datasets.items()}, theirs, 1e-4, lines.append)
        wrong += compare_features.compare_attributes(datasets, attributes, lines.append)
        wrong += compare_pixels(scratch, file, rows, images, False, lines.append)
    errors = [float(line.split()[-3 if not line.endswith("TOO FAR") else -5]) for line in lines[1:len(theirs) + 1]]
    return dict(result="same", taps=len(theirs), largest=max(errors), allBlocks=not arguments), "\n".join(lines) if wrong else None


def check(name, options, images):
    with tempfile.TemporaryDirectory() as scratch:
        text = refusal(name, options, Path(scratch))
        if text:
            return dict(result="refused", reason=text.split(";")[0]), text if text.startswith("WRONG") else None
        return compared(name, options, images, Path(scratch))


# MARK: Preprocessing

def recipes(names):
    """{recipe: tags that have it} of every tag of the names."""
    out = {}
    for name in names:
        for tag in timm.list_pretrained(name) or [name]:
            cfg = timm.get_pretrained_cfg(tag)
            key = (cfg.input_size, cfg.interpolation, cfg.crop_pct, cfg.crop_mode, cfg.mean, cfg.std)
            out.setdefault(key, []).append(tag)
    return out


def check_recipe(tag, options, images):
    """What is wrong with the pixels that a tag's recipe gives; a narrow ResNet takes them, of any size."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, store = Path(scratch), Path(scratch) / "store.h5"
        write_timm(folder, "resnet18", seed=1, arguments=dict(channels=[4, 4, 4, 4], layers=[1, 1, 1, 1], num_classes=0), weights=tag)
        done = run(options, "extract", "--model", folder, "--images", images, "--out", store, "--quiet", "--taps", "stage.3")
        if done.returncode:
            return done.stderr.strip()
        lines = []
        with h5py.File(store, "r") as file:
            wrong = compare_pixels(folder, file, compare_features.complete_rows(file, "original"), images, False, lines.append)
        return "\n".join(lines) if wrong else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--palimpsest", type=Path, default=ROOT / ".build/release/palimpsest")
    parser.add_argument("--only", default="", help="names that contain one of these")
    parser.add_argument("--largest", type=float, default=8e6, help="parameters of a model that keeps all of its blocks")
    parser.add_argument("--again", action="store_true", help="also what the record has already")
    options = parser.parse_args()
    torch.set_num_threads(1)
    record = models_page.read()
    variants = record.setdefault("variants", {})
    if variants.get("timm") != timm.__version__:
        variants.update(timm=timm.__version__, names={}, recipes={})
    names = [n for n in timm.list_models() if n.startswith(BEGINNINGS)]
    variants["total"] = len(names)
    wrong = []
    with tempfile.TemporaryDirectory() as scratch:
        photographs, images = write_varied(Path(scratch) / "all"), Path(scratch) / "images"
        images.mkdir()
        for photograph in PHOTOGRAPHS:
            shutil.copy(photographs / photograph, images)
        for name in names:
            if not any(part in name for part in options.only.split(",")) or (name in variants["names"] and not options.again):
                continue
            row, problem = check(name, options, images)
            print(f"{name}: {problem or row}", flush=True)
            if problem:
                wrong.append(name)
                variants["names"].pop(name, None)
            else:
                variants["names"][name] = row
                models_page.write(record)
        known = [n for n in names if variants["names"].get(n, {}).get("result") == "same"]
        for key, tags in recipes(known).items():
            text = " ".join(map(str, key))
            if text not in variants["recipes"] or options.again:
                problem = check_recipe(tags[0], options, images)
                print(f"{text}: {problem or 'the same pixels'}, {len(tags)} tags", flush=True)
                if problem:
                    wrong.append(tags[0])
                    continue
            variants["recipes"][text] = len(tags)
    models_page.write(record)
    same = len(known)
    print(f"timm {timm.__version__}: {same} the same, {len(variants['names']) - same} refused, {len(wrong)} wrong {' '.join(wrong)}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
