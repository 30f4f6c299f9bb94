#!/usr/bin/env python3
"""Check Palimpsest at full size against PyTorch: every tap of random (but not tame) checkpoints of ViT-B/16, DeiT III-B,
distilled DeiT-B, Swin-B and DETR-R50 on photographs, and the pixels against timm's and transformers' own preprocessing.

    check_full_size.py [--palimpsest .build/release/palimpsest] [--only NAME,NAME] [--cache DIR]

Each model is made in a temporary folder (kept in --cache), run through `palimpsest extract`, and compared: taps to 1e-4
relative L2, pixels to 1 of 255. Exit status 0 when everything holds.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import h5py  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from PIL import Image  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402

import compare_features  # noqa: E402
from photographs import write_varied  # noqa: E402
from reference import HALF, IMAGENET, ReferenceModel, normalise, randomise, timm, transformers  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]


# MARK: Checkpoints

def write_timm(folder, architecture, seed, arguments=None, size=None, weights=None):
    """A folder as on the Hub: the architecture, with `arguments` that win over its own, for images of `size` (height, width) where one
    is given, prepared as for `weights` (a name with a tag) where they are given."""
    network = randomise(timm.create_model(architecture, pretrained=False, **(arguments or {})), seed)
    # The published settings, as in the config.json of the Hub.
    published = timm.get_pretrained_cfg(weights or architecture).to_dict()
    keep = ("input_size", "fixed_input_size", "interpolation", "crop_pct", "crop_mode", "mean", "std", "num_classes",
            "pool_size", "first_conv", "classifier")
    config = dict(architecture=architecture, num_classes=network.num_classes, num_features=network.num_features,
                  pretrained_cfg={k: list(v) if isinstance(v, tuple) else v for k, v in published.items() if k in keep})
    if arguments:
        config["model_args"] = arguments
    if size:
        config["pretrained_cfg"].update(input_size=[3, size["height"], size["width"]], crop_pct=1.0)
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, folder / "model.safetensors",
              metadata={"format": "pt"})


def write_hf(folder, network, processor, seed):
    randomise(network, seed).save_pretrained(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(dict(
        do_resize=True, do_rescale=True, rescale_factor=1 / 255, do_normalize=True, **processor), indent=1))


def labels(count):
    return dict(id2label={i: f"LABEL_{i}" for i in range(count)}, label2id={f"LABEL_{i}": i for i in range(count)})


def write_hf_vit(folder, seed):
    write_hf(folder, transformers.ViTForImageClassification(transformers.ViTConfig(**labels(1000))), dict(
        image_processor_type="ViTImageProcessor", size=dict(height=224, width=224), resample=2,
        image_mean=HALF["mean"], image_std=HALF["std"]), seed)


def write_hf_deit(folder, seed):
    write_hf(folder, transformers.DeiTForImageClassificationWithTeacher(transformers.DeiTConfig(**labels(1000))), dict(
        image_processor_type="DeiTImageProcessor", size=dict(height=256, width=256), resample=3, do_center_crop=True,
        crop_size=dict(height=224, width=224), image_mean=IMAGENET["mean"], image_std=IMAGENET["std"]), seed)


def write_hf_swin(folder, seed):
    config = transformers.SwinConfig(embed_dim=128, depths=[2, 2, 18, 2], num_heads=[4, 8, 16, 32], window_size=7,
                                     **labels(1000))
    write_hf(folder, transformers.SwinForImageClassification(config), dict(
        image_processor_type="ViTImageProcessor", size=dict(height=224, width=224), resample=3,
        image_mean=IMAGENET["mean"], image_std=IMAGENET["std"]), seed)


DETR_PROCESSOR = dict(image_processor_type="DetrImageProcessor", size=dict(shortest_edge=800, longest_edge=1333),
                      resample=2, do_pad=True, image_mean=IMAGENET["mean"], image_std=IMAGENET["std"])


def write_detr(folder, seed):
    backbone = transformers.ResNetConfig(out_features=["stage4"])
    config = transformers.DetrConfig(use_timm_backbone=False, backbone_config=backbone, **labels(91))
    write_hf(folder, transformers.DetrForObjectDetection(config), DETR_PROCESSOR, seed)


def write_detr_timm(folder, seed):
    """With the config.json of facebook/detr-resnet-50: the backbone by its name."""
    network = transformers.DetrForObjectDetection(transformers.DetrConfig(**labels(91)))
    write_hf(folder, network, DETR_PROCESSOR, seed)
    config = json.loads((folder / "config.json").read_text())
    config.pop("backbone_config")
    config.update(use_timm_backbone=True, backbone="resnet50", use_pretrained_backbone=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1))


def write_detr_original(folder, seed):
    """A bare file with the original repository's names, to be read with --architecture detr_resnet50."""
    from fixtures.backbones import detr_original
    write_detr_timm(folder, seed)
    save_file(detr_original(load_file(folder / "model.safetensors"), None), folder / "original.safetensors")


