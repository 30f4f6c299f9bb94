"""95 % intervals of means and medians over images by numpy and scipy, as docs/definitions.md has them. x [..., images]."""
import numpy as np
from scipy import stats


def student(x):
    n = x.shape[-1]
    half = stats.t.ppf(0.975, n - 1) * x.std(axis=-1, ddof=1) / np.sqrt(n)
    return x.mean(axis=-1) - half, x.mean(axis=-1) + half


def skewed(mean, deviation, skewness, n, deviate, growth=1.0):
    """Hall (1992): Student's interval where the studentised mean has no skewness; beyond the mean on the long side the skewness counts
    growth · |skewness| / √n times more, on the short side only half of it."""
    long, short, reach = skewness * (1 + growth * np.abs(skewness) / np.sqrt(n)), skewness / 2, deviate / np.sqrt(n)

    def untransformed(y, g):
        none = np.abs(g) < 1e-12
        safe = np.where(none, 1, g)
        return np.where(none, y, 3 * (np.cbrt(1 + safe * (y - safe / (6 * n))) - 1) / safe)

    return (mean - deviation * untransformed(reach, np.where(skewness < 0, long, short)),
            mean - deviation * untransformed(-reach, np.where(skewness < 0, short, long)))


FEWEST_BESIDE_ONE = 5


def hall(x):
    """Of a sample; growth 1, but 0 where several figures are the least or the greatest. None where half of them or more are and fewer than
    FEWEST_BESIDE_ONE others stand beside them."""
    n = x.shape[-1]
    if n < 2:
        return np.full(x.shape[:-1], np.nan), np.full(x.shape[:-1], np.nan)
    with np.errstate(all="ignore"):
        skewness = np.nan_to_num(stats.skew(x, axis=-1, bias=False)) if n > 2 else np.zeros(x.shape[:-1])
    same = np.maximum(*((x == end).sum(axis=-1) for end in (x.min(axis=-1, keepdims=True), x.max(axis=-1, keepdims=True))))
    low, high = skewed(x.mean(axis=-1), x.std(axis=-1, ddof=1), skewness, n, stats.t.ppf(0.975, n - 1), np.where(same > 1, 0.0, 1.0))
    none = (2 * same >= n) & (same > 1) & (n - same < FEWEST_BESIDE_ONE)
    return np.where(none, np.nan, low), np.where(none, np.nan, high)


def median(x):
    """Hettmansperger and Sheather (1986); none of fewer than six."""
    n = x.shape[-1]
    depth = int(stats.binom.ppf(0.025, n, 0.5))
    while depth > 0 and 2 * stats.binom.cdf(depth - 1, n, 0.5) > 0.05:
        depth -= 1
    while 2 * stats.binom.cdf(depth, n, 0.5) <= 0.05:
        depth += 1
    if depth == 0:
        return None
    here, next_one = (1 - 2 * stats.binom.cdf(d - 1, n, 0.5) for d in (depth, depth + 1))
    share = (here - 0.95) / (here - next_one)
    inner = (n - depth) * share / (depth + (n - 2 * depth) * share)
    ordered = np.sort(x, axis=-1)
    return ((1 - inner) * ordered[..., depth - 1] + inner * ordered[..., depth],
            (1 - inner) * ordered[..., n - depth] + inner * ordered[..., n - depth - 1])


def of_mean_error(errors):
    """The PSNR of the mean error: the interval of the mean, which is no less than the least error (of five images or more)."""
    low, high = hall(errors)
    if errors.shape[-1] >= 5:
        low = np.maximum(low, errors.min(axis=-1))
    with np.errstate(all="ignore"):
        return np.where(low > 0, -10 * np.log10(high), np.nan), np.where(low > 0, -10 * np.log10(low), np.nan)
