#!/usr/bin/env python3
"""Compare Palimpsest with transformers and timm on every family, and write what came of it into docs/models.md.

    check_encoders.py [--palimpsest .build/release/palimpsest] [--parts small,full,unseen] [--only NAME,…] [--count 60]

Three parts, each with random (but not tame) weights, each a run of `palimpsest extract` whose taps are compared one by one:
- small: every checkpoint of Tests/Fixtures/checkpoints against its reference.h5
- full: DINOv2, CLIP, SigLIP, MAE, MSN, I-JEPA, ResNet and ConvNeXt of transformers at their published sizes on photographs, the pixels against the
  library's own processor too. The largest are made shallower, which stands in their names: 4 GB of memory are enough
- unseen: --count configurations drawn at random: depth, heads, patch, activation, classes, registers, MLP, input size; of ResNet and ConvNeXt, of timm
  too, also stems, norms, kernels, strides and heads. Weights that float32 itself computes to no better than 2e-6 are drawn again

What was measured is kept in docs/models.json, and docs/models.md is written anew from it: a part that is not run keeps its numbers
with their versions. Exit status 1 where a tap is further off than 1e-5 (small, unseen) or 1e-4 (full) in relative L2.
Needs torch, timm, transformers, h5py, safetensors, scikit-image.
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
import numpy as np  # noqa: E402
import torch  # noqa: E402
import transformers  # noqa: E402
from PIL import Image  # noqa: E402

import compare_features  # noqa: E402
import models_page  # noqa: E402
from check_full_size import compare_pixels, write_hf, write_timm  # noqa: E402
from photographs import write_varied  # noqa: E402
from reference import CLIP, HALF, IMAGENET, normalise, open_checkpoint, timm_family, versions  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
PHOTOGRAPHS = ("chelsea-451x300-444.jpg", "rocket-tall-133x640.jpg", "astronaut-512x512.jpg")


def norm(named):
    return dict(image_mean=named["mean"], image_std=named["std"])


# MARK: Models at their published sizes. Source: the config.json and preprocessor_config.json of the repositories named.

TEXT = dict(num_hidden_layers=1, vocab_size=100)
DINOV2 = dict(norm(IMAGENET), image_processor_type="BitImageProcessor", size=dict(shortest_edge=256), do_center_crop=True,
              crop_size=dict(height=224, width=224), resample=3)
CLIP_RECIPE = dict(norm(CLIP), image_processor_type="CLIPImageProcessor", size=dict(shortest_edge=224), do_center_crop=True,
                   crop_size=dict(height=224, width=224), resample=3)
RESNET = dict(norm(IMAGENET), image_processor_type="ConvNextImageProcessor", size=dict(shortest_edge=224), crop_pct=0.875,
              resample=3)
SQUARE = dict(size=dict(height=224, width=224))
LARGE = dict(hidden_size=1024, num_hidden_layers=24, num_attention_heads=16, intermediate_size=4096)
HUGE = dict(hidden_size=1280, num_hidden_layers=6, num_attention_heads=16, intermediate_size=5120, patch_size=14)

FULL = {
    "facebook/dinov2-base": ("Dinov2Model", dict(image_size=518), DINOV2),
    "facebook/dinov2-base-imagenet1k-1-layer": ("Dinov2ForImageClassification", dict(image_size=518, num_labels=1000), DINOV2),
    "facebook/dinov2-giant, 4 of 40 blocks": ("Dinov2Model", dict(
        image_size=518, hidden_size=1536, num_hidden_layers=4, num_attention_heads=24, use_swiglu_ffn=True), DINOV2),
    "facebook/dinov2-with-registers-base": ("Dinov2WithRegistersModel", dict(image_size=518, patch_size=14), DINOV2),
    "openai/clip-vit-large-patch14, 1 of 12 text blocks": ("CLIPModel", dict(
        vision_config=dict(LARGE, patch_size=14), text_config=TEXT, projection_dim=768), CLIP_RECIPE),
    "openai/clip-vit-base-patch32, the image encoder": ("CLIPVisionModelWithProjection", dict(), CLIP_RECIPE),
    "google/siglip-base-patch16-224, 1 of 12 text blocks": ("SiglipModel", dict(vision_config={}, text_config=TEXT), dict(
        norm(HALF), **SQUARE, image_processor_type="SiglipImageProcessor", resample=3)),
    "google/siglip-so400m-patch14-384, 6 of 27 blocks of the image encoder": ("SiglipVisionModel", dict(
        hidden_size=1152, intermediate_size=4304, num_hidden_layers=6, num_attention_heads=16, image_size=384, patch_size=14),
        dict(norm(HALF), size=dict(height=384, width=384), image_processor_type="SiglipImageProcessor", resample=3)),
    "facebook/vit-mae-base": ("ViTMAEForPreTraining", dict(), dict(
        norm(IMAGENET), **SQUARE, image_processor_type="ViTImageProcessor", resample=3)),
    "facebook/vit-msn-small": ("ViTMSNModel", dict(hidden_size=384, num_attention_heads=6, intermediate_size=1536), dict(
        norm(IMAGENET), **SQUARE, image_processor_type="ViTImageProcessor", resample=3)),
    "microsoft/resnet-18": ("ResNetForImageClassification", dict(
        layer_type="basic", hidden_sizes=[64, 128, 256, 512], depths=[2, 2, 2, 2], num_labels=1000), RESNET),
    "microsoft/resnet-50": ("ResNetForImageClassification", dict(num_labels=1000), RESNET),
    "microsoft/resnet-101": ("ResNetForImageClassification", dict(depths=[3, 4, 23, 3], num_labels=1000), RESNET),
    "facebook/convnext-base-224": ("ConvNextForImageClassification", dict(
        depths=[3, 3, 27, 3], hidden_sizes=[128, 256, 512, 1024], num_labels=1000), RESNET),
    "facebook/convnextv2-base-22k-224": ("ConvNextV2ForImageClassification", dict(
        depths=[3, 3, 27, 3], hidden_sizes=[128, 256, 512, 1024], num_labels=1000), RESNET),
    "facebook/ijepa_vith14_1k, 6 of 32 blocks": ("IJepaModel", HUGE, dict(
        norm(IMAGENET), **SQUARE, image_processor_type="ViTImageProcessor", resample=2)),
}


def make(folder, kind, args, recipe, seed):
    """A folder with random weights; its model_type, dialect and number of parameters."""
    folder.mkdir()
    cls = getattr(transformers, kind)
    torch.manual_seed(seed)
    network = cls(cls.config_class(**args))
    write_hf(folder, network, recipe, seed)
    return network.config.model_type, sum(p.numel() for p in network.parameters())


def extract(options, folder, images, store, *flags):
    done = subprocess.run([options.palimpsest, "extract", "--model", folder, "--images", images, "--out", store,
                           "--batch-size", "2", "--quiet", *flags], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{folder}: exit status {done.returncode}: {done.stderr.strip()}")


def compared(folder, store, tolerance, lines):
    """(number of taps, images, the largest relative L2, what is wrong) of a store against the library's own model."""
    with h5py.File(store, "r") as file:
        rows = compare_features.complete_rows(file, "original")
        theirs, attributes = compare_features.recomputed(folder, file, "original", rows, 1)
        datasets = compare_features.tap_values(file, "original")
        ours = {n: d[:][rows] for n, d in datasets.items()}
        wrong = compare_features.compare(ours, theirs, tolerance, lines.append)
        wrong += compare_features.compare_attributes(datasets, attributes, lines.append)
        return len(theirs), len(rows), largest(ours, theirs), wrong


