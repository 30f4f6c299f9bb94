#!/usr/bin/env python3
"""Compare the taps of a feature store with what timm or transformers compute.

    compare_features.py STORE.h5 --reference CHECKPOINT_FOLDER     recomputed from the store's own /inputs
    compare_features.py STORE.h5 --reference reference.h5          the taps of another file

Prints the relative L2 error ‖a − b‖ / ‖b‖ of every tap, over all images and for the worst one. Exit status: 0 all taps are there
and within --tolerance, 1 not, 2 the files cannot be compared.
"""
import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import h5py  # noqa: E402
import numpy as np  # noqa: E402


def fail(message):
    print(f"compare_features: {message}", file=sys.stderr)
    sys.exit(2)


def tap_values(file, condition):
    """{tap: [N,T,C]} of an open store, complete rows only, in the order of their names."""
    group = file.get(f"features/{condition}")
    if group is None:
        fail(f"{file.filename} has no group /features/{condition}")
    return {name: group[name] for name in group}


def complete_rows(file, condition):
    """Indices of the images whose rows are complete; every row where the file says nothing."""
    if f"progress/{condition}" in file:
        return np.flatnonzero(file[f"progress/{condition}"][:])
    return np.arange(len(next(iter(tap_values(file, condition).values()))))


def normalisation(folder):
    """Mean and standard deviation of a checkpoint's own preprocessing."""
    config = json.loads((folder / "config.json").read_text())
    if "pretrained_cfg" in config:
        return dict(mean=config["pretrained_cfg"]["mean"], std=config["pretrained_cfg"]["std"])
    processor = json.loads((folder / "preprocessor_config.json").read_text())
    return dict(mean=processor["image_mean"], std=processor["image_std"])


def valid_sizes(folder, file, rows):
    """[(height, width)] of what is not padding in each input, or None where nothing is padded.

    Only DETR's own rule (shorter side 800, longer at most 1333) pads: to the largest of the folder, right and below.
    """
    processor = folder / "preprocessor_config.json"
    size = json.loads(processor.read_text()).get("size", {}) if processor.exists() else {}
    if not isinstance(size, dict) or "shortest_edge" not in size or "longest_edge" not in size:
        return None
    from transformers.image_transforms import get_size_with_aspect_ratio
    every = [get_size_with_aspect_ratio(tuple(int(v) for v in s), size["shortest_edge"], size["longest_edge"])
             for s in file["images/size"][:] if s.all()]
    if tuple(map(max, zip(*every))) != tuple(file["inputs/original"].shape[1:3]):
        return None  # stretched to one size
    return [get_size_with_aspect_ratio(tuple(int(v) for v in file["images/size"][row]), size["shortest_edge"],
                                       size["longest_edge"]) for row in rows]


def recomputed(folder, file, condition, rows, batch, mean_std=None):
    """Taps of the library's own model on the pixels the store says the model saw; (values, grids)."""
    import torch
    from reference import normalise, open_checkpoint
    model = open_checkpoint(folder)
    norm = mean_std or normalisation(folder)
    pixels = file[f"inputs/{condition}"]
    sizes = valid_sizes(folder, file, rows) if model.family == "detr" else None
    parts, attributes = {}, {}
    for start in range(0, len(rows), batch):
        some = rows[start:start + batch]
        x, mask = normalise(pixels[some], norm), None
        if sizes:
            mask = torch.zeros((len(some), *x.shape[2:]), dtype=torch.long)
            for m, (height, width) in zip(mask, sizes[start:start + batch]):
                m[:height, :width] = 1
            x = x * mask[:, None]
        taps = model(x, mask)
        attributes = taps.attributes
        for name, value in taps.values.items():
            parts.setdefault(name, []).append(value)
    return {name: np.concatenate(p) for name, p in parts.items()}, attributes


def compare(ours, theirs, tolerance, out=print):
    """Print the table; the number of taps that are absent, misshapen or too far off."""
    names = list(theirs) + [n for n in ours if n not in theirs]
    width, wrong = max(map(len, names)), 0
    out(f"{'tap':{width}}  {'shape':>18}  {'relative L2':>11}  {'worst image':>11}  {'largest |a-b|':>13}")
    for name in names:
        if name not in ours or name not in theirs:
            out(f"{name:{width}}  only in the {'reference' if name not in ours else 'store'}")
            wrong += 1
            continue
        a, b = np.asarray(ours[name], np.float64), np.asarray(theirs[name], np.float64)
        if a.shape != b.shape:
            out(f"{name:{width}}  store {list(a.shape)}, reference {list(b.shape)}")
            wrong += 1
            continue
        flat = (len(a), -1)
        error = np.linalg.norm((a - b).reshape(flat), axis=1)
        size = np.linalg.norm(b.reshape(flat), axis=1)
        total = np.sqrt((error ** 2).sum() / (size ** 2).sum())
        worst = (error / size).max()
        bad = not (total <= tolerance and np.isfinite(a).all())
        wrong += bad
        out(f"{name:{width}}  {str(list(a.shape)):>18}  {total:11.2e}  {worst:11.2e}  {np.abs(a - b).max():13.2e}"
            + ("  TOO FAR" if bad else ""))
    return wrong


def compare_attributes(datasets, attributes, out=print):
    """Grid and prefix_tokens of each tap of the store against the reference's; the number of differences."""
    wrong = 0
    for name, expected in attributes.items():
        if name in datasets:
            grid = [int(v) for v in datasets[name].attrs["grid"]]
            prefix = int(datasets[name].attrs["prefix_tokens"])
            if grid != list(expected["grid"]) or prefix != expected["prefix_tokens"]:
                out(f"{name}: grid {grid}, prefix_tokens {prefix}; reference {list(expected['grid'])}, "
                    f"{expected['prefix_tokens']}")
                wrong += 1
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--reference", type=Path, required=True, help="a checkpoint folder, or an HDF5 file with taps")
    parser.add_argument("--condition", default="original")
    parser.add_argument("--tolerance", type=float, default=1e-5)
    parser.add_argument("--batch-size", type=int, default=8)
    options = parser.parse_args()
    for path in (options.store, options.reference):
        if not path.exists():
            fail(f"{path}: no such file or folder")
    with h5py.File(options.store, "r") as file:
        rows = complete_rows(file, options.condition)
        if len(rows) == 0:
            fail(f"{options.store} has no complete row of {options.condition}")
        datasets = tap_values(file, options.condition)
        if options.reference.is_dir():
            theirs, attributes = recomputed(options.reference, file, options.condition, rows, options.batch_size)
        else:
            with h5py.File(options.reference, "r") as other:
                others = tap_values(other, options.condition)
                order = complete_rows(other, options.condition)
                theirs = {n: d[:][order] for n, d in others.items()}
                attributes = {n: dict(grid=[int(v) for v in d.attrs["grid"]], prefix_tokens=int(d.attrs["prefix_tokens"]))
                              for n, d in others.items()}
        ours = {n: d[:][rows] for n, d in datasets.items()}
        wrong = compare(ours, theirs, options.tolerance) + compare_attributes(datasets, attributes)
    if wrong:
        print(f"{wrong} differences beyond {options.tolerance:g} or in shape", file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
