"""Stores written from Python: what your own model and your own hooks see, for every analysis of Palimpsest."""
from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from .store import FORMAT, ORIGINAL, VERSION, StoreError

if TYPE_CHECKING:
    import torch

#: About how many bytes a chunk holds.
CHUNK_BYTES = 1 << 20


class StoreWriter:
    """Writes a store, image by image or batch by batch.

    It is written to ``PATH.partial`` and renamed when the ``with`` block ends without an error: there is never half a store under
    its name.

    >>> with StoreWriter("mine.h5", model="my ViT") as writer:
    ...     writer.add(["a.png", "b.png"], {"block.0": values}, labels=["cat", "dog"])     # values [2, T, C]
    """

    def __init__(
        self, path: str | os.PathLike[str], *, model: str, family: str = "other", grids: Mapping[str, tuple[int, int]] | None = None,
        prefix_tokens: int = 0, parents: Mapping[str, str] | None = None, attributes: Mapping[str, Any] | None = None,
    ) -> None:
        """
        Args:
            path: of the store; what is there is replaced at the end.
            model: the model's name, as figures show it.
            family: `vit`, `deit`, `swin`, `detr` or `other`.
            grids: of a tap, height and width of the grid of its tokens. Without it, a square is assumed where the tokens after the
                prefix are a square number and there is more than one.
            prefix_tokens: how many tokens at the beginning of each tap have no place in the image.
            parents: of a tap, the tap that it is computed from; without it each tap follows the one before.
            attributes: more attributes of the file, for example `checkpoint_sha256`.
        """
        self.path = os.fspath(path)
        self._partial = self.path + ".partial"
        self._grids, self._prefix = dict(grids or {}), prefix_tokens
        self._parents = dict(parents) if parents is not None else None
        self._taps: list[str] | None = None
        self._classes: list[str] = []
        self._images: list[tuple[str, str, tuple[int, int], int]] = []
        self._checksums: dict[str, list[int]] = {}
        self._file = h5py.File(self._partial, "w", libver=("earliest", "v110"))
        self._file.attrs.update({"format": FORMAT, "version": VERSION, "model": model, "family": family, **(attributes or {})})
        self._file.attrs["created_by"] = "palimpsest-io 0.2.0"

    def __enter__(self) -> StoreWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def add(
        self, paths: Sequence[str], features: Mapping[str, np.ndarray], *, labels: Sequence[str | None] | None = None,
        inputs: np.ndarray | None = None, sha256: Sequence[str] | None = None, sizes: Sequence[tuple[int, int]] | None = None,
    ) -> None:
        """Adds a batch of images.

        Args:
            paths: a name an image.
            features: `[B, T, C]` of each tap, in order of depth; `[B, C]` is one token. float16 and float32 stay as they are, all
                else becomes float32.
            labels: a class an image; None where unknown.
            inputs: the pixels that the model saw, uint8 `[B, H, W, 3]`.
            sha256: of each image's file, in hexadecimal: how images of several stores are known to be the same.
            sizes: height and width of each picture in its file.
        """
        count = len(paths)
        if not features:
            raise StoreError("features is empty; give at least one tap")
        if self._taps is not None and list(features) != self._taps:
            raise StoreError(f"this batch has the taps {list(features)}, the first one had {self._taps}")
        for name, given in (("labels", labels), ("inputs", inputs), ("sha256", sha256), ("sizes", sizes)):
            if given is not None and len(given) != count:
                raise StoreError(f"{name} has {len(given)} entries for {count} paths")
        arrays = {tap: self._tokens(tap, values, count) for tap, values in features.items()}
        if inputs is not None:
            inputs = np.ascontiguousarray(inputs)
            if inputs.dtype != np.uint8 or inputs.ndim != 4 or inputs.shape[3] != 3:
                raise StoreError(f"inputs are {inputs.dtype} {inputs.shape}; uint8 [B, H, W, 3] is wanted")
        self._taps = list(arrays)
        for tap, values in arrays.items():
            self._append(f"features/{ORIGINAL}/{tap}", values)
        if inputs is not None:
            self._append(f"inputs/{ORIGINAL}", inputs)
        for number, path in enumerate(paths):
            label = None if labels is None else labels[number]
            if label is not None and label not in self._classes:
                self._classes.append(label)
            self._images.append((
                str(path), "" if sha256 is None else sha256[number], (0, 0) if sizes is None else sizes[number],
                -1 if label is None else self._classes.index(label),
            ))

    def close(self) -> None:
        """Finishes the store and gives it its name."""
        if self._taps is None:
            self.discard()
            raise StoreError(f"{self.path}: no image was added, no store was made")
        file, images = self._file, self._images
        for name in list(self._checksums):
            if len(self._checksums[name]) != len(images):
                self.discard()
                raise StoreError(f"{name}: {len(self._checksums[name])} rows for {len(images)} images; give it with every batch, or never")
        text = h5py.string_dtype("utf-8")
        file.create_dataset("images/path", data=[image[0] for image in images], dtype=text)
        file.create_dataset("images/sha256", data=np.array([image[1].encode() for image in images], "S64"))
        file.create_dataset("images/error", data=np.zeros(len(images), "S256"))
        file.create_dataset("images/size", data=np.array([image[2] for image in images], np.int32))
        label = file.create_dataset("images/label", data=np.array([image[3] for image in images], np.int32))
        label.attrs.create("names", self._classes, shape=(len(self._classes),), dtype=text)
        group = file[f"features/{ORIGINAL}"]
        group.attrs.create("taps", self._taps, dtype=text)
        if self._parents is not None:
            group.attrs.create("parents", [self._parents.get(tap, "") for tap in self._taps], dtype=text)
        file.create_dataset(f"progress/{ORIGINAL}", data=np.ones(len(images), np.uint8))
        for name, sums in self._checksums.items():
            file.create_dataset(f"checksums/{name}", data=np.array(sums, np.uint32))
        self._scales(group)
        file.close()
        os.replace(self._partial, self.path)

    def discard(self) -> None:
        """Leaves nothing behind."""
        self._file.close()
        if os.path.exists(self._partial):
            os.remove(self._partial)

    def _tokens(self, tap: str, values: np.ndarray, count: int) -> np.ndarray:
        values = np.asarray(values)
        if values.ndim == 2:
            values = values[:, None]
        if values.ndim != 3 or values.shape[0] != count:
            raise StoreError(f"'{tap}' has the shape {values.shape} for {count} paths; [B, T, C] is wanted, [B, C] for one token")
        if "/" in tap or not tap:
            raise StoreError(f"a tap cannot be called '{tap}'; names have no slash")
        return np.ascontiguousarray(values, values.dtype if values.dtype in (np.float16, np.float32) else np.float32)

    def _append(self, name: str, values: np.ndarray) -> None:
        if name not in self._file:
            rows = max(1, CHUNK_BYTES // max(1, values[0].nbytes))
            dataset = self._file.create_dataset(
                name, shape=(0, *values.shape[1:]), maxshape=(None, *values.shape[1:]), dtype=values.dtype.newbyteorder("<"),
                chunks=(rows, *values.shape[1:]),
            )
            if name.startswith("features/"):
                dataset.attrs["grid"] = np.array(self._grid(name.rsplit("/", 1)[1], values.shape[1]), np.int64)
                dataset.attrs["prefix_tokens"] = min(self._prefix, values.shape[1])
            self._checksums[name] = []
        dataset = self._file[name]
        if dataset.shape[1:] != values.shape[1:]:
            raise StoreError(f"'{name}' has the shape {values.shape[1:]} in this batch and {dataset.shape[1:]} before")
        start = dataset.shape[0]
        dataset.resize(start + len(values), axis=0)
        dataset[start:] = values
        self._checksums[name] += [zlib.crc32(row.astype(dataset.dtype, copy=False).tobytes()) for row in values]

    def _grid(self, tap: str, tokens: int) -> tuple[int, ...]:
        if tap in self._grids:
            height, width = self._grids[tap]
            if height * width + self._prefix != tokens:
                raise StoreError(f"the grid of '{tap}' is {height}×{width}, with {self._prefix} prefix tokens, but it has {tokens} tokens")
            return height, width
        side = round(max(0, tokens - self._prefix) ** 0.5)
        return (side, side) if side > 1 and side * side == tokens - self._prefix else ()

    def _scales(self, group: h5py.Group) -> None:
        """Names for the axes, so that xarray shows them (HDF5's dimension scales)."""
        for dataset in group.values():
            for axis, name in enumerate(("image", "token", "channel")):
                dataset.dims[axis].label = name


class Recorder:
    """Forward hooks that keep what modules give.

    >>> with Recorder({"block.0": model.blocks[0]}) as recorder:
    ...     model(batch)
    ...     recorder.take()["block.0"].shape
    """

    def __init__(self, modules: Mapping[str, torch.nn.Module]) -> None:
        """
        Args:
            modules: by the names of the taps, in order of depth. What a module gives is `[B, T, C]` or `[B, C]`; maps `[B, C, H, W]`
                become tokens in raster order; of a tuple the first is taken.
        """
        self.grids: dict[str, tuple[int, int]] = {}
        self._values: dict[str, np.ndarray] = {}
        self._names = list(modules)
        self._handles = [module.register_forward_hook(self._hook(name)) for name, module in modules.items()]

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _hook(self, name: str) -> Callable[..., None]:
        def keep(_module: object, _input: object, output: Any) -> None:
            value = output[0] if isinstance(output, (tuple, list)) else output
            if value.ndim == 4:
                self.grids[name] = (value.shape[2], value.shape[3])
                value = value.flatten(2).transpose(1, 2)
            self._values[name] = value.detach().float().cpu().numpy()

        return keep

    def take(self) -> dict[str, np.ndarray]:
        """What the last forward pass gave, in the order of the taps."""
        missing = [name for name in self._names if name not in self._values]
        if missing:
            raise StoreError(f"the forward pass did not go through {', '.join(missing)}")
        values, self._values = {name: self._values[name] for name in self._names}, {}
        return values


def record(
    model: torch.nn.Module, modules: Mapping[str, torch.nn.Module], batches: Iterable[tuple[Sequence[str], torch.Tensor]],
    path: str | os.PathLike[str], *, name: str, prefix_tokens: int = 0, labels: Mapping[str, str] | None = None, folder: str | os.PathLike[str] | None = None,
) -> None:
    """Puts images through a model and writes what its modules give into a store.

    Args:
        model: any model of torch; it is put into evaluation mode and run without gradients.
        modules: see ``Recorder``.
        batches: of the paths of images and the model's input.
        path: of the store.
        name: the model's, as figures show it.
        prefix_tokens: see ``StoreWriter``.
        labels: classes by path.
        folder: where the paths lie; each file's SHA-256 is kept, by which images of several stores are known to be the same.
    """
    import torch

    model.eval()
    writer: StoreWriter | None = None
    try:
        with Recorder(modules) as recorder, torch.inference_mode():
            for paths, pixels in batches:
                model(pixels)
                values = recorder.take()
                if writer is None:
                    writer = StoreWriter(path, model=name, prefix_tokens=prefix_tokens, grids=recorder.grids)
                writer.add(
                    list(paths), values, labels=None if labels is None else [labels.get(image) for image in paths],
                    sha256=None if folder is None else [_sha256(os.path.join(folder, image)) for image in paths],
                )
        if writer is None:
            raise StoreError("there was no batch")
        writer.close()
    except BaseException:
        if writer is not None and writer._file:
            writer.discard()
        raise


def _sha256(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(file.read()).hexdigest()