def largest(ours, theirs):
    """The largest relative L2 of any tap."""
    return max(float(np.linalg.norm(ours[n].astype(np.float64) - b) / np.linalg.norm(b.astype(np.float64)))
               for n, b in theirs.items() if n in ours and ours[n].shape == b.shape)


def full(options, scratch, record):
    photographs = write_varied(scratch / "photographs")
    images = scratch / "images"
    images.mkdir()
    for name in PHOTOGRAPHS:
        shutil.copy(photographs / name, images)
    wrong = 0
    for name, (kind, args, recipe) in FULL.items():
        if options.only and not any(part in name for part in options.only.split(",")):
            continue
        folder, store, lines = scratch / "model", scratch / "full.h5", []
        model_type, parameters = make(folder, kind, args, recipe, seed=sum(map(ord, name)))
        extract(options, folder, images, store)
        taps, count, error, off = compared(folder, store, 1e-4, lines)
        pixels = []
        with h5py.File(store, "r") as file:
            off += compare_pixels(folder, file, range(count), images, False, pixels.append)
        off_by = max(int(line.split("at most ")[1].split()[0]) for line in pixels if "torchvision" in line)
        print(f"{name}: {model_type}, {taps} taps, largest relative L2 {error:.1e}, pixels off by at most {off_by}", flush=True)
        if off:
            print("\n".join(lines + pixels))
        wrong += off
        record["full"][name] = dict(modelType=model_type, network=kind, parameters=parameters, taps=taps, images=count,
                                    largest=error, pixels=off_by, versions=used())
        shutil.rmtree(folder)
        store.unlink()
    return wrong


