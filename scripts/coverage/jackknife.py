"""The interval of docs/definitions.md, "Intervals of similarity", for many samples at once: the values and intervals of the program, by numpy.

Arrays have samples first: kernels are [samples, images, images], features [samples, images, columns]. `scripts/check_coverage.py --simulate` compares
the program with this on stores, and fills its table with it.
"""
import math

import numpy as np
from scipy import stats


def linear(x):
    x = x - x.mean(axis=1, keepdims=True)
    return x @ x.swapaxes(1, 2)


def squared_distances(x):
    k = linear(x)
    squares = np.einsum("bii->bi", k)
    return np.maximum(0, squares[:, :, None] + squares[:, None, :] - 2 * k)


def centred(k):
    """U-centred."""
    n, k = k.shape[1], k.copy()
    np.einsum("bii->bi", k)[:] = 0
    rows = k.sum(axis=2)
    k -= rows[:, :, None] / (n - 2) + rows[:, None, :] / (n - 2) - (rows.sum(axis=1) / ((n - 1) * (n - 2)))[:, None, None]
    np.einsum("bii->bi", k)[:] = 0
    return k


def together(m, n):
    """What the squares of the shares of pairs add to J beyond what they are, and what they are."""
    change, rows = 2 * m * (m - 2) / ((m - 1) * (m - 4)), (m - 1) / (m - 2) - 2 * (m - 1) / (m * (m - 3))
    pairs = 2 * (m - 1) / (m - 3)
    return (n - 1) / n * change ** 2 * rows - pairs, pairs


def half_width(without, excess, pairs):
    """t · s, from the figures without each image [samples, images]."""
    n = without.shape[1]
    jackknife = (n - 1) * without.var(axis=1)
    variance = np.maximum(jackknife - excess, pairs / 2)
    kurtosis = np.maximum(0, stats.kurtosis(without, axis=1, bias=False))
    degrees = np.maximum(1, (n - 1) / (1 + kurtosis / 2) * np.clip((variance / jackknife) ** 2, 0.4, 1))
    return stats.t.ppf(0.975, degrees) * np.sqrt(variance)


def on_fishers_scale(value, half):
    middle, width = np.arctanh(value), half / (1 - value ** 2)
    return np.tanh(middle - width), np.tanh(middle + width)