def timm_model(architecture):
    return dict(write=lambda folder, seed: write_timm(folder, architecture, seed))


MODELS = {
    "timm-vit-b16": timm_model("vit_base_patch16_224"),
    "hf-vit-b16": dict(write=write_hf_vit),
    "timm-deit3-b16": timm_model("deit3_base_patch16_224"),
    "timm-deit-b16": timm_model("deit_base_patch16_224"),
    "timm-deit-b16-distilled": timm_model("deit_base_distilled_patch16_224"),
    "hf-deit-b16-distilled": dict(write=write_hf_deit),
    "timm-swin-b": timm_model("swin_base_patch4_window7_224"),
    "hf-swin-b": dict(write=write_hf_swin),
    "hf-detr-r50": dict(write=write_detr),
    "hf-detr-r50-native": dict(folder="hf-detr-r50", flags=["--size", "native"],
                               only=("coffee-600x400-progressive.jpg", "retina-1411x1411.png", "wide-900x120.jpg")),
    "hf-detr-r50-timm-backbone": dict(write=write_detr_timm),
    "detr-r50-original-names": dict(write=write_detr_original, file="original.safetensors", architecture="detr_resnet50"),
}


def checkpoint(name, cache):
    """The folder of a model, made on first use (written aside and renamed, so that a broken run leaves none)."""
    name = MODELS[name].get("folder", name)
    folder = cache / name
    if not folder.exists():
        scratch = cache / f".{name}.part"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        torch.manual_seed(0)
        MODELS[name]["write"](scratch, sum(map(ord, name)))
        scratch.rename(folder)
    return folder


# MARK: The libraries' own preprocessing

def own_pixels(folder, path, native):
    """{who: [H,W,3] uint8}: the pixels each library feeds its model, before normalisation and padding. DETR's are stretched
    to 640x480, as Palimpsest does unless told `--size native`."""
    config = json.loads((folder / "config.json").read_text())
    image = Image.open(path).convert("RGB")
    if "pretrained_cfg" in config:
        data = timm.data.resolve_data_config(pretrained_cfg=config["pretrained_cfg"])
        x = timm.data.create_transform(**data, is_training=False)(image).numpy()
        mean, std = (np.array(data[k]).reshape(3, 1, 1) for k in ("mean", "std"))
        return {"timm": np.rint((x * std + mean) * 255).clip(0, 255).astype(np.uint8).transpose(1, 2, 0)}
    out = {}
    for backend in ("torchvision", "pil"):
        processor = transformers.AutoImageProcessor.from_pretrained(folder, backend=backend)
        extra = {}
        if config["model_type"] == "detr":
            extra = dict(do_pad=False, **({} if native else dict(size=dict(height=480, width=640))))
        x = np.asarray(processor(images=image, return_tensors="np", do_normalize=False, do_rescale=False,
                                 **extra)["pixel_values"][0])
        out[f"transformers ({backend})"] = np.rint(x).clip(0, 255).astype(np.uint8).transpose(1, 2, 0)
    return out


