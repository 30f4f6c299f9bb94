#!/usr/bin/env python3
"""How often 95 % intervals hold what they should: the program runs on stores of features whose true value is known.

For every kind of features and number of images many samples are drawn and written with h5py, `palimpsest analyze` computes values and
intervals, and the share of intervals that hold the true value is printed. Features:

    unrelated    two taps that have nothing to do with each other (true CKA 0)
    correlated   two noisy views of five hidden numbers
    decaying     columns whose variance falls as 1/k²: a few directions are all there is
    classes      ten classes, each with its own mean at both taps
    heavy tails  as correlated, but all numbers of Student's t with three degrees of freedom

Writing so many stores takes hours. With --simulate values and intervals of similarity, quality and color are computed by numpy
(scripts/coverage/jackknife.py and intervals.py) instead, after those of the program were found to be the same on one store of every kind and size.

The true value of linear CKA follows from the covariances; that of RBF CKA and RSA is taken from many samples of 1,000 images, that of means
(quality, colour) from as many. Of prototypes it is the mean over all samples of the same size, for their measures depend on it.

p-values of `--permutations` are checked on unrelated taps: alone, and after the correction over all pairs of a run.

Usage: check_coverage.py [--palimpsest .build/release/palimpsest] [--samples 400] [--simulate] [--only similarity,chance,quality,color,prototypes]
                         [--write docs/definitions.md]

With --write what was measured replaces what the page has of it; of what --only leaves out the page keeps its rows.

Status 1 where intervals hold the true value in less than 93 % or more than 97 % of the samples, or p-values are too small, by more than chance explains.
"""
import argparse
import csv
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
from scipy import stats

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "scripts/coverage"))
sys.path.insert(0, str(ROOT / "scripts/fixtures"))
import intervals  # noqa: E402
import jackknife  # noqa: E402
from similarity import split  # noqa: E402

SEED = 20261130
SIZES = (20, 50, 200)
KINDS = ("unrelated", "correlated", "decaying", "classes", "heavy tails")
COLUMNS = 30
CLASSES = 10


# MARK: Features

class Features:
    """Pairs of taps of one kind; the same mixing in all samples."""

    def __init__(self, kind, rng):
        self.kind = kind
        self.mix = [rng.normal(size=(5, COLUMNS)) for _ in range(2)]
        self.means = [0.7 * rng.normal(size=(CLASSES, COLUMNS)) for _ in range(2)]

    def sample(self, rng, n):
        noise = lambda: rng.normal(size=(n, COLUMNS))
        if self.kind == "unrelated":
            return noise(), noise()
        if self.kind == "correlated":
            hidden = rng.normal(size=(n, 5))
            return [hidden @ mix + noise() for mix in self.mix]
        if self.kind == "heavy tails":
            hidden = rng.standard_t(3, size=(n, 5))
            return [hidden @ mix + rng.standard_t(3, size=(n, COLUMNS)) for mix in self.mix]
        if self.kind == "decaying":
            scales, first = 1 / np.arange(1, COLUMNS + 1), noise()
            return first * scales, (0.8 * first + 0.6 * noise()) * scales
        labels = rng.integers(CLASSES, size=n)
        return [means[labels] + noise() for means in self.means]

    def linear(self):
        """CKA of the covariances; those of Student's t are the normal ones times a factor that cancels."""
        if self.kind == "unrelated":
            return 0.0
        if self.kind == "decaying":
            own = np.diag(1 / np.arange(1, COLUMNS + 1) ** 2.0)
            both, other = 0.8 * own, own
        else:
            a, b = self.mix if self.kind in ("correlated", "heavy tails") else [
                (m - m.mean(axis=0)) / math.sqrt(CLASSES) for m in self.means]
            own, other, both = a.T @ a + np.eye(COLUMNS), b.T @ b + np.eye(COLUMNS), a.T @ b
        return (both ** 2).sum() / math.sqrt((own ** 2).sum() * (other ** 2).sum())

    def samples(self, rng, n, count):
        """Two arrays [samples, images, columns]."""
        return map(np.stack, zip(*(self.sample(rng, n) for _ in range(count))))

    def truths(self, rng):
        """By measure."""
        if self.kind == "unrelated":
            return dict(cka_linear=0.0, cka_rbf=0.0, rsa=0.0)
        rbf, ranks = [], []
        for _ in range(60):
            x, y = self.samples(rng, 1000, 1)
            kernels = [jackknife.squared_distances(m) for m in (x, y)]
            rbf.append(debiased(*(np.exp(-d[0] / (2 * np.median(d[0][np.triu_indices(1000, 1)]))) for d in kernels)))
            upper = np.triu_indices(1000, 1)
            ranks.append(stats.spearmanr(*((1 - np.corrcoef(m[0]))[upper] for m in (x, y))).statistic)
        return {"cka_linear": self.linear(), "cka_rbf": float(np.mean(rbf)), "rsa": float(np.mean(ranks))}