class CKA:
    """Of several taps with the same images; `batches` for the minibatch estimator."""

    def __init__(self, taps, kernel, batches=None):
        self.n = taps[0].shape[1]
        self.batches = [np.arange(self.n)] if batches is None else batches
        self.kernels, self.slopes, self.distances = [], [], []
        for x in taps:
            if kernel == "linear":
                self.kernels.append(linear(x))
                continue
            distances = squared_distances(x)
            first, second = self.pairs()
            median = np.median(distances[:, first, second], axis=1)
            logarithm = -distances / (2 * median[:, None, None])
            self.kernels.append(np.exp(logarithm))
            self.slopes.append(-self.kernels[-1] * logarithm)
            self.distances.append(distances)
        self.weights = [1 / (len(b) * (len(b) - 3)) for b in self.batches]
        self.parts = [[centred(k[:, b[:, None], b]) for k in self.kernels] for b in self.batches]
        count = len(taps)
        self.sums = {(a, b): sum(w * (p[a] * p[b]).sum(axis=(1, 2)) for w, p in zip(self.weights, self.parts))
                     for a in range(count) for b in range(count)}

    def pairs(self):
        """Of images within the batches: the first and the second."""
        pairs = [tuple(b[side] for side in np.triu_indices(len(b), 1)) for b in self.batches]
        return [np.concatenate([p[side] for p in pairs]) for side in (0, 1)]

    def changes(self, tap):
        """The logarithm of the median squared distance without each image, less that of the median of all."""
        first, second = self.pairs()
        values = self.distances[tap][:, first, second]
        order = np.argsort(values, axis=1)
        values, first, second = np.take_along_axis(values, order, 1), first[order], second[order]

        def median(values):
            count = values.shape[1]
            return (values[:, (count - 1) // 2] + values[:, count // 2]) / 2
        without = [median(values[(first != image) & (second != image)].reshape(len(values), -1)) for image in range(self.n)]
        return np.log(np.stack(without, axis=1) / median(values)[:, None])

    def value(self, a, b):
        return self.sums[a, b] / np.sqrt(self.sums[a, a] * self.sums[b, b])

    def without(self, a, b):
        found = np.empty((len(self.kernels[a]), self.n))
        for batch, weight, part in zip(self.batches, self.weights, self.parts):
            m = len(batch)
            sums = []
            for k, l in ((a, b), (a, a), (b, b)):
                rows = (part[k] * part[l]).sum(axis=2)
                own = rows.sum(axis=1, keepdims=True)
                rest = (own - 2 * (m - 2) / (m - 3) * rows) / ((m - 1) * (m - 4))
                sums.append(self.sums[k, l][:, None] - weight * own + rest)
            found[:, batch] = sums[0] / np.sqrt(sums[1] * sums[2])
        for k, l in ((a, b), (b, a)) if self.slopes else ():
            found += self.slope(k, l)[:, None] * self.changes(k)
        return found

    def slope(self, a, b):
        """Of the value along the logarithm of the squared width of the first."""
        def inner(tap):
            return sum(w * (self.slopes[a][:, batch[:, None], batch] * part[tap]).sum(axis=(1, 2))
                       for batch, w, part in zip(self.batches, self.weights, self.parts))
        return inner(b) / np.sqrt(self.sums[a, a] * self.sums[b, b]) - self.value(a, b) * inner(a) / self.sums[a, a]

    def shares(self, a, b):
        def column(number):
            return number[:, None, None]
        norms = column(np.sqrt(self.sums[a, a] * self.sums[b, b]))
        value, first, second = column(self.value(a, b)), column(self.sums[a, a]), column(self.sums[b, b])
        for w, part in zip(self.weights, self.parts):
            k, l = part[a], part[b]
            yield w * (k * l / norms - value * (k * k / (2 * first) + l * l / (2 * second)))

    def squares(self, shares):
        parts = [((q ** 2).sum(axis=(1, 2)), *together(q.shape[1], self.n)) for q in shares]
        return sum(square * excess for square, excess, _ in parts), sum(square * pairs for square, _, pairs in parts)

    def interval(self, a=0, b=1):
        """Value, low, high."""
        value = self.value(a, b)
        return (value, *on_fishers_scale(value, half_width(self.without(a, b), *self.squares(self.shares(a, b)))))

    def difference(self):
        """The value of the first tap with the second less that with the third, low, high."""
        value = self.value(0, 1) - self.value(0, 2)
        shares = (q - r for q, r in zip(self.shares(0, 1), self.shares(0, 2)))
        half = half_width(self.without(0, 1) - self.without(0, 2), *self.squares(shares))
        return value, value - half, value + half


def rsa_interval(x, y):
    """Value, low, high; no two distances are equal."""
    n = x.shape[1]
    first, second = np.triu_indices(n, 1)

    def ranks(features):
        rows = features - features.mean(axis=2, keepdims=True)
        rows /= np.linalg.norm(rows, axis=2, keepdims=True)
        ranks = stats.rankdata(1 - (rows @ rows.swapaxes(1, 2))[:, first, second], axis=1)
        square = np.zeros((len(x), n, n))
        square[:, first, second] = square[:, second, first] = ranks - ranks.mean(axis=1, keepdims=True)
        return square
    a, b = ranks(x), ranks(y)

    def without(k, l):
        products, sums = k * l, k.sum(axis=2) * l.sum(axis=2)
        return products.sum(axis=(1, 2))[:, None] - 2 * products.sum(axis=2) - 4 * sums / ((n - 1) * (n - 2))
    norm = (a * a).sum(axis=(1, 2))
    value = (a * b).sum(axis=(1, 2)) / norm
    q = (a * b - value[:, None, None] * (a * a + b * b) / 2) / norm[:, None, None]
    squares = 2 * (q ** 2).sum(axis=(1, 2))
    half = half_width(without(a, b) / np.sqrt(without(a, a) * without(b, b)), squares, squares)
    return (value, *on_fishers_scale(value, half))


def in_pieces(samples, images):
    """How many samples at a time are worth the memory."""
    size = max(1, min(samples, 2_000_000 // (images * images)))
    return [min(size, samples - first) for first in range(0, samples, size)]


def random_batches(rng, images, size):
    """As the program deals them, from another stream of random numbers."""
    count = max(1, min(math.ceil(images / size), images // 4))
    order = rng.permutation(images)
    return [np.sort(order[b * images // count:(b + 1) * images // count]) for b in range(count)]
