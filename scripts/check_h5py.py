#!/usr/bin/env python3
"""Opens a feature store with h5py alone and asserts the schema of DESIGN.md, version 1.

Usage: python scripts/check_h5py.py STORE.h5 [--complete]     (needs h5py and numpy only)
Ends with status 0 and one line, or with the first assertion that fails.
"""
import json
import sys
import zlib

import h5py
import numpy as np


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def check(path, complete):
    with h5py.File(path, "r") as f:
        assert text(f.attrs["format"]) == "palimpsest.features", f.attrs["format"]
        assert int(f.attrs["version"]) == 1
        for name in ("model", "family", "checkpoint_sha256", "config", "preprocessing", "created_by", "created_at"):
            assert isinstance(f.attrs[name], str), f"{name} is no UTF-8 string"
        assert f.attrs["family"] in ("vit", "deit", "swin", "detr", "other")
        json.loads(f.attrs["config"]), json.loads(f.attrs["preprocessing"])
        assert np.issubdtype(f.attrs["seed"].dtype, np.integer)

        n = f["images/path"].shape[0]
        paths = [text(p) for p in f["images/path"].asstr()[:]]
        errors = [text(e) for e in f["images/error"].asstr()[:]]
        assert f["images/path"].shape == (n,) and len(set(paths)) == n
        assert f["images/size"].shape == (n, 2) and f["images/size"].dtype == np.dtype("<i4")
        assert f["images/label"].shape == (n,) and f["images/label"].dtype == np.dtype("<i4")
        assert f["images/error"].shape == (n,)
        classes = [text(c) for c in f["images/label"].attrs["names"]]
        assert all(-1 <= label < max(1, len(classes)) or not classes for label in f["images/label"][:])

        conditions = list(f["features"])
        assert "original" in conditions or "reconstructions" in f
        done = {}
        for condition in conditions:
            progress = f[f"progress/{condition}"]
            assert progress.shape == (n,) and progress.dtype == np.uint8 and set(progress[:]) <= {0, 1}
            done[condition] = progress[:] == 1
            assert not complete or done[condition].all(), f"rows of {condition} are missing"
            datasets = [f[f"features/{condition}/{tap}"] for tap in f[f"features/{condition}"].attrs["taps"]]
            assert len(datasets) == len(f[f"features/{condition}"]) > 0
            for dataset in datasets:
                assert dataset.ndim == 3 and dataset.shape[0] == n, dataset
                assert dataset.dtype in (np.dtype("<f4"), np.dtype("<f2")), dataset
                assert dataset.chunks[1:] == dataset.shape[1:], f"{dataset}: chunks do not hold whole images"
                assert dataset.compression in (None, "gzip"), dataset
                grid, prefix = dataset.attrs["grid"], int(dataset.attrs["prefix_tokens"])
                assert grid.shape in ((2,), (0,)) and np.issubdtype(grid.dtype, np.integer)
                assert grid.size == 0 or grid[0] * grid[1] + prefix == dataset.shape[1], dataset
            if f"inputs/{condition}" in f:
                pixels = f[f"inputs/{condition}"]
                assert pixels.ndim == 4 and pixels.shape[0] == n and pixels.shape[3] == 3 and pixels.dtype == np.uint8
                datasets.append(pixels)
            if f"reconstructions/{condition}" in f:
                group = f[f"reconstructions/{condition}"]
                images = [group[name] for name in group.attrs["taps"]]
                assert len(images) == len(group) > 0
                size = f[f"inputs/{condition}"].shape if f"inputs/{condition}" in f else images[0].shape
                for image in images:
                    assert image.shape == size and image.ndim == 4 and image.dtype == np.uint8, image
                datasets += images
            if f"joints/{condition}" in f:
                joints = f[f"joints/{condition}"]
                starts, names = list(joints.attrs["starts"]), list(joints.attrs["joints"])
                assert joints.shape == (n, len(starts), len(names)) and joints.dtype == np.dtype("<f4")
                known = [row for row in np.flatnonzero(done[condition]) if not errors[row]]
                order = ["image"] + starts
                for s, start in enumerate(starts):
                    for j, name in enumerate(names):
                        below = name not in starts or order.index(name) < order.index(start)
                        assert (np.isfinite(joints[:, s, j][known]) == below).all(), f"{start} at {name}"
                datasets.append(joints)
            for dataset in datasets:
                sums = f["checksums" + dataset.name]
                assert sums.shape == (n,) and sums.dtype == np.dtype("<u4")
                for row in np.flatnonzero(done[condition]):
                    values = dataset[row]
                    assert zlib.crc32(values.tobytes()) == sums[row], f"row {row} of {dataset.name}"
                    if errors[row]:
                        assert not values.any(), f"row {row} of {dataset.name} belongs to an unreadable image"
        rows = sum(int(d.sum()) for d in done.values())
        taps = len(f["features/" + conditions[0]])
        print(f"{path}: {n} images, {len(conditions)} conditions, {taps} taps, {rows} rows complete: the schema holds")


if __name__ == "__main__":
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    if len(arguments) != 1:
        sys.exit(__doc__)
    check(arguments[0], "--complete" in sys.argv)