def debiased(k, l):
    k, l = (jackknife.centred(m[None])[0] for m in (k, l))
    return (k * l).sum() / math.sqrt((k ** 2).sum() * (l ** 2).sum())


# MARK: Stores

def write_store(path, conditions, labels=None, inputs=None, reconstructions=None):
    """`conditions` maps a condition to its taps, `[n, columns]` each; `reconstructions` maps names to `[n, height, width, 3]`."""
    n = len(next(iter((conditions.get("original") or reconstructions).values())))
    with h5py.File(path, "w") as file:
        file.attrs.update(format="palimpsest.features", version=1, model=path.stem, family="other")
        file["images/path"] = [f"{i:05}.png" for i in range(n)]
        file["images/label"] = np.full(n, -1, np.int32) if labels is None else labels.astype(np.int32)
        file["images/label"].attrs["names"] = [f"class {c}" for c in range(CLASSES)]
        for condition, taps in conditions.items():
            for name, value in taps.items():
                data = file.create_dataset(f"features/{condition}/{name}", data=value[:, None, :].astype(np.float32))
                data.attrs["grid"], data.attrs["prefix_tokens"] = np.zeros(0, np.int64), 0
            file[f"features/{condition}"].attrs["taps"] = list(taps)
        if reconstructions:
            file["inputs/original"] = inputs
            for name, value in reconstructions.items():
                file[f"reconstructions/original/{name}"] = value
            file["reconstructions/original"].attrs["taps"] = list(reconstructions)


class Program:
    def __init__(self, path, folder):
        self.path, self.folder = path, folder

    def table(self, name, *arguments):
        """The rows of a table of `palimpsest analyze …`."""
        command = [self.path, "analyze", *map(str, arguments), "--quiet", "--out", str(self.folder / "results")]
        outcome = subprocess.run(command, capture_output=True, text=True)
        if outcome.returncode:
            sys.exit(f"{' '.join(command[:4])} …: {outcome.stderr.strip()}")
        with open(self.folder / "results" / name, newline="") as file:
            return list(csv.DictReader(file))


class Coverage:
    """Shares of intervals that hold the true value, for a table."""

    def __init__(self):
        self.held, self.errors = {}, {}

    def add(self, row, column, truth, low, high, value):
        if low == "":
            self.held.setdefault((row, column), []).append(None)
            return
        self.held.setdefault((row, column), []).append(float(low) <= truth <= float(high))
        self.errors.setdefault((row, column), []).append(float(value) - truth)

    def text(self, row, column):
        held = self.held.get((row, column))
        if not held:
            return ""
        held = [h for h in held if h is not None]
        return f"{np.mean(held):.3f}".lstrip("0") if held else "none"

    def problems(self):
        """Those that hold too seldom or too often: by more than three standard errors under 93 or over 97 %."""
        for (row, column), held in self.held.items():
            held = [h for h in held if h is not None]
            if held and np.mean(held) < 0.93 - 3 * math.sqrt(0.93 * 0.07 / len(held)):
                yield f"{column} of {', '.join(map(str, row))}: {np.mean(held):.3f} of {len(held)} intervals hold the true value"
            if held and np.mean(held) > 0.97 + 3 * math.sqrt(0.97 * 0.03 / len(held)):
                yield f"{column} of {', '.join(map(str, row))}: {np.mean(held):.3f} of {len(held)} intervals hold the true value, too many"


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


