#!/usr/bin/env python3
"""Whether the corrected p-values of similarity_null.csv hold their level: families of pairs of taps without any relation, and
families in which some taps are related and the other pairs are not.

Debiased linear CKA in numpy; one random permutation of the images serves all pairs of a family, as in the program; corrected by
the step-down maximum (Westfall and Young 1993). Printed: the share of families in which any pair without a relation has a
corrected p of at most a level, which shall be no more than the level, and the same of uncorrected ones.

Usage: null_correction.py [--families 2000]
"""
import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "fixtures"))
from chance import step_down  # noqa: E402

SEED = 20261130
PERMUTATIONS = 99
LEVELS = (0.05, 0.1, 0.2)


def centred_kernels(taps):
    """U-centred kernels of norm 1, [taps, images, images]: CKA is then a sum of products."""
    kernels = []
    for x in taps:
        x = x - x.mean(axis=0)
        k = x @ x.T
        n = len(k)
        np.fill_diagonal(k, 0)
        sums = k.sum(axis=1)
        k = k - sums[:, None] / (n - 2) - sums[None] / (n - 2) + sums.sum() / ((n - 1) * (n - 2))
        np.fill_diagonal(k, 0)
        kernels.append(k / np.linalg.norm(k))
    return np.stack(kernels)


def family(rng, images, columns, related):
    """The corrected and plain p-values of all pairs, and which have no relation. `related` taps share hidden features."""
    hidden = rng.normal(size=(images, 3))
    taps = [rng.normal(size=(images, p)) + (2 * hidden @ rng.normal(size=(3, p)) if t < related else 0)
            for t, p in enumerate(columns)]
    k = centred_kernels(taps)
    pairs = [(a, b) for a in range(len(taps)) for b in range(a + 1, len(taps))]
    def scores(order):
        inner = k.reshape(len(k), -1) @ k[:, order][:, :, order].reshape(len(k), -1).T
        return np.array([inner[a, b] for a, b in pairs])
    values = scores(np.arange(images))
    null = np.stack([scores(rng.permutation(images)) for _ in range(PERMUTATIONS)], axis=1)
    plain = (1 + (null >= values[:, None]).sum(axis=1)) / (1 + PERMUTATIONS)
    unrelated = np.array([b >= related for _, b in pairs])
    return step_down(values, null), plain, unrelated


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--families", type=int, default=2000)
    options = parser.parse_args()
    rng = np.random.default_rng(SEED)
    print(f"numpy {np.__version__}, seed {SEED}, {options.families} families, {PERMUTATIONS} permutations\n")
    print("| images | taps | related | " + " | ".join(f"any corrected p ≤ {x}" for x in LEVELS) + " | any plain p ≤ 0.05 | "
          "related pairs found |")
    print("|" + "---|" * (len(LEVELS) + 5))
    for images, columns, related in ((20, [3, 5, 8, 20, 40, 200], 0), (50, [3, 5, 8, 20, 40, 200], 0), (20, [30] * 8, 0),
                                     (30, [5, 10, 20, 40, 5, 10, 20, 40], 4)):
        least, plain, found = [], [], []
        for _ in range(options.families):
            p, q, unrelated = family(rng, images, columns, related)
            least.append(p[unrelated].min())
            plain.append(q[unrelated].min())
            found.append(np.mean(p[~unrelated] <= 0.05) if related else np.nan)
        shares = " | ".join(f"{np.mean(np.array(least) <= x + 1e-9):.3f}" for x in LEVELS)
        power = f"{np.mean(found):.2f}" if related else ""
        print(f"| {images} | {len(columns)} | {related} | {shares} | {np.mean(np.array(plain) <= 0.05 + 1e-9):.3f} | {power} |",
              flush=True)


if __name__ == "__main__":
    main()
