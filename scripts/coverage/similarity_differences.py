#!/usr/bin/env python3
"""How often the 95 % interval of a difference of two CKA values that share a tap holds the true difference.

Debiased CKA(a, b) − CKA(a, c) by scripts/coverage/jackknife.py, which the program agrees with (tests, `scripts/fixtures/similarity.py`). The true
difference is the mean over large samples.

Usage: similarity_differences.py [--samples 1000]
"""
import argparse

import numpy as np

import jackknife

SEED = 20261130
COLUMNS, NOISE, HIDDEN = (20, 30, 40), (0.5, 1.0, 2.0), 4
KINDS = ("unrelated", "normal", "classes", "decaying", "t, 4 degrees")
SIZES = (20, 50, 200)


class Taps:
    """Three taps that share hidden features."""

    def __init__(self):
        self.rng = np.random.default_rng(SEED)
        self.weights = [self.rng.standard_normal((HIDDEN, p)) for p in COLUMNS]
        self.centres = 1.5 * self.rng.standard_normal((5, HIDDEN))

    def sample(self, samples, n, kind):
        rng, shape = self.rng, (samples, n)
        if kind == "unrelated":
            return [rng.standard_normal((*shape, p)) for p in COLUMNS]
        if kind == "decaying":
            scales, first = 1 / np.arange(1, 31), rng.standard_normal((*shape, 30))
            return [first * scales, *((s * first + np.sqrt(1 - s * s) * rng.standard_normal((*shape, 30))) * scales for s in (0.8, 0.6))]
        if kind == "normal":
            hidden = rng.standard_normal((*shape, HIDDEN))
        elif kind == "classes":
            hidden = 0.5 * rng.standard_normal((*shape, HIDDEN)) + self.centres[rng.integers(0, 5, shape)]
        else:
            hidden = rng.standard_t(4, (*shape, HIDDEN))
        return [hidden @ w + s * rng.standard_normal((*shape, w.shape[1])) for w, s in zip(self.weights, NOISE)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1000)
    options = parser.parse_args()
    taps = Taps()
    print(f"numpy {np.__version__}, seed {SEED}, {options.samples} samples a cell\n\n| features | kernel | n = 20 | 50 | 200 |\n|---|---|---|---|---|")
    for kind in KINDS:
        for kernel in ("linear", "rbf"):
            truth = 0.0
            if kind != "unrelated":
                large = (jackknife.CKA(taps.sample(1, 1000, kind), kernel) for _ in range(40))
                truth = np.mean([c.value(0, 1) - c.value(0, 2) for c in large])
            cells = []
            for n in SIZES:
                held = []
                for count in jackknife.in_pieces(options.samples, n):
                    _, low, high = jackknife.CKA(taps.sample(count, n, kind), kernel).difference()
                    held += list((low <= truth) & (truth <= high))
                cells.append(f"{np.mean(held):.3f}")
            print(f"| {kind} | {kernel} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
