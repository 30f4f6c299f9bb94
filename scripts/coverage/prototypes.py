#!/usr/bin/env python3
"""What `analyze prototypes` comes to where the truth is known, by numpy: chance levels without any effect, and how often intervals hold the value that
many samples have on average.

    scripts/coverage/prototypes.py chance      figures of pure noise, beside what definitions.md says of them
    scripts/coverage/prototypes.py coverage    share of 95 % intervals of the jackknife that hold the true value

Figures and intervals are those of docs/definitions.md, "Prototypes", written anew on the matrix of inner products. A quarter of an hour on one core.
"""
import sys

import numpy as np
from scipy import stats

import intervals as by_hall

METRICS = ["separability", "separability_adjusted", "within_spread", "nearest_accuracy", "silhouette"]
LEAST_OF_CLASS = 8
SAMPLES = 1000


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


def intervals(x, labels):
    """Value, low and high of separability, its adjusted form, the spread and each class's spread, by the jackknife over images and pairs of images;
    none of a class with fewer than LEAST_OF_CLASS images."""
    n, k, sizes = len(x), labels.max() + 1, np.bincount(labels)
    centred = x - x.mean(0)
    inside = x - np.array([x[labels == c].mean(0) for c in range(k)])[labels]
    crossed, crossed_inside = centred @ centred.T, inside @ inside.T
    whole, own = np.diag(crossed), np.diag(crossed_inside)
    within, size = np.bincount(labels, own, k), sizes[labels]

    def of(within, sizes, variance):
        """ε² and the spread, of sums of squares [classes, ...]."""
        n = sizes.sum(0)
        return np.array([1 - within.sum(0) / (n - k) / variance, np.sqrt((within * sizes / (sizes - 1)).sum(0) / n / variance)])
    value = np.concatenate([of(within, sizes, whole.sum() / (n - 1)), np.sqrt(within / (sizes - 1) / (whole.sum() / (n - 1)))])
    is_own = labels == np.arange(k)[:, None]
    left = np.where(is_own, (within[labels] - own * size / (size - 1)), within[:, None])
    variance = (whole.sum() - whole * n / (n - 1)) / (n - 2)
    counts = sizes[:, None] - is_own
    single = np.concatenate([of(left, counts, variance), np.sqrt(left / (counts - 1) / variance)])
    i, j = np.triu_indices(n, 1)
    variance = (whole.sum() - (whole[i] + whole[j]) * (n - 1) / (n - 2) - 2 * crossed[i, j] / (n - 2)) / (n - 3)
    counts = sizes[:, None] - is_own[:, i] - is_own[:, j]
    both = within[:, None] - is_own[:, i] * (own * size / (size - 1))[i] - is_own[:, j] * (own * size / (size - 1))[j]
    same = np.flatnonzero(labels[i] == labels[j])
    c, a, b = labels[i[same]], i[same], j[same]
    both[c, same] = within[c] - ((own[a] + own[b]) * (sizes[c] - 1) + 2 * crossed_inside[a, b]) / (sizes[c] - 2)
    double = np.concatenate([of(both, counts, variance), np.sqrt(both / (counts - 1) / variance)])
    together = n * value[:, None] - (n - 1) * (single[:, i] + single[:, j]) + (n - 2) * double
    jackknife = (n - 1) * single.var(1)
    excess = together.var(1) * len(i) / (n * (n - 1))
    variance = np.maximum(jackknife - excess, excess / 2)
    kurtosis = np.maximum(0, stats.kurtosis(single, axis=1, bias=False))
    tails = np.append([1, 1], np.full(k, 0.75))
    degrees = np.maximum(1, (n - 1) / (1 + tails * kurtosis) * np.clip((variance / jackknife) ** 2, 0.4, 1))
    degrees = np.minimum(degrees, np.append([n - 1] * 2, sizes - 1))
    skewness = -stats.skew(single, axis=1, bias=False) * np.maximum(0, 1 - excess / jackknife) ** 1.5
    low, high = by_hall.skewed(value, np.sqrt(n * variance), skewness, n, stats.t.ppf(0.975, degrees))
    low[2:][sizes < LEAST_OF_CLASS] = high[2:][sizes < LEAST_OF_CLASS] = np.nan
    share = (n - k) / (n - 1)
    return tuple(np.insert(numbers, 0, 1 - (1 - numbers[0]) * share) for numbers in (value, low, high))


def sample(sizes, columns, kind, means, rng):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    shape = (len(labels), columns)
    noise = rng.standard_t(3, shape) / np.sqrt(3) if kind == "t3" else rng.normal(size=shape)
    if kind == "correlated":
        noise *= 3 * np.arange(1, columns + 1) ** -0.7
    features = noise + means[labels]
    return features - features.mean(0), labels


def chance():
    rng = np.random.default_rng(0)
    for sizes, columns, repeats in (
            ([20, 20], 100_000, 12), ([2, 8] * 12, 3000, 40), ([2] * 24, 3000, 40), ([5, 30], 3000, 60), ([3] * 3, 50, 400)):
        none = np.zeros((len(sizes), columns))
        drawn = (sample(sizes, columns, "independent", none, rng) for _ in range(repeats))
        found = np.array([figures(x @ x.T, labels) for x, labels in drawn])
        n, k = sum(sizes), len(sizes)
        print(f"{k} classes of {sorted(set(sizes))} images, {columns} columns; expected", np.round(
            [(k - 1) / (n - 1), 0, 1, 1 / k], 3))
        for metric, mean, error in zip(METRICS, found.mean(0), found.std(0) / np.sqrt(repeats)):
            print(f"    {metric:22} {mean:.4f} ± {error:.4f}")


def coverage():
    heads = ["classes", "columns", "separation", "features", "separability", "adjusted", "within_spread", "of a class"]
    print(f"numpy {np.__version__}, {SAMPLES} samples a cell\n\n| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
    for sizes, columns, effect in (
            ([5] * 4, 30, .6), ([8] * 5, 30, .2), ([10] * 5, 30, 0), ([10] * 5, 30, .6), ([25] * 2, 50, .3), ([5] * 10, 30, .2), ([10] * 5, 200, .5), ([40] * 5, 30, .2),
            ([40] * 5, 30, .6), ([20] * 10, 50, .6), ([6, 10, 20, 20], 20, 1), ([8] * 25, 100, .5)):
        for kind in ("independent", "correlated", "t3"):
            rng = np.random.default_rng(7)
            means = effect * rng.normal(size=(len(sizes), columns))
            found = [np.array(intervals(*sample(sizes, columns, kind, means, rng))) for _ in range(SAMPLES)]
            values, low, high = np.stack(found, 1)
            # Figures depend on the number of images, so that the truth is their mean.
            truth = values.mean(0)
            held = ((low <= truth) & (truth <= high)).mean(0)
            classes = f"{len(sizes)} of {sizes[0]}" if len(set(sizes)) == 1 else f"{len(sizes)} of {min(sizes)} to {max(sizes)}"
            printed = np.isfinite(low[0])[3:]
            cells = [*(f"{h:.3f}" for h in held[:3]), f"{held[3:][printed].mean():.3f}" if printed.any() else "none"]
            print(f"| {classes} | {columns} | {effect} | {kind} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    dict(chance=chance, coverage=coverage)[sys.argv[1]]()
