#!/usr/bin/env python3
"""scikit-image's speed on pairs of images as palimpsest bench quality makes them, and with --palimpsest both in turns.

    quality_python.py [--images 16] [--size 224x224]                      one line of JSON: images a second by metric
    quality_python.py --palimpsest .build/release/palimpsest --rounds 5   a markdown table of ratios

Of every metric the fastest way scikit-image has counts: in single and in double precision, the conversion of 8-bit pixels included.
In turns, each round runs Python and then Palimpsest, metric by metric; the ratio is the median of the rounds'. Palimpsest takes
--threads, scikit-image one core.
"""
import argparse
import json
import statistics
import subprocess
import time

import numpy as np
from skimage.color import deltaE_ciede2000, rgb2lab
from skimage.metrics import mean_squared_error, structural_similarity


def pairs(count, width, height):
    rng = np.random.default_rng(0)
    for _ in range(count):
        first = rng.integers(0, 256, (height, width, 3))
        second = np.clip(first + rng.integers(-40, 41, first.shape), 0, 255)
        yield first.astype(np.uint8), second.astype(np.uint8)


def floats(image, kind):
    return image.astype(kind) / kind(255)


def ssim(a, b, kind):
    return structural_similarity(floats(a, kind), floats(b, kind), gaussian_weights=True, sigma=1.5,
                                 use_sample_covariance=False, data_range=1.0, channel_axis=-1)


def ciede2000(a, b, kind):
    return deltaE_ciede2000(rgb2lab(floats(a, kind)), rgb2lab(floats(b, kind))).mean()


def mse(a, b, kind):
    return mean_squared_error(floats(a, kind), floats(b, kind))


METRICS = dict(mse=mse, ssim=ssim, ciede2000=ciede2000)


def rate(metric, images):
    """Images a second of the faster precision."""
    best = 0
    for kind in (np.float32, np.float64):
        METRICS[metric](*images[0], kind)
        start = time.perf_counter()
        for a, b in images:
            METRICS[metric](a, b, kind)
        best = max(best, len(images) / (time.perf_counter() - start))
    return best


def ours(options, metric, images):
    command = [options.palimpsest, "bench", "quality", "--metrics", metric, "--images", str(images), "--size",
               options.size, "--runs", "1", "--json", "--quiet",
               *(["--threads", str(options.threads)] if options.threads else [])]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(result.stdout)["imagesPerSecond"][metric]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=16)
    parser.add_argument("--size", default="224x224")
    parser.add_argument("--palimpsest")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, help="Palimpsest's (default: every core)")
    options = parser.parse_args()
    images = list(pairs(options.images, *map(int, options.size.split("x"))))
    if not options.palimpsest:
        print(json.dumps({metric: rate(metric, images) for metric in METRICS}))
        return
    print("| metric | Palimpsest, images/s | scikit-image, images/s | ratio |\n|---|---|---|---|")
    for metric in METRICS:
        rounds = [(rate(metric, images), ours(options, metric, 8 * options.images)) for _ in range(options.rounds)]
        ratios = [b / a for a, b in rounds]
        print(f"| {metric} | {statistics.median(b for _, b in rounds):.0f} | {statistics.median(a for a, _ in rounds):.0f} | "
              f"**{statistics.median(ratios):.1f}** ({min(ratios):.1f}–{max(ratios):.1f}) |", flush=True)


if __name__ == "__main__":
    main()
