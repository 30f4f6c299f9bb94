"""Feature stores as numpy, xarray and torch."""
from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

if TYPE_CHECKING:
    import torch.utils.data
    import xarray

FORMAT = "palimpsest.features"
VERSION = 1
ORIGINAL = "original"


class StoreError(ValueError):
    """A file that is not a store, or has not what was asked for. The text says what, where, and what there is."""


def open_store(path: str | os.PathLike[str]) -> Store:
    """Opens a store for reading.

    Raises:
        StoreError: the file is not HDF5, not a store, or of a newer version.
    """
    try:
        file = h5py.File(path, "r")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise StoreError(f"{path}: not an HDF5 file that can be read: {error}") from error
    try:
        return Store(file)
    except BaseException:
        file.close()
        raise


@dataclass(frozen=True)
class Features:
    """The activations at one tap.

    Indexing reads complete images only, from the file: ``features[0]`` is ``[T, C]``, ``features[:8]`` is ``[8, T, C]``.
    """

    tap: str
    dataset: h5py.Dataset
    rows: np.ndarray
    #: How many tokens at the beginning have no place in the image: class and distillation tokens, registers.
    prefix_tokens: int
    #: Height and width of the grid of the other tokens, in raster order; None where there is none.
    grid: tuple[int, int] | None
    #: Of a tap inside a block: the names of the axes of an image's values when they are unfolded, and their lengths, such as
    #: (("head", 12), ("query", 197), ("key", 197)) of attention weights; else empty.
    axes: tuple[tuple[str, int], ...] = ()
    #: Of a tap inside a block: what it is, in words.
    definition: str | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.rows), *self.dataset.shape[1:])

    @property
    def dtype(self) -> np.dtype:
        return self.dataset.dtype

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: int | slice | Sequence[int] | np.ndarray) -> np.ndarray:
        rows = self.rows[index]
        return self.dataset[int(rows)] if np.ndim(rows) == 0 else _read(self.dataset, rows)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        values = self[:]
        return values if dtype is None else values.astype(dtype)

    def unfolded(self, index: int | slice | Sequence[int] | np.ndarray = slice(None)) -> np.ndarray:
        """The values of a tap inside a block along its own axes: attention weights as ``[…, head, query, key]``."""
        if not self.axes:
            raise StoreError(f"{self.dataset.file.filename}: '{self.tap}' has no axes but [T, C]; index it")
        values = self[index]
        return values.reshape(*values.shape[:-2], *(length for _, length in self.axes))

    def grids(self, index: int | slice | Sequence[int] | np.ndarray = slice(None)) -> np.ndarray:
        """The tokens that have a place, as maps: ``[…, height, width, C]``."""
        if self.grid is None:
            raise StoreError(f"{self.dataset.file.filename}: the tokens of '{self.tap}' are no grid; index it for [T, C]")
        values = self[index]
        return values[..., self.prefix_tokens :, :].reshape(*values.shape[:-2], *self.grid, values.shape[-1])