# MARK: What is checked

SIMILARITY = (("cka_linear", "debiased"), ("cka_rbf", "debiased"), ("cka_linear", "minibatch"), ("rsa", "spearman"))


def programs(program, pairs, n):
    """Rows of the program of as many stores as there are pairs of taps."""
    paths = []
    for number, (x, y) in enumerate(pairs):
        paths.append(program.folder / f"sample-{number:02}.h5")
        write_store(paths[-1], {"original": {"a": x, "b": y}})
    rows = program.table(
        "similarity.csv", "similarity", *paths, "--pairs", "within", "--measures", "cka_linear,cka_rbf,rsa,mutual_knn",
        "--estimators", "debiased,biased,minibatch", "--minibatch", max(10, n // 4))
    return [row for row in rows if row["tap_a"] != row["tap_b"]]


def simulated(features, rng, n, count):
    """(measure, estimator), value, low, high of many samples by numpy."""
    for number in jackknife.in_pieces(count, n):
        x, y = features.samples(rng, n, number)
        batches = jackknife.random_batches(rng, n, max(10, n // 4))
        found = (jackknife.CKA([x, y], "linear").interval(), jackknife.CKA([x, y], "rbf").interval(),
                 jackknife.CKA([x, y], "linear", batches).interval(), jackknife.rsa_interval(x, y))
        for column, ends in zip(SIMILARITY, found):
            for value, low, high in zip(*ends):
                yield column, value, low, high


def agreement(program):
    """The largest difference of the program's values and intervals from numpy's, over one store of every kind and size."""
    largest, compared = 0.0, 0
    for kind in KINDS:
        features = Features(kind, np.random.default_rng([SEED, KINDS.index(kind)]))
        for n in SIZES:
            pair = [m.astype(np.float32).astype(float) for m in features.sample(np.random.default_rng([SEED, 7, KINDS.index(kind), n]), n)]
            x, y = (m[None] for m in pair)
            batches = [np.array(b) for b in split(n, max(10, n // 4))]
            expected = dict(zip(SIMILARITY, (
                jackknife.CKA([x, y], "linear").interval(), jackknife.CKA([x, y], "rbf").interval(),
                jackknife.CKA([x, y], "linear", batches).interval(), jackknife.rsa_interval(x, y))))
            for row in programs(program, [pair], n):
                ends = expected.get((row["measure"], row["estimator"]))
                if ends is not None:
                    compared += 3
                    largest = max(largest, *(abs(float(row[c]) - float(e[0])) for c, e in zip(("value", "low", "high"), ends)))
    if compared != 3 * len(KINDS) * len(SIZES) * len(SIMILARITY) or largest > 1e-8:
        sys.exit(f"the program and scripts/coverage/jackknife.py differ: by {largest:.2g} in {compared} numbers")
    return compared, largest


def similarity(program, samples, simulate):
    coverage, columns = Coverage(), list(SIMILARITY)
    said = ""
    if simulate:
        compared, largest = agreement(program)
        said = (f" Values and intervals by numpy, which the program's agree with: {compared} numbers of {len(KINDS) * len(SIZES)} stores "
                f"differ by {largest:.1g} at most.")
    else:
        columns += [("cka_linear", "biased"), ("mutual_knn", "cosine")]
    truths = {}
    for kind in KINDS:
        features = Features(kind, np.random.default_rng([SEED, KINDS.index(kind)]))
        truths[kind] = features.truths(np.random.default_rng([SEED, 1, KINDS.index(kind)]))
        for n in SIZES:
            rng = np.random.default_rng([SEED, 2, KINDS.index(kind), n])
            if simulate:
                for column, value, low, high in simulated(features, rng, n, samples):
                    coverage.add((kind, n), column, truths[kind][column[0]], low, high, value)
            else:
                for first in range(0, samples, 100):
                    pairs = [features.sample(rng, n) for _ in range(min(100, samples - first))]
                    for row in programs(program, pairs, n):
                        truth = truths[kind].get(row["measure"], 0)
                        coverage.add((kind, n), (row["measure"], row["estimator"]), truth, row["low"], row["high"], row["value"])
            print(kind, n, *(f"{m} {e} {coverage.text((kind, n), (m, e))}" for m, e in columns), flush=True)
    names = {("cka_linear", "debiased"): "linear CKA", ("cka_rbf", "debiased"): "RBF CKA",
             ("cka_linear", "minibatch"): "linear CKA, minibatches", ("rsa", "spearman"): "RSA",
             ("cka_linear", "biased"): "linear CKA, biased", ("mutual_knn", "cosine"): "mutual_knn"}
    heads = ["features", "n", *(names[c] for c in columns)]
    rows = [[kind, str(n), *(coverage.text((kind, n), c) for c in columns)] for kind in KINDS for n in SIZES]
    values = "; ".join(f"{kind} {t['cka_linear']:.2f}, {t['cka_rbf']:.2f}, {t['rsa']:.2f}" for kind, t in truths.items())
    text = (f"Similarity, {samples} samples a cell (chance alone moves a share by ±{1.96 * math.sqrt(0.05 * 0.95 / samples):.3f}), "
            f"{COLUMNS} columns a tap; true values of linear CKA, RBF CKA and RSA: {values}.{said}\n\n" + table(heads, rows))
    return text, list(coverage.problems())


def chance(program, samples):
    """p-values of unrelated taps: runs of six taps, 15 pairs."""
    runs, n, rng = max(40, samples // 4), 30, np.random.default_rng([SEED, 3])
    single, least = {}, {}
    for _ in range(runs):
        path = program.folder / "unrelated.h5"
        write_store(path, {"original": {f"tap.{i}": rng.normal(size=(n, COLUMNS)) for i in range(6)}})
        rows = program.table("similarity_null.csv", "similarity", path, "--measures", "cka_linear,rsa,mutual_knn",
                             "--permutations", 199, "--bootstrap", 0)
        adjusted = {}
        for row in rows:
            if row["tap_a"] != row["tap_b"]:
                single.setdefault(row["measure"], []).append(float(row["p_value"]))
                if row.get("p_adjusted"):
                    adjusted.setdefault(row["measure"], []).append(float(row["p_adjusted"]))
        for measure, values in adjusted.items():
            least.setdefault(measure, []).append(min(values))
    rows, problems = [], []
    for measure, values in single.items():
        values = np.array(values)
        cells = [measure, str(runs), *(f"{(values <= level).mean():.3f}" for level in (0.01, 0.05, 0.5))]
        small = least.get(measure)
        if small:
            small = np.array(small)
            cells += [f"{(small <= level).mean():.3f}" for level in (0.05, 0.5)]
            if (small <= 0.05).mean() > 0.05 + 3 * math.sqrt(0.05 * 0.95 / runs):
                problems.append(f"{measure}: corrected p-values are 0.05 or less in {(small <= 0.05).mean():.3f} of the runs")
        else:
            cells += ["", ""]
        # Pairs of one run share taps: an error as if a third of them were independent.
        if (values <= 0.05).mean() > 0.05 + 3 * math.sqrt(0.05 * 0.95 / (len(values) / 3)):
            problems.append(f"{measure}: p is 0.05 or less in {(values <= 0.05).mean():.3f} of unrelated pairs")
        rows.append(cells)
        print(*cells, flush=True)
    heads = ["measure", "runs", "p ≤ 0.01", "p ≤ 0.05", "p ≤ 0.5", "a corrected p of the run ≤ 0.05", "≤ 0.5"]
    return (f"Shares of p-values of unrelated taps ({n} images, 199 permutations; 15 pairs a run).\n\n" + table(heads, rows), problems)


def matched(rows, expected, found):
    """Counts numbers that a row of the program and numpy both have, and keeps their largest difference, relative to the interval's width."""
    for row in rows:
        for name, wanted in expected[row["metric"]].items():
            found["count"] += 1
            if not row[name] or not np.isfinite(wanted):
                found["largest"] = max(found["largest"], 0 if not row[name] and not np.isfinite(wanted) else np.inf)
                continue
            width = expected[row["metric"]]["high"] - expected[row["metric"]]["low"]
            found["largest"] = max(found["largest"], abs(float(row[name]) - wanted) / width)


def estimates(figures, summaries=()):
    """By metric value, low and high of figures [..., images]; `summaries` of PSNR besides."""
    result = {metric: dict(zip(("value", "low", "high"), (x.mean(axis=-1), *intervals.hall(x)))) for metric, x in figures.items()}
    if summaries:
        low, high = intervals.of_mean_error(figures["mse"])
        result["psnr_of_mean"] = dict(value=-10 * np.log10(figures["mse"].mean(axis=-1)), low=low, high=high)
        low, high = intervals.median(figures["psnr"])
        result["psnr_median"] = dict(value=np.median(figures["psnr"], axis=-1), low=low, high=high)
    return result


def quality(program, samples, simulate):
    """Reconstructions whose noise differs from image to image: the error is skewed."""
    coverage, shape, metrics = Coverage(), (12, 12, 3), ("mse", "psnr", "psnr_of_mean", "psnr_median")

    def reconstruct(rng, inputs):
        scales = 20 * np.exp(0.8 * rng.normal(size=(len(inputs), 1, 1, 1)))
        return np.clip(np.rint(inputs + scales * rng.normal(size=inputs.shape)), 0, 255).astype(np.uint8)

    def figures(inputs, outputs):
        errors = ((inputs.astype(float) - outputs) ** 2).mean(axis=(1, 2, 3)) / 255 ** 2
        return {"mse": errors, "psnr": -10 * np.log10(errors)}

    rng = np.random.default_rng([SEED, 4])
    many = [figures(i, reconstruct(rng, i)) for i in (rng.integers(256, size=(20000, *shape)).astype(np.uint8) for _ in range(5))]
    truth = {metric: np.mean([m[metric].mean() for m in many]) for metric in ("mse", "psnr")}
    # The PSNR of the mean error and the median stand beside psnr.
    truth["psnr_of_mean"], truth["psnr_median"] = -10 * np.log10(truth["mse"]), np.median(np.concatenate([m["psnr"] for m in many]))
    agreement = dict(count=0, largest=0.0)
    for n in SIZES:
        inputs = rng.integers(256, size=(n, *shape)).astype(np.uint8)
        taps = {f"tap.{i:03}": reconstruct(rng, inputs) for i in range(3 if simulate else samples)}
        path = program.folder / "quality.h5"
        write_store(path, {"original": {"tap.000": np.zeros((n, 2))}}, inputs=inputs, reconstructions=taps)
        rows = program.table("quality.csv", "quality", path, "--metrics", "mse,psnr")
        if not simulate:
            for row in rows:
                coverage.add(("quality", n), row["metric"], truth[row["metric"]], row["low"], row["high"], row["value"])
            continue
        for tap, outputs in taps.items():
            matched([r for r in rows if r["tap"] == tap], estimates(figures(inputs, outputs), metrics), agreement)
        found = []
        for _ in range(samples):
            inputs = rng.integers(256, size=(n, *shape)).astype(np.uint8)
            found.append(figures(inputs, reconstruct(rng, inputs)))
        found = estimates({m: np.stack([f[m] for f in found]) for m in ("mse", "psnr")}, metrics)
        for metric, own in found.items():
            for value, low, high in zip(own["value"], own["low"], own["high"]):
                coverage.add(("quality", n), metric, truth[metric], low, high, value)
    return coverage, metrics, agreement


def color(program, samples, simulate):
    """Features that a condition changes, by an amount that differs from image to image."""
    coverage, metrics = Coverage(), ("relative_l2", "cosine", "cka_debiased")

    def sample(rng, n):
        x = rng.normal(size=(n, COLUMNS)) / np.arange(1, COLUMNS + 1) ** 0.5
        return x, x + np.exp(0.7 * rng.normal(size=(n, 1))) * rng.normal(size=(n, COLUMNS)) * 0.2

    def figures(x, y):
        norm = np.linalg.norm
        return {"relative_l2": norm(y - x, axis=1) / norm(x, axis=1),
                "cosine": (x * y).sum(axis=1) / norm(x, axis=1) / norm(y, axis=1)}

    def kernels(x, y):
        return dict(zip(("value", "low", "high"), jackknife.CKA([m[None] for m in (x, y)], "linear").interval()))

    rng = np.random.default_rng([SEED, 5])
    truth, firsts = {}, []
    for _ in range(5):
        x, y = sample(rng, 20000)
        firsts.append({m: v.mean() for m, v in figures(x, y).items()})
    truth = {metric: np.mean([f[metric] for f in firsts]) for metric in firsts[0]}
    # CKA of the covariances: what is added has that of the unit matrix times E(0.2 exp 0.7z)² and nothing to do with x.
    own = 1 / np.arange(1, COLUMNS + 1)
    truth["cka_debiased"] = math.sqrt((own ** 2).sum() / ((own + 0.04 * math.exp(2 * 0.7 ** 2)) ** 2).sum())
    agreement = dict(count=0, largest=0.0)
    for n in SIZES:
        pairs = {f"tap.{i:03}": [m.astype(np.float32).astype(float) for m in sample(rng, n)] for i in range(3 if simulate else samples)}
        path = program.folder / "color.h5"
        write_store(path, {"original": {t: p[0] for t, p in pairs.items()}, "gray": {t: p[1] for t, p in pairs.items()}})
        rows = [r for r in program.table("color.csv", "color", path) if r["metric"] in metrics and r["condition"] == "gray"]
        if not simulate:
            for row in rows:
                coverage.add(("color", n), row["metric"], truth[row["metric"]], row["low"], row["high"], row["value"])
            continue
        for tap, (x, y) in pairs.items():
            expected = {**estimates(figures(x, y)), "cka_debiased": {k: float(v[0]) for k, v in kernels(x, y).items()}}
            matched([r for r in rows if r["tap"] == tap], expected, agreement)
        for _ in range(samples):
            x, y = sample(rng, n)
            own = {**estimates(figures(x, y)), "cka_debiased": {k: float(v[0]) for k, v in kernels(x, y).items()}}
            for metric in metrics:
                coverage.add(("color", n), metric, truth[metric], own[metric]["low"], own[metric]["high"], own[metric]["value"])
    return coverage, metrics, agreement


def prototypes(program, samples, simulate):
    coverage, metrics = Coverage(), ("separability", "separability_adjusted", "within_spread", "nearest_accuracy", "silhouette")
    rng = np.random.default_rng([SEED, 6])
    means = 0.6 * rng.normal(size=(5, COLUMNS))
    for n in SIZES:
        labels = np.arange(n) % min(5, n // 5)
        path = program.folder / "prototypes.h5"
        write_store(path, {"original": {
            f"tap.{i:03}": means[labels] + rng.normal(size=(n, COLUMNS)) for i in range(samples)}}, labels=labels)
        rows = [r for r in program.table("prototypes.csv", "prototypes", path, "--permutations", 0) if r["metric"] in metrics]
        for metric in metrics:
            own = [r for r in rows if r["metric"] == metric and r["value"]]
            truth = np.mean([float(r["value"]) for r in own]) if own else 0
            for row in own:
                coverage.add(("prototypes", n), metric, truth, row["low"], row["high"], row["value"])
    return coverage, metrics, None


ANALYSES = (quality, color, prototypes)
OTHERS = "Other analyses"


def of_means(program, samples, sections, simulate):
    """Heads and rows of the table, and problems."""
    texts, problems = [], []
    for section in sections:
        coverage, metrics, agreement = section(program, samples, simulate)
        if agreement and simulate and (not agreement["count"] or agreement["largest"] > 1e-5):
            sys.exit(f"the program and scripts/coverage differ in {section.__name__}: by {agreement['largest']:.2g} of a width in "
                     f"{agreement['count']} numbers")
        source = f"numpy, as the program's {agreement['count']}" if agreement and simulate else "the program"
        for metric in metrics:
            texts.append([section.__name__, metric, *(coverage.text((section.__name__, n), metric) for n in SIZES), str(samples), source])
            print(*texts[-1], flush=True)
        problems += coverage.problems()
    return texts, problems


def others_text(rows):
    return (f"{OTHERS}; values and intervals by the program, or by numpy, which so many numbers of the program agree with.\n\n"
            + table(["analysis", "metric", *(f"n = {n}" for n in SIZES), "samples a cell", "by"], rows))


def kept_parts(block):
    """The parts of the page's block by their first words, and the rows of the last."""
    parts, rows = {}, []
    for piece in block.strip().split("\n\n"):
        if piece.startswith("|"):
            name = list(parts)[-1]
            parts[name] += "\n\n" + piece
            if name.startswith(OTHERS):
                rows = [[c.strip() for c in line.strip("|").split("|")] for line in piece.splitlines()[2:]]
        else:
            parts[" ".join(piece.split()[:2]).rstrip(",;")] = piece
    return parts, rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--palimpsest", default=str(ROOT / ".build/release/palimpsest"))
    parser.add_argument("--samples", type=int, default=400)
    parser.add_argument("--simulate", action="store_true", help="similarity by numpy, once the program is found to agree with it")
    parser.add_argument("--only", default="similarity,chance,quality,color,prototypes")
    parser.add_argument("--write", type=Path, help="replace the tables between the comments 'coverage' of this page")
    options = parser.parse_args()
    wanted, problems = options.only.split(","), []
    parts, rows = {}, []
    if options.write:
        page = options.write.read_text()
        before, rest = page.split("<!-- coverage -->\n", 1)
        block, after = rest.split("<!-- /coverage -->", 1)
        parts, rows = kept_parts(block)
    with tempfile.TemporaryDirectory() as folder:
        program = Program(options.palimpsest, Path(folder))
        for name, section in (("similarity", lambda: similarity(program, options.samples, options.simulate)),
                              ("chance", lambda: chance(program, options.samples))):
            if name in wanted:
                text, found = section()
                parts[" ".join(text.split()[:2]).rstrip(",;")] = text
                problems += found
        measured, found = of_means(program, options.samples, [s for s in ANALYSES if s.__name__ in wanted], options.simulate)
        problems += found
    order = [s.__name__ for s in ANALYSES]
    rows = sorted(measured + [r for r in rows if r[0] not in wanted], key=lambda r: order.index(r[0]))
    if rows:
        parts.pop(OTHERS, None)
        parts[OTHERS] = others_text(rows)
    text = "\n\n".join(parts.values())
    print("\n" + text)
    if options.write:
        options.write.write_text(f"{before}<!-- coverage -->\n{text}\n<!-- /coverage -->{after}")
    for problem in problems:
        print("problem:", problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