# MARK: Small checkpoints

def small(options, scratch, record):
    wrong, cases = 0, ROOT / "Tests/Fixtures/checkpoints"
    for case in json.loads((cases / "cases.json").read_text()):
        folder, store = cases / case["name"], scratch / "small.h5"
        if options.only and not any(part in case["name"] for part in options.only.split(",")):
            continue
        with h5py.File(folder / "reference.h5", "r") as file:
            if "inputs" in file:
                continue  # padded batches: tests have them
            extract(options, folder, folder / "images", store)
            dialect = json.loads(subprocess.run([options.palimpsest, "inspect", folder, "--json"], capture_output=True,
                                                text=True, check=True).stdout)["dialect"]
            theirs = {n: file[f"features/original/{n}"][:] for n in file["features/original"]}
            with h5py.File(store, "r") as own:
                ours = {n: d[:] for n, d in compare_features.tap_values(own, "original").items()}
            lines = []
            off = compare_features.compare(ours, theirs, 1e-5, lines.append)
        if off:
            print("\n".join([case["name"]] + lines))
        wrong += off
        record["small"][case["name"]] = dict(family=case["family"], dialect=dialect, taps=len(theirs),
                                             largest=largest(ours, theirs))
        store.unlink()
    print(f"small: {len(record['small'])} checkpoints", flush=True)
    return wrong


# MARK: Configurations that no fixture has

