#!/usr/bin/env python3
"""Square cuts of photographs out of Debian packages, apart into train, validation and test by photograph.

    photographs.py PACKAGES_FOLDER OUT_FOLDER [--train N] [--validation N] [--test N]

PACKAGES_FOLDER holds the unpacked packages (`dpkg -x`), see `study` beside this file; four photographs come from scikit-image.
Each photograph gives equally many cuts of random places and sizes (240 pixels to the whole shorter side, of a photograph of at
most 1,600 pixels), resized to 224×224 by Pillow's bicubic filter with antialiasing. photographs.csv says which cut is of which
photograph. Needs numpy, Pillow and scikit-image.
"""
import argparse
import csv
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = 224
LARGEST = 1600
SMALLEST_CUT = 240
# By split: photographs of one place or object are never in two of them. Drawings and renderings in the packages are left out.
PHOTOGRAPHS = {
    "train": [
        "Bridge_by_Sander_Klootwijk", "Kleiber_by_Lukas_Baubkus", "Picture_0B_by_freespace", "Wine_by_Jakkub_Mede",
        "aitzgorri_by_Aitzol_Berasategi", "free_by_Peter_Nerlich", "greentock_by_Peter_Nerlich",
        "seeding_by_Clements_Engelhardt", "sunset_by_Aitzol_Berasategi", "Aqua", "Blinds", "FreshFlower", "GreenMeadow",
        "LadyBird", "RainDrops", "Storm", "TwoWings", "Wood", "BytheWater", "ColdRipple", "ColorfulCups", "Grey", "Kite",
        "OneStandsOut", "Path", "summer_1am", "rocket", "coffee",
    ],
    "validation": ["Dune", "FallenLeaf", "Picture_1A_by_freespace", "life_by_Aitzol_Berasategi", "YellowFlower"],
    "test": [
        "Dragonfly_by_Bolly", "friends_by_Aitzol_Berasategi", "picosdeeuropa_by_Aitzol_Berasategi", "Garden",
        "EveningGlow", "astronaut", "chelsea",
    ],
}


def files_by_name(folder):
    """The largest file of every photograph: Plasma's lie in NAME/contents/images, in several sizes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in (".jpg", ".jpeg", ".png") or path.is_symlink() or "screenshot" in path.name:
            continue
        name = path.parts[path.parts.index("contents") - 1] if "contents" in path.parts else path.stem
        if name not in found or path.stat().st_size > found[name].stat().st_size:
            found[name] = path
    return found


def photograph(name, files):
    if name in files:
        image = Image.open(files[name])
    else:
        from skimage import data
        image = Image.fromarray(getattr(data, name)())
    image = image.convert("RGB")
    if max(image.size) > LARGEST:
        image.thumbnail((LARGEST, LARGEST), Image.Resampling.LANCZOS)
    return image


def cut(image, generator):
    shorter = min(image.size)
    side = int(generator.integers(min(SMALLEST_CUT, shorter), shorter + 1))
    left, top = (int(generator.integers(0, length - side + 1)) for length in image.size)
    return image.crop((left, top, left + side, top + side)).resize((SIZE, SIZE), Image.Resampling.BICUBIC)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--train", type=int, default=1120, help="how many cuts, about: equally many of each photograph")
    parser.add_argument("--validation", type=int, default=60)
    parser.add_argument("--test", type=int, default=112)
    options = parser.parse_args()
    files = files_by_name(options.packages)
    absent = [name for names in PHOTOGRAPHS.values() for name in names
              if name not in files and name not in ("rocket", "coffee", "astronaut", "chelsea")]
    if absent:
        parser.error(f"not in {options.packages}: {', '.join(absent)}")
    rows = []
    for seed, (split, names) in enumerate(PHOTOGRAPHS.items()):
        generator = np.random.default_rng(seed)
        folder = options.out / split
        folder.mkdir(parents=True, exist_ok=True)
        of_each = max(1, round(getattr(options, split) / len(names)))
        for name in names:
            image = photograph(name, files)
            for number in range(of_each):
                file = f"{name.split('_by_')[0]}-{number:03d}.png"
                cut(image, generator).save(folder / file)
                rows.append((split, file, name.split("_by_")[0], files[name].relative_to(options.packages) if name in files else "scikit-image"))
        with open(options.out / f"{split}-labels.csv", "w", newline="") as out:
            csv.writer(out).writerows([("path", "label")] + [row[1:3] for row in rows if row[0] == split])
        print(f"{folder}: {len(names) * of_each} cuts of {len(names)} photographs")
    with open(options.out / "photographs.csv", "w", newline="") as out:
        csv.writer(out).writerows([("split", "file", "photograph", "source")] + rows)


if __name__ == "__main__":
    main()
