"""95 % intervals of means and medians over images by numpy and scipy, as docs/definitions.md has them. x [..., images]."""
import numpy as np
from scipy import stats


def student(x):
    n = x.shape[-1]
    half = stats.t.ppf(0.975, n - 1) * x.std(axis=-1, ddof=1) / np.sqrt(n)
    return x.mean(axis=-1) - half, x.mean(axis=-1) + half


def hall(x, growth=1.0, short=0.5):
    """Hall (1992): Student's interval where the studentised mean has no skewness; beyond the mean on the long side the skewness counts
    growth · |skewness| / √n times more, on the short side only so much of it."""
    n = x.shape[-1]
    if n < 3:
        return student(x)
    with np.errstate(all="ignore"):
        skewness = np.nan_to_num(stats.skew(x, axis=-1, bias=False))
    long = skewness * (1 + growth * np.abs(skewness) / np.sqrt(n))
    t = stats.t.ppf(0.975, n - 1) / np.sqrt(n)

    def untransformed(y, g):
        none = np.abs(g) < 1e-12
        safe = np.where(none, 1, g)
        return np.where(none, y, 3 * (np.cbrt(1 + safe * (y - safe / (6 * n))) - 1) / safe)

    mean, deviation = x.mean(axis=-1), x.std(axis=-1, ddof=1)
    return (mean - deviation * untransformed(t, np.where(skewness < 0, long, short * skewness)),
            mean - deviation * untransformed(-t, np.where(skewness < 0, short * skewness, long)))


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
