"""Scenes of `palimpsest scenes` in memory: pixels, labels, splits, and which object covers which pixel."""
import csv
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

#: Instance maps hold one value for CELL × CELL pixels.
CELL = 4
#: The value of an instance map where no object is.
NOTHING = 255


def read_csv(path):
    with open(path, newline="") as file:
        return [row[:2] for row in csv.reader(file)][1:]


def decode_mask(text, height, width):
    """COCO's compressed run lengths as a boolean mask [height, width]."""
    codes = [ord(c) - 48 for c in text]
    counts, at = [], 0
    while at < len(codes):
        value = shift = 0
        while True:
            code = codes[at]
            at += 1
            value |= (code & 31) << shift
            shift += 5
            if not code & 32:
                if code & 16:
                    value -= 1 << shift
                break
        counts.append(value + (counts[-2] if len(counts) > 2 else 0))
    filled = np.arange(len(counts)) % 2 == 1
    return np.repeat(filled, counts).reshape(width, height).T


class Scenes:
    """A folder of square scenes in the order of their names, resized to `side` bilinearly as Pillow does it.

    pixels     [N, side, side, 3] uint8
    split      [N] train, validation or test
    labels     [N] the dominant object's class, a column of `names`
    instances  [N, side / 4, side / 4] uint8: the object at the cell's middle, a row of `classes` and `boxes`; or 255
    classes    for each image [objects] int64, columns of `names`
    boxes      for each image [objects, 4] float32: centre and size in parts of the image
    """

    def __init__(self, folder, names=None, limit=None, side=None):
        folder = Path(folder)
        split = dict(read_csv(folder / "splits.csv"))
        label = dict(read_csv(folder / "labels.csv"))
        self.paths = sorted(split)[:limit]
        coco = json.loads((folder / "annotations.json").read_text())
        category = {c["id"]: c["name"] for c in coco["categories"]}
        self.names = names or sorted(category.values())
        root = folder if (folder / self.paths[0]).exists() else folder / "images"
        drawn = Image.open(root / self.paths[0]).height
        self.side = side or drawn
        self.pixels = np.empty((len(self.paths), self.side, self.side, 3), np.uint8)
        for row, path in enumerate(self.paths):
            image = Image.open(root / path).convert("RGB")
            if self.side != drawn:
                image = image.resize((self.side, self.side), Image.Resampling.BILINEAR)
            self.pixels[row] = np.asarray(image)
        self.split = np.array([split[p] for p in self.paths])
        self.labels = torch.tensor([self.names.index(label[p]) for p in self.paths])
        rows = {Path(p).name: row for row, p in enumerate(self.paths)}
        row_of = {i["id"]: rows.get(Path(i["file_name"]).name) for i in coco["images"]}
        middles = ((np.arange(self.side // CELL) + 0.5) * CELL * drawn / self.side).astype(int)
        self.instances = np.full((len(self.paths), len(middles), len(middles)), NOTHING, np.uint8)
        classes, boxes = [[] for _ in self.paths], [[] for _ in self.paths]
        for a in coco["annotations"]:
            row = row_of[a["image_id"]]
            if row is None:
                continue
            mask = decode_mask(a["segmentation"]["counts"], drawn, drawn)
            self.instances[row][mask[np.ix_(middles, middles)]] = len(classes[row])
            x, y, w, h = a["bbox"]
            classes[row].append(self.names.index(category[a["category_id"]]))
            boxes[row].append([(x + w / 2) / drawn, (y + h / 2) / drawn, w / drawn, h / drawn])
        self.classes = [torch.tensor(c, dtype=torch.long) for c in classes]
        self.boxes = [torch.tensor(b, dtype=torch.float32).reshape(-1, 4) for b in boxes]

    def rows(self, split):
        return np.flatnonzero(self.split == split)


def read_objects(folder, names):
    """Of every image its objects: path → classes [K] int, columns of `names`, and boxes [K, 4], centre and size."""
    coco = json.loads((Path(folder) / "annotations.json").read_text())
    category = {c["id"]: names.index(c["name"]) for c in coco["categories"]}
    image = {i["id"]: i for i in coco["images"]}
    found = {Path(i["file_name"]).name: ([], []) for i in coco["images"]}
    for a in coco["annotations"]:
        i = image[a["image_id"]]
        x, y, w, h = a["bbox"]
        classes, boxes = found[Path(i["file_name"]).name]
        classes.append(category[a["category_id"]])
        boxes.append([(x + w / 2) / i["width"], (y + h / 2) / i["height"], w / i["width"], h / i["height"]])
    return {p: (np.array(c, int), np.array(b, np.float32).reshape(-1, 4)) for p, (c, b) in found.items()}


def normalise(pixels, mean, std):
    x = torch.from_numpy(np.ascontiguousarray(pixels)).float().permute(0, 3, 1, 2)
    scale = 255 * torch.tensor(std).view(1, 3, 1, 1)
    return (x - 255 * torch.tensor(mean).view(1, 3, 1, 1)) / scale


def moved(array, dy, dx):
    """[N, H, W, …] moved by (dy, dx) places, its edge repeated."""
    height, width = array.shape[1:3]
    rows = np.clip(np.arange(height) - dy, 0, height - 1)
    columns = np.clip(np.arange(width) - dx, 0, width - 1)
    return array[:, rows][:, :, columns]
