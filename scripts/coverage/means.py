#!/usr/bin/env python3
"""How often the 95 % interval of a mean over images holds the true mean, for few and many images.

What Palimpsest prints is the last column of each distribution: Student's t for up to 50 images, percentiles of 1,000 bootstrap
replicates for more; of right-or-wrong figures Wilson's interval. Prints the table of docs/definitions.md.

Usage: means.py [--samples 20000]
"""
import argparse

import numpy as np
import scipy
from scipy import stats

SEED = 20261130
FEW = 50
REPLICATES = 1000
COUNTS = (4, 6, 8, 10, 15, 20, 30, 50, 51, 100, 200)
DISTRIBUTIONS = {
    "normal": (lambda rng, shape: rng.standard_normal(shape), 0.0),
    "gamma, skewness 0.5": (lambda rng, shape: rng.gamma(16, 1, shape), 16.0),
    "gamma, skewness 1": (lambda rng, shape: rng.gamma(4, 1, shape), 4.0),
    "beta(8, 2)": (lambda rng, shape: rng.beta(8, 2, shape), 0.8),
    "t, 5 degrees": (lambda rng, shape: rng.standard_t(5, shape), 0.0),
    "exponential, skewness 2": (lambda rng, shape: rng.exponential(1, shape), 1.0),
}


def student(x):
    n = x.shape[1]
    half = stats.t.ppf(0.975, n - 1) * x.std(axis=1, ddof=1) / np.sqrt(n)
    return x.mean(axis=1) - half, x.mean(axis=1) + half


def percentile(x, rng):
    """The same draws for a group of samples: they are independent of the samples."""
    low, high = [], []
    for group in np.array_split(x, max(1, len(x) // 200)):
        weights = rng.multinomial(x.shape[1], [1 / x.shape[1]] * x.shape[1], REPLICATES) / x.shape[1]
        ends = np.percentile(group @ weights.T, [2.5, 97.5], axis=1)
        low.append(ends[0])
        high.append(ends[1])
    return np.concatenate(low), np.concatenate(high)


def wilson(x):
    n, p, z = x.shape[1], x.mean(axis=1), stats.norm.ppf(0.975)
    middle, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def held(ends, truth):
    return np.mean((ends[0] <= truth) & (truth <= ends[1]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=20_000)
    options = parser.parse_args()
    rng = np.random.default_rng(SEED)
    print(f"numpy {np.__version__}, scipy {scipy.__version__}, seed {SEED}, {options.samples} samples a cell\n")
    print("| images | " + " | ".join(DISTRIBUTIONS) + " | right or wrong, 0.5 | 0.8 |")
    print("|" + "---|" * (len(DISTRIBUTIONS) + 3))
    for n in COUNTS:
        samples = options.samples if n <= FEW else options.samples // 4
        cells = []
        for draw, truth in DISTRIBUTIONS.values():
            x = draw(rng, (samples, n))
            printed = held(student(x) if n <= FEW else percentile(x, rng), truth)
            plain = f" ({held(percentile(x[:samples // 4], rng), truth):.3f})" if n <= FEW else ""
            cells.append(f"{printed:.3f}{plain}")
        for p in (0.5, 0.8):
            cells.append(f"{held(wilson((rng.random((samples, n)) < p).astype(float)), p):.3f}")
        print(f"| {n} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
