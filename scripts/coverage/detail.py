#!/usr/bin/env python3
"""How often the 95 % intervals of the cut-offs of `analyze detail` hold the true cut-off, by numpy.

Powers and cross power of an image in every ring are drawn as those of an input of 1/f² that is blurred and gets noise; how strong the contrast is, how far it
is blurred and how much noise there is differ from image to image, by lognormal factors of the given σ (of power the contrast's σ is twice as large).
Intervals are those of docs/definitions.md, *Detail*; scripts/fixtures/detail.py makes the reference values of the program's.

Usage: detail.py [--samples 1500] [--write docs/definitions.md]     (a minute)
"""
import argparse
from pathlib import Path

import numpy as np

import intervals

SEED = 3
SIZES = (5, 20, 50, 200)
RINGS = np.arange(1, 13)
PLACES = np.maximum(2, np.round(np.pi * RINGS))
# Spread of the contrast, of the blur and of the noise, and the noise.
LAWS = {"even": (0.3, 0.2, 0.3, 0.3), "uneven": (0.5, 0.3, 0.5, 0.3), "noisy": (0.5, 0.3, 0.5, 0.8), "heavy tails": (0.8, 0.5, 0.8, 0.3)}


def powers(rng, samples, images, contrast, blur, unrest, noise):
    """Of input, of reconstruction and of both, [samples, images, rings]."""
    def factor(spread):
        return np.exp(spread * rng.normal(size=(samples, images, 1)))

    def power(strength):
        return strength ** 2 * RINGS ** -2.0 * rng.gamma(PLACES, 1 / PLACES, size=(samples, images, len(RINGS)))

    a = power(factor(contrast))
    kept = np.exp(-0.5 * (RINGS / (6 * factor(blur))) ** 2)
    e = power(noise * factor(unrest))
    chance = np.sqrt(a * e / (2 * PLACES)) * rng.normal(size=a.shape)
    return a, kept ** 2 * a + 2 * kept * chance + e, kept * a + chance


def crossing(curve, level):
    """The first frequency at which curves [..., rings] fall below a level, linear between rings."""
    first = (curve < level).argmax(axis=-1)
    before, at = (np.take_along_axis(curve, np.maximum(first - k, 0)[..., None], -1)[..., 0] for k in (1, 0))
    between = first + (before - level) / np.where(before == at, 1, before - at)
    return np.where((curve < level).any(axis=-1), np.where(first == 0, 0, between), curve.shape[-1])


def cut_offs(a, b, c):
    """Of powers that are summed over images."""
    frc = c / np.sqrt(a * b)
    return dict(cutoff_coherence=crossing(frc ** 2, 0.5), cutoff_power=crossing(b / a, 0.5), cutoff_frc_half=crossing(frc, 0.5),
                cutoff_frc_seventh=crossing(frc, 1 / 7))


def ends(a, b, c):
    input_power, output_power = a.mean(axis=1), b.mean(axis=1)
    scale, balance = np.sqrt(input_power * output_power), np.sqrt(output_power / input_power)[:, None]
    sign = np.where(c.mean(axis=1) < 0, -1, 1)[:, None]

    def of(figures, scale, level, shown=lambda curve: curve):
        return [crossing(shown(level + end / scale), shown(level)) for end in intervals.hall(np.moveaxis(figures, 1, -1))]

    def correlation(level, sign=1):
        return sign * c - level / 2 * (balance * a + b / balance)

    root = np.sqrt(0.5)
    return dict(
        cutoff_coherence=of(correlation(root, sign), scale, root, lambda curve: np.maximum(0, curve) ** 2),
        cutoff_power=of(b - 0.5 * a, input_power, 0.5), cutoff_frc_half=of(correlation(0.5), scale, 0.5),
        cutoff_frc_seventh=of(correlation(1 / 7), scale, 1 / 7))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=1500)
    parser.add_argument("--write", type=Path, help="replace the table between the comments 'detail' of this page")
    options = parser.parse_args()
    rng, lines = np.random.default_rng(SEED), []
    for name, law in LAWS.items():
        sums = np.sum([[part.sum(axis=1)[0] for part in powers(rng, 1, 40_000, *law)] for _ in range(10)], axis=0)
        truth = cut_offs(*sums)
        if not lines:
            lines = ["| images differ | n | " + " | ".join(f"`{metric}`" for metric in truth) + " |", "|" + "---|" * (len(truth) + 2)]
        for n in SIZES:
            found = ends(*powers(rng, options.samples, n, *law))
            cells = (f"{((low <= truth[m]) & (truth[m] <= high)).mean():.3f} ({truth[m]:.1f}, {(high - low).mean():.1f})"
                     for m, (low, high) in found.items())
            lines.append(f"| {name} | {n} | " + " | ".join(cells) + " |")
            print(lines[-1], flush=True)
    if options.write:
        before, rest = options.write.read_text().split("<!-- detail -->\n", 1)
        after = rest.split("<!-- /detail -->", 1)[1]
        options.write.write_text(before + "<!-- detail -->\n" + "\n".join(lines) + "\n<!-- /detail -->" + after)


if __name__ == "__main__":
    main()
