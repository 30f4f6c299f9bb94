"""Photographs for checks and benchmarks: the ones scikit-image carries, as JPEG and PNG of many sizes and kinds."""
from pathlib import Path

import numpy as np
from PIL import Image


def sources():
    """RGB photographs of scikit-image that need no download, in a fixed order."""
    from skimage import data
    for name in ("astronaut", "chelsea", "coffee", "hubble_deep_field", "retina", "rocket"):
        yield name, Image.fromarray(getattr(data, name)()[..., :3])


def write_varied(folder):
    """A few photographs of every shape and kind a folder may hold; their names tell which."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    photos = dict(sources())
    save = lambda name, image, **options: image.save(folder / name, **options)
    save("astronaut-512x512.jpg", photos["astronaut"], quality=92)
    save("chelsea-451x300-444.jpg", photos["chelsea"], quality=95, subsampling=0)
    save("coffee-600x400-progressive.jpg", photos["coffee"], quality=85, progressive=True)
    save("coffee-gray-301x200.jpg", photos["coffee"].resize((301, 200)).convert("L"), quality=90)
    save("coffee-cmyk.jpg", photos["coffee"].convert("CMYK"), quality=92)
    save("hubble-1000x872.jpg", photos["hubble_deep_field"], quality=90)
    save("retina-1411x1411.png", photos["retina"])
    save("rocket-640x427.jpg", photos["rocket"], quality=92)
    save("rocket-palette.png", photos["rocket"].resize((320, 213)).quantize(64))
    save("rocket-tall-133x640.jpg", photos["rocket"].crop((250, 0, 383, 427)).resize((133, 640)), quality=92)
    save("tiny-37x29.jpg", photos["chelsea"].resize((37, 29)), quality=95)
    save("wide-900x120.jpg", photos["coffee"].resize((900, 600)).crop((0, 200, 900, 320)), quality=92)
    alpha = photos["astronaut"].resize((250, 260)).convert("RGBA")
    alpha.putalpha(Image.fromarray(np.tile(np.arange(250, dtype=np.uint8), (260, 1))))
    save("astronaut-alpha.png", alpha)
    return folder


def write_many(folder, count, size=None, seed=7, quality=90):
    """`count` different JPEG files cut at random from the photographs: 480x360 to 640x480, or all of `size` (w, h)."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    photos = [image for _, image in sources()]
    rng = np.random.default_rng(seed)
    for i in range(count):
        image = photos[i % len(photos)]
        scale = rng.uniform(0.6, 1.0)
        w, h = int(image.width * scale), int(image.height * scale)
        x, y = rng.integers(0, image.width - w + 1), rng.integers(0, image.height - h + 1)
        out = size or (int(rng.integers(480, 641)), int(rng.integers(360, 481)))
        cut = image.crop((x, y, x + w, y + h)).resize(out, Image.Resampling.BICUBIC)
        (cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if i % 2 else cut).save(
            folder / f"photo-{i:05d}.jpg", quality=quality)
    return folder
