#!/usr/bin/env python3
"""How often the 95 % interval of a mean over images holds the true mean, for few and many images.

What Palimpsest prints is the first number of each distribution: Student's interval on a scale without skewness (scripts/coverage/intervals.py), of
right-or-wrong figures Wilson's. In brackets what others would hold: Student's t for up to 50 images, percentiles of 1,000 bootstrap
replicates for more. Prints the tables of docs/definitions.md, with --write into it.

Usage: means.py [--samples 20000] [--write docs/definitions.md]
"""
import argparse
from pathlib import Path

import numpy as np
import scipy
from scipy import stats

import intervals

SEED = 20261130
FEW = 50
REPLICATES = 1000
COUNTS = (4, 6, 8, 10, 15, 20, 30, 50, 51, 100, 200)


def lognormal(sigma):
    return lambda rng, shape: np.exp(sigma * rng.standard_normal(shape)), np.exp(sigma ** 2 / 2)


TABLES = ({
    "normal": (lambda rng, shape: rng.standard_normal(shape), 0.0),
    "gamma, skewness 1": (lambda rng, shape: rng.gamma(4, 1, shape), 4.0),
    "exponential, 2": (lambda rng, shape: rng.exponential(1, shape), 1.0),
    "χ², 2.8": (lambda rng, shape: rng.chisquare(1, shape), 1.0),
    "beta(8, 2), −0.8": (lambda rng, shape: rng.beta(8, 2, shape), 0.8),
    "uniform": (lambda rng, shape: rng.random(shape), 0.5),
    "t, 5 degrees": (lambda rng, shape: rng.standard_t(5, shape), 0.0),
    "t, 3": (lambda rng, shape: rng.standard_t(3, shape), 0.0),
}, {
    "lognormal, σ 0.5": lognormal(0.5),
    "0.8": lognormal(0.8),
    "1": lognormal(1),
    "1.25": lognormal(1.25),
    "1.5": lognormal(1.5),
    "Pareto, 3": (lambda rng, shape: 1 + rng.pareto(3, shape), 1.5),
    "one in ten tenfold": (
        lambda rng, shape: rng.exponential(1, shape) * np.where(rng.random(shape) < 0.1, 10, 1), 1.9),
    "half none": (lambda rng, shape: rng.exponential(1, shape) * (rng.random(shape) < 0.5), 0.5),
})


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
    """The share of the intervals there are."""
    there = np.isfinite(ends[0])
    return np.sum((ends[0] <= truth) & (truth <= ends[1])) / np.sum(there) if there.any() else np.nan


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--write", type=Path, help="replace the tables between the comments 'means' of this page")
    options = parser.parse_args()
    rng = np.random.default_rng(SEED)
    print(f"numpy {np.__version__}, scipy {scipy.__version__}, seed {SEED}, {options.samples} samples a cell")
    pieces = []
    for number, distributions in enumerate(TABLES):
        shares = ("right or wrong, 0.5", "0.8") if number == 0 else ()
        lines = ["| images | " + " | ".join([*distributions, *shares]) + " |",
                 "|" + "---|" * (len(distributions) + len(shares) + 1)]
        for n in COUNTS:
            cells = []
            for draw, truth in distributions.values():
                x = draw(rng, (options.samples, n))
                other = held(intervals.student(x), truth) if n <= FEW else held(percentile(x[:5000], rng), truth)
                cells.append(f"{held(intervals.hall(x), truth):.3f} ({other:.3f})")
            for p in (0.5, 0.8)[:len(shares)]:
                cells.append(f"{held(wilson((rng.random((options.samples, n)) < p).astype(float)), p):.3f}")
            lines.append(f"| {n} | " + " | ".join(cells) + " |")
            print(lines[-1], flush=True)
        pieces.append("\n".join(lines))
    text = "\n\n".join(pieces)
    if options.write:
        before, rest = options.write.read_text().split("<!-- means -->\n", 1)
        after = rest.split("<!-- /means -->", 1)[1]
        options.write.write_text(f"{before}<!-- means -->\n{text}\n<!-- /means -->{after}")


if __name__ == "__main__":
    main()
