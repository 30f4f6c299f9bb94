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
    """Low and high of separability, its adjusted form, the spread and each class's spread, by the jackknife over groups and pairs of groups."""
    n, k = len(x), labels.max() + 1
    count = min(GROUPS, n)
    order = np.argsort(labels, kind="stable")
    groups = np.empty(n, int)
    groups[order] = np.arange(n) % count
    sizes, squares, sums = np.zeros((count, k)), np.zeros((count, k)), np.zeros((count, k, x.shape[1]))
    np.add.at(sizes, (groups, labels), 1)
    np.add.at(squares, (groups, labels), (x ** 2).sum(1))
    np.add.at(sums, (groups, labels), x)

    def values(sizes, squares, sums):
        """Of arrays [..., classes], [..., classes, columns]."""
        within = squares - (sums ** 2).sum(-1) / sizes
        images = sizes.sum(-1)
        variance = (squares.sum(-1) - (sums.sum(-2) ** 2).sum(-1) / images) / (images - 1)
        spreads = within / (sizes - 1) / variance[..., None]
        inside = within.sum(-1) / variance
        return np.concatenate([np.stack([1 - inside / (images - 1), 1 - inside / (images - k), np.sqrt((spreads * sizes).sum(-1) / images)], -1),
                               np.sqrt(spreads)], -1)
    whole = [m.sum(0) for m in (sizes, squares, sums)]
    value = values(*whole)
    single = values(*(w - m for w, m in zip(whole, (sizes, squares, sums))))
    d, e = np.tril_indices(count, -1)
    double = values(*(w - m[d] - m[e] for w, m in zip(whole, (sizes, squares, sums))))
    together = count * value - (count - 1) * (single[d] + single[e]) + (count - 2) * double
    jackknife = (count - 1) * single.var(0)
    excess = together.var(0) * len(d) / (count * (count - 1))
    variance = np.maximum(jackknife - excess, excess / 2)
    kurtosis = np.maximum(0, stats.kurtosis(single, axis=0, bias=False))
    degrees = np.maximum(1, (count - 1) / (1 + kurtosis / 2) * np.clip((variance / jackknife) ** 2, 0.4, 1))
    degrees = np.minimum(degrees, np.append([n - 1] * 3, whole[0] - 1))
    half = stats.t.ppf(0.975, degrees) * np.sqrt(variance)
    return value, value - half, value + half


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
            ([5] * 4, 30, .6), ([10] * 5, 30, 0), ([10] * 5, 30, .6), ([25] * 2, 50, .3), ([5] * 10, 30, .2), ([10] * 5, 200, .5), ([40] * 5, 30, .2),
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
            cells = [*(f"{h:.3f}" for h in held[:3]), f"{held[3:].mean():.3f}"]
            print(f"| {classes} | {columns} | {effect} | {kind} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    dict(chance=chance, coverage=coverage)[sys.argv[1]]()