def drawn(rng, index):
    """(class, configuration, processor, width and height of the input) at random."""
    def one(*values):
        return values[rng.integers(len(values))]
    heads, patch = one(1, 2, 3, 4, 6), one(4, 5, 7, 8, 14, 16)
    grid = int(rng.integers(2, 5))
    args = dict(hidden_size=heads * one(2, 4, 6, 8), num_hidden_layers=int(rng.integers(1, 5)), num_attention_heads=heads,
                patch_size=patch, image_size=patch * grid, layer_norm_eps=one(1e-12, 1e-6, 1e-5, 1e-3),
                hidden_act=one("gelu", "quick_gelu", "gelu_pytorch_tanh", "relu", "silu"))
    vision = dict(args, intermediate_size=int(rng.integers(5, 40)))
    own = dict(qkv_bias=bool(rng.integers(2)))
    text = dict(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, vocab_size=10)
    dinov2 = dict(args, **own, mlp_ratio=one(1, 2, 3, 4), use_swiglu_ffn=bool(rng.integers(2)))
    classes = dict(num_labels=one(2, 5, 11))
    kind, config = [
        ("Dinov2Model", dinov2), ("Dinov2ForImageClassification", dict(dinov2, **classes)), ("Dinov2Backbone", dinov2),
        ("Dinov2WithRegistersModel", dict(dinov2, num_register_tokens=int(rng.integers(0, 9)))),
        ("Dinov2WithRegistersForImageClassification", dict(dinov2, **classes, num_register_tokens=int(rng.integers(0, 9)))),
        ("CLIPModel", dict(vision_config=vision, text_config=text, projection_dim=6)), ("CLIPVisionModel", vision),
        ("CLIPVisionModelWithProjection", vision),
        ("CLIPForImageClassification", dict(vision_config=vision, text_config=text, **classes)),
        ("SiglipModel", dict(vision_config=vision, text_config=text)),
        ("SiglipVisionModel", dict(vision, vision_use_head=bool(rng.integers(2)))),
        ("SiglipForImageClassification", dict(vision_config=vision, text_config=text, **classes)),
        ("ViTMAEModel", dict(vision, **own)),
        ("ViTMAEForPreTraining", dict(vision, **own, decoder_hidden_size=8, decoder_num_attention_heads=2,
                                      decoder_num_hidden_layers=1, decoder_intermediate_size=8)),
        ("ViTMSNModel", dict(vision, **own)), ("ViTMSNForImageClassification", dict(vision, **own, **classes)),
        ("IJepaModel", dict(vision, **own)), ("IJepaForImageClassification", dict(vision, **own, **classes)),
    ][index % 18]
    # Every third at another size than its own, perhaps not square.
    height, width = (patch * int(n) for n in rng.integers(1, 6, 2)) if index % 3 == 0 else (patch * grid, patch * grid)
    return kind, config, dict(norm(HALF), size=dict(height=height, width=width), image_processor_type="ViTImageProcessor",
                              resample=2), (width, height)


def drawn_convolutional(rng, index):
    """The same of ResNet and ConvNeXt; a class whose name is in small letters is an architecture of timm."""
    def one(*values):
        return values[rng.integers(len(values))]

    def several(count, low, high, times=1):
        return [times * int(n) for n in rng.integers(low, high, count)]
    height, width = (int(n) for n in rng.integers(32, 97, 2))
    classes, act = one(2, 5, 11), one("relu", "gelu", "silu")
    stages = int(rng.integers(1, 5))
    resnet = dict(embedding_size=one(3, 6, 8), hidden_sizes=several(stages, 1, 5, 4), depths=several(stages, 1, 4),
                  layer_type=one("basic", "bottleneck"), hidden_act=act, downsample_in_first_stage=bool(rng.integers(2)),
                  downsample_in_bottleneck=bool(rng.integers(2)))
    convnext = dict(hidden_sizes=several(stages, 2, 9), depths=several(stages, 1, 4), num_stages=stages, hidden_act=act,
                    patch_size=one(2, 3, 4), layer_norm_eps=one(1e-12, 1e-6, 1e-3))
    scaled = dict(convnext, layer_scale_init_value=one(0.0, 1e-6))
    labels = dict(num_labels=classes)
    stride, num_classes = one(8, 16, 32), one(0, classes)
    timm_convnext = dict(depths=several(4, 1, 4), dims=several(4, 2, 9), patch_size=one(2, 4), kernel_sizes=one(3, 5, 7, [7, 5, 3, 7]),
                         stem_type=one("patch", "overlap", "overlap_tiered", "overlap_act"), output_stride=stride,
                         norm_layer=one("layernorm", "layernorm2d", "rmsnorm", "simplenorm2d"), norm_eps=one(None, 1e-6, 1e-3),
                         conv_mlp=bool(rng.integers(2)), conv_bias=bool(rng.integers(2)), use_grn=bool(rng.integers(2)),
                         ls_init_value=one(None, 1e-6), act_layer=one("gelu", "gelu_tanh", "silu", "relu", "quick_gelu"),
                         num_classes=num_classes,
                         **one(dict(head_norm_first=True), dict(head_hidden_size=7), dict(head_hidden_size=None), {}))
    layers = dict(channels=several(4, 1, 5), layers=several(4, 1, 4), output_stride=stride, num_classes=num_classes)
    kind, config = [
        ("ResNetForImageClassification", dict(resnet, **labels)), ("ResNetModel", resnet),
        ("ConvNextForImageClassification", dict(scaled, **labels)), ("ConvNextModel", scaled), ("ConvNextBackbone", scaled),
        ("ConvNextV2ForImageClassification", dict(convnext, **labels)), ("ConvNextV2Model", convnext),
        ("resnet18", layers), ("resnet50", layers), ("convnext_tiny", timm_convnext), ("convnextv2_atto", timm_convnext),
        ("convnext_xxlarge", timm_convnext),
    ][index % 12]
    return kind, config, dict(norm(HALF), size=dict(height=height, width=width), image_processor_type="ViTImageProcessor",
                              resample=2), (width, height)