def compare_pixels(folder, file, rows, images, native, out):
    """Print the largest difference per library; the number of files further than 1 of 255 off what the library gives when
    nobody chooses otherwise (for transformers the torchvision backend; its Pillow backend is printed for information)."""
    wrong, worst = 0, {}
    pixels = file["inputs/original"]
    for row in rows:
        path = file["images/path"][row].decode()
        for who, expected in own_pixels(folder, images / path, native).items():
            got = pixels[row]
            if native:
                height, width = expected.shape[:2]
                expected = np.pad(expected, ((0, got.shape[0] - height), (0, got.shape[1] - width), (0, 0)))
            off = 255 if got.shape != expected.shape else int(np.abs(got.astype(int) - expected).max())
            worst[who] = max(worst.get(who, 0), off)
            if off > 1 and not who.endswith("(pil)"):
                out(f"  {path}: {who} gives {list(expected.shape)}, the store {list(got.shape)}, off by up to {off} of 255")
                wrong += 1
    for who, off in worst.items():
        out(f"  pixels against {who}: off by at most {off} of 255")
    return wrong


# MARK: Running

def check(name, options, images, scratch, out=print):
    folder = checkpoint(name, options.cache)
    model = MODELS[name]
    store = scratch / f"{name}.h5"
    if "only" in model:
        chosen = scratch / f"{name}-images"
        chosen.mkdir()
        for file in model["only"]:
            shutil.copy(images / file, chosen)
        images = chosen
    command = [str(options.palimpsest), "extract", "--model", str(folder / model.get("file", "")), "--images", str(images),
               "--out", str(store), "--batch-size", str(options.batch_size), "--quiet"]
    command += model.get("flags", [])
    if "architecture" in model:
        command += ["--architecture", model["architecture"]]
    start = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        out(f"{name}: exit status {done.returncode}: {' '.join(command)}\n{done.stderr.strip()}")
        return 1
    out(f"{name}: extracted in {time.monotonic() - start:.1f} s")
    with h5py.File(store, "r") as file:
        rows = compare_features.complete_rows(file, "original")
        expected = len([p for p in images.iterdir()])
        wrong = 0 if len(rows) == expected else 1
        if wrong:
            out(f"  {len(rows)} of {expected} images: {[e.decode() for e in file['images/error'][:] if e]}")
        wrong += compare_pixels(folder, file, rows, images, "native" in model.get("flags", []), out)
        some = rows[:options.images]
        theirs, attributes = compare_features.recomputed(folder, file, "original", some, 2)
        datasets = compare_features.tap_values(file, "original")
        ours = {n: d[some] for n, d in datasets.items()}
        wrong += compare_features.compare(ours, theirs, options.tolerance, out)
        wrong += compare_features.compare_attributes(datasets, attributes, out)
    store.unlink()
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--palimpsest", type=Path, default=ROOT / ".build/release/palimpsest")
    parser.add_argument("--only", help="names of models, separated by commas: " + ", ".join(MODELS))
    parser.add_argument("--cache", type=Path, help="keep the checkpoints here (3.5 GB for all)")
    parser.add_argument("--images", type=int, default=4, help="how many images' taps to compare (pixels: all)")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    parser.add_argument("--batch-size", type=int, default=4)
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(MODELS)
    unknown = [n for n in names if n not in MODELS]
    if unknown:
        parser.error(f"no model {unknown[0]}; there are {', '.join(MODELS)}")
    if not options.palimpsest.exists():
        parser.error(f"{options.palimpsest}: no such program; build it, or name it with --palimpsest")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        keep = options.cache is not None
        options.cache = options.cache or scratch / "checkpoints"
        images = write_varied(scratch / "images")
        failed = []
        for name in names:
            if check(name, options, images, scratch):
                failed.append(name)
            later = [MODELS[n].get("folder", n) for n in names[names.index(name) + 1:]]
            used = MODELS[name].get("folder", name)
            if not keep and used not in later:
                shutil.rmtree(options.cache / used, ignore_errors=True)
        print(f"{len(names) - len(failed)} of {len(names)} models agree" + (f"; not {', '.join(failed)}" if failed else ""))
        sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
