#!/usr/bin/env python3
"""LPIPS with its real weights: `palimpsest analyze quality --lpips` beside the package `lpips`, image by image.

    pip install torch torchvision lpips safetensors h5py pillow
    scripts/lpips_weights.py --out lpips.safetensors --alex alexnet-owt-7be5be79.pth --vgg vgg16-397923af.pth
    scripts/check_lpips.py photographs --lpips lpips.safetensors --alex alexnet-owt-7be5be79.pth --vgg vgg16-397923af.pth

Each photograph, cut to a square of 224 pixels, is compared with a blurred, a noisy, a darker and a turned copy of itself. Without --alex and --vgg
torchvision fetches the weights. Exits with 1 where a value differs by more than 1e-4. The values of 27 November 2026 stand in docs/definitions.md.
"""
import argparse
import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
from PIL import Image, ImageFilter

import lpips_weights

COPIES = ("blurred", "noisy", "darker", "turned")
METRICS = {"alex": "lpips", "vgg": "lpips_vgg"}


def square(path, side=224):
    """The middle of a photograph."""
    image = Image.open(path).convert("RGB")
    least = min(image.size)
    left, top = (image.width - least) // 2, (image.height - least) // 2
    return image.crop((left, top, left + least, top + least)).resize((side, side), Image.BICUBIC)


def copies(image, generator):
    """What the photograph is compared with, by name."""
    pixels = np.asarray(image)
    noise = generator.normal(0, 20, pixels.shape)
    return dict(zip(COPIES, (
        np.asarray(image.filter(ImageFilter.GaussianBlur(2))),
        np.clip(pixels + noise, 0, 255).round().astype(np.uint8),
        (pixels * 0.6).round().astype(np.uint8),
        np.ascontiguousarray(np.rot90(pixels)))))


def write(path, images, changed):
    """A store of the schema with the copies as its reconstructions."""
    with h5py.File(path, "w") as f:
        f.attrs.update(format="palimpsest.features", version=1, model="none", family="other", checkpoint_sha256="", config="{}",
                       preprocessing="{}", created_by="check_lpips.py", created_at="", seed=0)
        count = len(images)
        text = h5py.string_dtype()
        f.create_dataset("images/path", data=[f"{place}.png" for place in range(count)], dtype=text)
        f.create_dataset("images/error", data=[""] * count, dtype=text)
        f.create_dataset("images/size", data=np.full((count, 2), images[0].shape[0], np.int32))
        f.create_dataset("images/label", data=np.full(count, -1, np.int32))
        f.create_dataset("inputs/original", data=np.stack(images))
        f.create_dataset("progress/original", data=np.ones(count, np.uint8))
        f.create_dataset("features/original/none", data=np.zeros((count, 1, 1), np.float32))  # every store has a tap
        group = f.create_group("reconstructions/original")
        group.attrs["taps"] = list(COPIES)
        for name in COPIES:
            group.create_dataset(name, data=np.stack([one[name] for one in changed]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", type=Path, help="a folder of JPEG or PNG files")
    parser.add_argument("--lpips", required=True, type=Path, help="what scripts/lpips_weights.py wrote")
    parser.add_argument("--palimpsest", default=".build/release/palimpsest", help="the program")
    for trunk in METRICS:
        parser.add_argument(f"--{trunk}", type=Path, help=f"torchvision's weights of {trunk}, a .pth file")
    options = parser.parse_args()
    import torch

    files = sorted(p for p in options.photographs.iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png"))
    if not files:
        parser.error(f"{options.photographs} holds no JPEG or PNG file")
    generator = np.random.default_rng(0)
    images = [square(path) for path in files]
    changed = [copies(image, generator) for image in images]
    images = [np.asarray(image) for image in images]
    with tempfile.TemporaryDirectory() as folder:
        store, results = f"{folder}/copies.h5", f"{folder}/results"
        write(store, images, changed)
        subprocess.run([options.palimpsest, "analyze", "quality", store, "--metrics", ",".join(METRICS.values()),
                        "--lpips", str(options.lpips), "--bootstrap", "0", "--out", results, "--quiet"], check=True)
        with open(f"{results}/quality_images.csv") as file:
            ours = {(row["metric"], row["tap"], row["path"]): float(row["value"]) for row in csv.DictReader(file)}

    def tensor(pixels):
        return torch.from_numpy(pixels.copy()).permute(2, 0, 1)[None].float() / 127.5 - 1

    worst = {}
    for trunk, metric in METRICS.items():
        model = lpips_weights.model(trunk, getattr(options, trunk)).eval()
        for name in COPIES:
            with torch.no_grad():
                theirs = [model(tensor(image), tensor(one[name])).item() for image, one in zip(images, changed)]
            found = [ours[metric, name, f"{place}.png"] for place in range(len(images))]
            worst[metric, name] = max(abs(a - b) for a, b in zip(theirs, found))
            print(f"{metric:10} {name:8} {len(images)} images, mean {np.mean(theirs):.4f}, largest difference {worst[metric, name]:.1e}")
    sys.exit(max(worst.values()) > 1e-4)


if __name__ == "__main__":
    main()