def make_drawn(folder, kind, config, recipe, seed):
    """A folder of what was drawn; the name under which the page has it."""
    if kind[0].isupper():
        return make(folder, kind, config, recipe, seed)[0]
    folder.mkdir()
    torch.manual_seed(seed)
    write_timm(folder, kind, seed, arguments=config, size=recipe["size"])
    return "timm's " + timm_family(kind)


def is_well_conditioned(folder, images):
    """Whether float32 is itself near the exact values of the library's own model: comparing at 1e-5 is fair only then."""
    x = normalise(np.stack([np.asarray(Image.open(path)) for path in sorted(images.iterdir())]), compare_features.normalisation(folder))
    model = open_checkpoint(folder)
    near = model(x).values
    model.network.double()
    exact = model(x.double()).values
    # Not so either where a tap is nothing but zeros, behind a ReLU.
    return all(np.linalg.norm(near[n] - v) < 2e-6 * np.linalg.norm(v) for n, v in exact.items())


def unseen(options, scratch, record):
    rng, wrong = np.random.default_rng(options.seed), 0
    draws = [drawn] * options.count + [drawn_convolutional] * options.count
    for index, draw in enumerate(draws):
        kind, config, recipe, (width, height) = draw(rng, index)
        folder, images, store, lines = scratch / "drawn", scratch / "drawn-images", scratch / "drawn.h5", []
        images.mkdir()
        for i in range(2):
            Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8)).save(images / f"{i}.png")
        seed = index
        model_type = make_drawn(folder, kind, config, recipe, seed)
        while not is_well_conditioned(folder, images):
            shutil.rmtree(folder)
            seed += 1000
            make_drawn(folder, kind, config, recipe, seed)
        extract(options, folder, images, store)
        taps, _, error, off = compared(folder, store, 1e-5, lines)
        if off:
            print("\n".join([f"{index}: {kind}, {config}, {width}x{height}"] + lines), flush=True)
        wrong += off
        row = record["unseen"].setdefault(model_type, dict(configurations=0, largest=0.0))
        row.update(configurations=row["configurations"] + 1, largest=max(row["largest"], error), seed=options.seed,
                   versions=used())
        shutil.rmtree(folder)
        shutil.rmtree(images)
        store.unlink()
    print(f"unseen: {len(draws)} configurations, {wrong} taps too far", flush=True)
    return wrong


def used():
    return {k: v for k, v in versions().items() if k in ("torch", "timm", "transformers")}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--palimpsest", type=Path, default=ROOT / ".build/release/palimpsest")
    parser.add_argument("--parts", default="small,full,unseen")
    parser.add_argument("--only", help="of small and full, those whose names contain one of these")
    parser.add_argument("--count", type=int, default=72, help="how many configurations to draw, of plain transformers and of the others each")
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    record = models_page.read()
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for part in options.parts.split(","):
            if not options.only:
                record[part] = {}
            record.setdefault(part, {})
            wrong += dict(small=small, full=full, unseen=unseen)[part](options, Path(scratch), record)
    if wrong:
        raise SystemExit(f"{wrong} differences; docs/models.md is left as it is")
    models_page.write(record)


if __name__ == "__main__":
    main()