class Store:
    """A feature store. Use it as a context manager, or close it."""

    def __init__(self, file: h5py.File) -> None:
        self.file = file
        name, version = file.attrs.get("format"), file.attrs.get("version")
        if _text(name) != FORMAT:
            raise StoreError(f"{file.filename}: no feature store: its attribute format is {name!r}, not '{FORMAT}'")
        if version is None or int(version) > VERSION:
            raise StoreError(f"{file.filename}: version {version} of the format; this package reads up to {VERSION}, update it")

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.file.close()

    def __repr__(self) -> str:
        return f"<Store {self.file.filename}: {self.model}, {len(self)} images, taps {', '.join(self.taps)}>"

    def __len__(self) -> int:
        """How many images are complete."""
        return len(self.rows())

    # What it is of

    @property
    def attributes(self) -> dict[str, Any]:
        """All attributes of the file; `config` and `preprocessing` as what their JSON says."""
        found: dict[str, Any] = {}
        for name, value in self.file.attrs.items():
            value = _text(value)
            if name in ("config", "preprocessing") and isinstance(value, str):
                try:
                    value = json.loads(value)
                except json.JSONDecodeError:
                    pass
            found[name] = value
        return found

    @property
    def model(self) -> str:
        return str(_text(self.file.attrs.get("model", "unknown model")))

    @property
    def family(self) -> str:
        return str(_text(self.file.attrs.get("family", "other")))

    # Images

    @property
    def paths(self) -> list[str]:
        """Of all images, also of those that are not complete."""
        return [str(_text(path)) for path in self.file["images/path"][:]]

    @property
    def labels(self) -> np.ndarray | None:
        """``[N]`` of all images, -1 where unknown; None where there are none."""
        return self.file["images/label"][:] if "images/label" in self.file else None

    @property
    def classes(self) -> list[str]:
        """The names that labels are numbers of."""
        if "images/label" not in self.file:
            return []
        return [str(_text(name)) for name in self.file["images/label"].attrs.get("names", [])]

    def rows(self, condition: str = ORIGINAL) -> np.ndarray:
        """The numbers of the images that are complete under a condition and could be read."""
        count = self.file["images/path"].shape[0]
        complete = np.ones(count, bool)
        if f"progress/{condition}" in self.file:
            complete &= self.file[f"progress/{condition}"][:] == 1
        if "images/error" in self.file:
            complete &= np.array([_text(error) == "" for error in self.file["images/error"][:]], bool)
        return np.flatnonzero(complete)

    # Values

    @property
    def conditions(self) -> list[str]:
        group = self._group("features") or self._group("reconstructions")
        return [] if group is None else list(group)

    @property
    def taps(self) -> list[str]:
        """Of the features of the first condition, in order of depth."""
        return self._taps("features")

    @property
    def reconstructed_taps(self) -> list[str]:
        """The taps that images were reconstructed from."""
        return self._taps("reconstructions")

    def features(self, tap: str, condition: str = ORIGINAL) -> Features:
        """The activations at a tap."""
        dataset = self._dataset("features", tap, condition)
        if dataset.ndim != 3:
            raise StoreError(f"{self.file.filename}: '{tap}' has the shape {dataset.shape}; [N, T, C] is wanted here")
        grid = [int(length) for length in np.atleast_1d(dataset.attrs.get("grid", []))]
        outside = int(dataset.attrs.get("prefix_tokens", dataset.shape[1] - grid[0] * grid[1] if len(grid) == 2 else 0))
        names = [str(_text(name)) for name in np.atleast_1d(dataset.attrs.get("axes", []))]
        lengths = [int(length) for length in np.atleast_1d(dataset.attrs.get("axis_lengths", []))]
        fits = len(names) == len(lengths) and np.prod(lengths, dtype=np.int64) == dataset.shape[1] * dataset.shape[2]
        definition = dataset.attrs.get("definition")
        return Features(
            tap, dataset, self.rows(condition), outside, (grid[0], grid[1]) if len(grid) == 2 else None,
            tuple(zip(names, lengths)) if names and fits else (), None if definition is None else str(_text(definition)),
        )

    def __getitem__(self, tap: str) -> Features:
        return self.features(tap)

    def inputs(self, condition: str = ORIGINAL) -> np.ndarray:
        """The pixels that the model saw, of the complete images: uint8 ``[n, H, W, 3]``, before normalisation."""
        if f"inputs/{condition}" not in self.file:
            raise StoreError(f"{self.file.filename}: it has no inputs of '{condition}'")
        return _read(self.file[f"inputs/{condition}"], self.rows(condition))

    def reconstructions(self, tap: str, condition: str = ORIGINAL) -> np.ndarray:
        """The images that the inverses reconstruct from a tap: uint8 ``[n, H, W, 3]``."""
        return _read(self._dataset("reconstructions", tap, condition), self.rows(condition))

    # Elsewhere

    def to_xarray(self, taps: Sequence[str] | None = None, condition: str = ORIGINAL) -> xarray.Dataset:
        """The complete images with named axes.

        A tap whose tokens are a grid has the axes `image`, `y`, `x`, `channel`, and its prefix tokens stand apart as
        `TAP:prefix`; attention weights have `image`, `head`, `query`, `key` (of windows also `window`); another has `image`,
        `token`, `channel`. Axes of one name but other lengths have the length at their
        end (`channel_192`). Everything is read into memory: name the taps you need.
        """
        import xarray

        rows = self.rows(condition)
        values: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
        for tap in self.taps if taps is None else taps:
            features = self.features(tap, condition)
            if features.axes and features.axes[-1][0] == "key":
                values[tap] = (("image", *(name for name, _ in features.axes)), features.unfolded())
                continue
            if features.grid is None:
                values[tap] = (("image", "token", "channel"), features[:])
                continue
            values[tap] = (("image", "y", "x", "channel"), features.grids())
            if features.prefix_tokens:
                values[f"{tap}:prefix"] = (("image", "token", "channel"), features[:][:, : features.prefix_tokens])
        lengths: dict[str, set[int]] = {}
        for axes, array in values.values():
            for axis, length in zip(axes, array.shape):
                lengths.setdefault(axis, set()).add(length)
        named = {
            name: ([axis if len(lengths[axis]) == 1 else f"{axis}_{length}" for axis, length in zip(axes, array.shape)], array)
            for name, (axes, array) in values.items()
        }
        paths = self.paths
        coordinates: dict[str, Any] = {"image": [paths[row] for row in rows]}
        labels, classes = self.labels, self.classes
        if labels is not None:
            coordinates["label"] = ("image", labels[rows])
            if classes:
                coordinates["class"] = ("image", [classes[label] if label >= 0 else "" for label in labels[rows]])
        return xarray.Dataset(named, coordinates, {"model": self.model, "family": self.family, "condition": condition})

    def to_torch(self, taps: Sequence[str], condition: str = ORIGINAL) -> torch.utils.data.Dataset:
        """A map-style dataset: item i is ``{tap: tensor [T, C], …, "label": int, "index": row}`` of complete image i.

        The file is opened anew in each worker of a loader.
        """
        from .torch_dataset import FeatureDataset

        for tap in taps:
            self.features(tap, condition)
        return FeatureDataset(os.path.abspath(self.file.filename), list(taps), condition)

    # Looking things up

    def _group(self, name: str) -> h5py.Group | None:
        return self.file.get(name)

    def _taps(self, kind: str, condition: str | None = None) -> list[str]:
        group = self._group(kind)
        if group is None or not len(group):
            return []
        of_condition = group[condition or (ORIGINAL if ORIGINAL in group else next(iter(group)))]
        named = of_condition.attrs.get("taps")
        return list(of_condition) if named is None else [str(_text(tap)) for tap in named]

    def _dataset(self, kind: str, tap: str, condition: str) -> h5py.Dataset:
        path = f"{kind}/{condition}/{tap}"
        if path not in self.file:
            raise StoreError(
                f"{self.file.filename}: it has no {kind} '{tap}' of the condition '{condition}'; it has the taps "
                f"{', '.join(self._taps(kind)) or 'none'}, and the conditions {', '.join(self.conditions) or 'none'}"
            )
        return self.file[path]


def _text(value: Any) -> Any:
    """Bytes as text, everything else as it is."""
    return value.decode("utf-8") if isinstance(value, bytes) else value


def _read(dataset: h5py.Dataset, rows: np.ndarray) -> np.ndarray:
    """Rows of a dataset, in their order. Runs of neighbours are read at once: h5py's own lists of rows are slow."""
    values = np.empty((len(rows), *dataset.shape[1:]), dataset.dtype)
    for start, stop in _runs(rows):
        values[start:stop] = dataset[int(rows[start]) : int(rows[stop - 1]) + 1]
    return values


def _runs(rows: np.ndarray) -> Iterator[tuple[int, int]]:
    start = 0
    for stop in range(1, len(rows) + 1):
        if stop == len(rows) or rows[stop] != rows[stop - 1] + 1:
            yield start, stop
            start = stop
