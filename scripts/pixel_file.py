"""Pixels of many images in one file, as tests read them."""
import json

import numpy as np


class PixelFile:
    """Raw pixels of many images in one file, with a list of what stands where."""

    def __init__(self, name):
        self.name, self.bytes, self.cases = name, bytearray(), []

    def put(self, array):
        """Take an image `[H, W]` or `[H, W, 3]` of 8 bits; returns where it stands."""
        offset = len(self.bytes)
        self.bytes += np.ascontiguousarray(array, dtype=np.uint8).tobytes()
        return dict(width=array.shape[1], height=array.shape[0], offset=offset)

    def case(self, array, **fields):
        self.cases.append(dict(**fields, expected=self.put(array)))

    def save(self, folder, **extra):
        """Write NAME.raw and NAME.json, which lists the cases beside what `extra` says."""
        (folder / f"{self.name}.raw").write_bytes(self.bytes)
        text = json.dumps(dict(cases=self.cases, **extra), indent=1, sort_keys=True, ensure_ascii=False)
        (folder / f"{self.name}.json").write_text(text + "\n")
