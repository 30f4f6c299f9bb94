#!/usr/bin/env python3
"""What `analyze prototypes` comes to where the truth is known, by numpy: chance levels without any effect, and how often intervals hold the value that
many samples have on average.

    scripts/coverage/prototypes.py chance      figures of pure noise, beside what definitions.md says of them
    scripts/coverage/prototypes.py coverage    share of 95 % intervals of the jackknife that hold the true value

Figures and intervals are those of docs/definitions.md, "Prototypes", written anew on the matrix of inner products. A minute on one core.
"""
import sys

import numpy as np
from scipy import stats

METRICS = ["separability", "separability_adjusted", "within_spread", "nearest_accuracy", "silhouette"]
GROUPS = 20


def figures(gram, labels):
    n, k = len(labels), labels.max() + 1
    member = np.eye(k)[labels]
    sizes = member.sum(0)
    sums = gram @ member
    totals, squares = (member * sums).sum(0), np.diag(gram)
    size, mine = sizes[labels], sums[np.arange(n), labels]
    distance = squares - 2 * mine / size + totals[labels] / size ** 2
    within, total = distance.sum(), squares.sum() - sums.sum() / n
    spread = (distance * size / (size - 1)).mean() / (total / (n - 1))
    own = distance * (size / (size - 1)) ** 2
    pooled = (within - distance * size / (size - 1)) / (n - k - 1)
    norms = (totals[labels] - 2 * mine + squares) / (size - 1) ** 2
    to = squares[:, None] - 2 * (sums[:, labels] - gram) / (size - 1) + norms \
        + pooled[:, None] * (1 / (size - 1)[:, None] - 1 / (size - 1))
    farther = (to > own[:, None]) @ member / sizes
    farther[np.arange(n), labels] = 1
    hits = farther.prod(1)
    beside = to @ member / sizes
    beside[np.arange(n), labels] = np.inf
    a, b = np.sqrt(own), np.sqrt(np.maximum(0, beside.min(1)))
    return np.array([
        1 - within / total, 1 - within / (n - k) / (total / (n - 1)), np.sqrt(spread),
        np.mean([hits[labels == c].mean() for c in range(k)]), ((b - a) / np.maximum(a, b)).mean()])


def deviations(gram, labels):
    """Of the jackknife over groups."""
    order = np.argsort(labels, kind="stable")
    count = min(GROUPS, len(labels))
    groups = np.empty(len(labels), int)
    groups[order] = np.arange(len(labels)) % count
    without = np.array([figures(gram[np.ix_(groups != g, groups != g)], labels[groups != g]) for g in range(count)])
    return np.sqrt((count - 1) / count * ((without - without.mean(0)) ** 2).sum(0)), count


def sample(sizes, columns, kind, means, rng):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    shape = (len(labels), columns)
    noise = rng.standard_t(3, shape) / np.sqrt(3) if kind == "t3" else rng.normal(size=shape)
    if kind == "correlated":
        noise *= 3 * np.arange(1, columns + 1) ** -0.7
    features = noise + means[labels]
    features -= features.mean(0)
    return features @ features.T, labels


def chance():
    rng = np.random.default_rng(0)
    for sizes, columns, repeats in (
            ([20, 20], 100_000, 12), ([2, 8] * 12, 3000, 40), ([2] * 24, 3000, 40), ([5, 30], 3000, 60), ([3] * 3, 50, 400)):
        none = np.zeros((len(sizes), columns))
        found = np.array([figures(*sample(sizes, columns, "independent", none, rng)) for _ in range(repeats)])
        n, k = sum(sizes), len(sizes)
        print(f"{k} classes of {sorted(set(sizes))} images, {columns} columns; expected", np.round(
            [(k - 1) / (n - 1), 0, 1, 1 / k], 3))
        for metric, mean, error in zip(METRICS, found.mean(0), found.std(0) / np.sqrt(repeats)):
            print(f"    {metric:22} {mean:.4f} ± {error:.4f}")


def coverage():
    for sizes, columns, effect in (
            ([5] * 4, 20, .5), ([5] * 4, 50, .8), ([10] * 2, 20, .3), ([25] * 2, 50, .6), ([10] * 5, 200, .5),
            ([50] * 4, 20, .15), ([20] * 10, 50, .6), ([6, 10, 20, 20], 20, 1), ([8] * 25, 100, .5)):
        for kind in ("independent", "correlated", "t3"):
            rng = np.random.default_rng(7)
            means = effect * rng.normal(size=(len(sizes), columns))
            truth = np.mean([figures(*sample(sizes, columns, kind, means, rng)) for _ in range(600)], 0)
            held = np.zeros(len(METRICS))
            for _ in range(200):
                gram, labels = sample(sizes, columns, kind, means, rng)
                deviation, count = deviations(gram, labels)
                held += abs(figures(gram, labels) - truth) <= stats.t.ppf(.975, count - 1) * deviation
            print(f"{len(sizes)} classes of {sorted(set(sizes))}, {kind}:", ", ".join(
                f"{metric} {share:.3f}" for metric, share in zip(METRICS, held / 200)), flush=True)


if __name__ == "__main__":
    dict(chance=chance, coverage=coverage)[sys.argv[1]]()
