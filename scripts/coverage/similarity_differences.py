#!/usr/bin/env python3
"""How often the 95 % interval of a difference of two CKA values that share a tap holds the true difference.

Debiased linear CKA(a, b) − CKA(a, c) in numpy, its jackknife over images (every value taken anew without each image), Student's t
of n − 1 degrees of freedom. The true difference is the mean over large samples.

Usage: similarity_differences.py [--samples 600]
"""
import argparse

import numpy as np
from scipy import stats

SEED = 20261130
COLUMNS, NOISE, HIDDEN = (20, 30, 40), (0.5, 1.0, 2.0), 4


def centred_kernel(x):
    x = x - x.mean(axis=0)
    k = x @ x.T
    n = len(k)
    np.fill_diagonal(k, 0)
    sums = k.sum(axis=1)
    k = k - sums[:, None] / (n - 2) - sums[None] / (n - 2) + sums.sum() / ((n - 1) * (n - 2))
    np.fill_diagonal(k, 0)
    return k


def difference(taps):
    """The difference and its jackknife variance. Without image i an inner product S is S − 2 (n − 2)/(n − 3) c_i."""
    kernels = [centred_kernel(x) for x in taps]
    n = len(kernels[0])
    rows = {(a, b): (kernels[a] * kernels[b]).sum(axis=1) for a in range(3) for b in range(a, 3)}
    whole = {pair: value.sum() for pair, value in rows.items()}
    without = {pair: whole[pair] - 2 * (n - 2) / (n - 3) * rows[pair] for pair in rows}
    def cka(sums, a, b):
        return sums[a, b] / np.sqrt(sums[a, a] * sums[b, b])
    d = cka(without, 0, 1) - cka(without, 0, 2)
    return cka(whole, 0, 1) - cka(whole, 0, 2), (n - 1) / n * ((d - d.mean()) ** 2).sum()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=600)
    options = parser.parse_args()
    rng = np.random.default_rng(SEED)
    weights = [rng.standard_normal((HIDDEN, p)) for p in COLUMNS]
    centres = 1.5 * rng.standard_normal((5, HIDDEN))

    def taps(n, kind):
        if kind == "normal":
            hidden = rng.standard_normal((n, HIDDEN))
        elif kind == "classes":
            hidden = 0.5 * rng.standard_normal((n, HIDDEN)) + centres[rng.integers(0, 5, n)]
        else:
            hidden = rng.standard_t(4, (n, HIDDEN))
        return [hidden @ w + s * rng.standard_normal((n, w.shape[1])) for w, s in zip(weights, NOISE)]

    print(f"numpy {np.__version__}, seed {SEED}, {options.samples} samples a cell\n\n| features | n = 20 | 50 | 200 |\n|---|---|---|---|")
    for kind in ("normal", "classes", "t, 4 degrees"):
        truth = np.mean([difference(taps(2000, kind))[0] for _ in range(8)])
        cells = []
        for n in (20, 50, 200):
            found = np.array([difference(taps(n, kind)) for _ in range(options.samples)])
            half = stats.t.ppf(0.975, n - 1) * np.sqrt(found[:, 1])
            cells.append(f"{np.mean(np.abs(found[:, 0] - truth) <= half):.3f}")
        print(f"| {kind} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
