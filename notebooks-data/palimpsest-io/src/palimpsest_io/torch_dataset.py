"""Features as a dataset of torch."""
from __future__ import annotations

import os
from typing import Any

import torch

from .store import Store, open_store


class FeatureDataset(torch.utils.data.Dataset):
    """Complete images of a store; see ``Store.to_torch``."""

    def __init__(self, path: str, taps: list[str], condition: str) -> None:
        self._path, self._taps, self._condition = path, taps, condition
        self._opened: tuple[int, Store] | None = None
        with open_store(path) as store:
            self._rows = store.rows(condition)
            self._labels = store.labels

    def _store(self) -> Store:
        # An HDF5 file may not be used in a process that was forked while it was open.
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), open_store(self._path))
        return self._opened[1]

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_opened": None}

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> dict[str, Any]:
        row = int(self._rows[index])
        file = self._store().file
        item: dict[str, Any] = {
            tap: torch.from_numpy(file[f"features/{self._condition}/{tap}"][row]) for tap in self._taps
        }
        item["index"] = row
        if self._labels is not None:
            item["label"] = int(self._labels[row])
        return item
