#!/usr/bin/env python3
"""The work of `palimpsest extract` in Python as a careful user would write it: Pillow, timm's transforms or transformers'
image processor, torch with a forward hook on every tap, h5py with preallocated datasets.

    extract_python.py --model FOLDER --images DIR --out STORE.h5 [--batch-size 8] [--compress] [--workers 2] [--device cuda]

Writes /inputs and /features of the store's schema, one image a chunk. Prints one line of JSON: seconds of the loop (decoding, model
and writing; without imports and without loading the checkpoint), images, and bytes of the store.
"""
import argparse
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import h5py  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from PIL import Image  # noqa: E402

from compare_features import normalisation  # noqa: E402
from reference import open_checkpoint, timm, transformers  # noqa: E402


def pixel_function(folder, backend):
    """A function from a path to the [H,W,3] uint8 tensor the model sees, by the library's own preprocessing."""
    config = json.loads((folder / "config.json").read_text())
    if "pretrained_cfg" in config:
        data = timm.data.resolve_data_config(pretrained_cfg=config["pretrained_cfg"])
        steps = timm.data.create_transform(**data, is_training=False).transforms
        geometry = [s for s in steps if type(s).__name__ not in ("MaybeToTensor", "ToTensor", "Normalize")]

        def pixels(path):
            image = Image.open(path).convert("RGB")
            for step in geometry:
                image = step(image)
            return torch.from_numpy(np.array(image))
        return pixels
    processor = transformers.AutoImageProcessor.from_pretrained(folder, backend=backend)
    detr = dict(size=dict(height=480, width=640), do_pad=False) if config["model_type"] == "detr" else {}

    def pixels(path):
        image = Image.open(path).convert("RGB")
        out = processor(images=image, return_tensors="pt", do_rescale=False, do_normalize=False, **detr)
        return out["pixel_values"][0].permute(1, 2, 0)
    return pixels


class Photographs(torch.utils.data.Dataset):
    def __init__(self, paths, pixels):
        self.paths, self.pixels = paths, pixels

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        return self.pixels(self.paths[index])


def batches(paths, pixels, size, workers):
    if workers:
        yield from torch.utils.data.DataLoader(Photographs(paths, pixels), batch_size=size, num_workers=workers,
                                               prefetch_factor=2)
        return
    for start in range(0, len(paths), size):
        yield torch.stack([pixels(p) for p in paths[start:start + size]])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--compress", action="store_true", help="gzip level 4 after the shuffle filter")
    parser.add_argument("--workers", type=int, default=0, help="processes of a DataLoader; 0 decodes in the loop")
    parser.add_argument("--backend", default="torchvision", choices=("torchvision", "pil"), help="of transformers' processors")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--device", default="cpu", help="where the model runs; cuda in full float32, as Palimpsest does")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    loading = time.perf_counter()
    torch.backends.cudnn.allow_tf32 = False
    model = open_checkpoint(options.model)
    model.network.to(options.device)
    norm = normalisation(options.model)
    mean, std = (torch.tensor(norm[k], device=options.device).view(1, 3, 1, 1) for k in ("mean", "std"))
    pixels = pixel_function(options.model, options.backend)
    paths = sorted(p for p in options.images.rglob("*") if p.suffix.lower() in (".jpg", ".jpeg", ".png"))[:options.limit]
    filters = dict(compression="gzip", shuffle=True) if options.compress else {}
    start = time.perf_counter()
    with h5py.File(options.out, "w") as file:
        datasets, row = {}, 0

        def dataset(name, value):
            if name not in datasets:
                datasets[name] = file.create_dataset(name, (len(paths), *value.shape[1:]), value.dtype,
                                                     chunks=(1, *value.shape[1:]), **filters)
            return datasets[name]

        for batch in batches(paths, pixels, options.batch_size, options.workers):
            x = batch.to(options.device).permute(0, 3, 1, 2).float().div_(255).sub_(mean).div_(std)
            taps = model(x)
            rows = slice(row, row + len(batch))
            dataset("inputs/original", batch.numpy())[rows] = batch.numpy()
            for name, value in taps.values.items():
                dataset(f"features/original/{name}", value)[rows] = value
            row += len(batch)
        for name, attributes in taps.attributes.items():
            datasets[f"features/original/{name}"].attrs.update(attributes)
        file.create_dataset("images/path", data=[str(p.relative_to(options.images)) for p in paths],
                            dtype=h5py.string_dtype())
        file["images/error"] = np.full(len(paths), b"", dtype=h5py.string_dtype())
        file["progress/original"] = np.ones(len(paths), np.uint8)
    end = time.perf_counter()
    print(json.dumps(dict(seconds=end - start, load_seconds=start - loading, images=len(paths),
                          bytes=options.out.stat().st_size, threads=torch.get_num_threads())))


if __name__ == "__main__":
    main()
