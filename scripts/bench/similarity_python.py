#!/usr/bin/env python3
"""Debiased linear CKA of all pairs of taps of a store, in numpy, as fast as numpy does it in double precision.

    similarity_python.py STORE.h5 [--method gram|features] [--out similarity.csv]

`gram`: one n×n kernel matrix a tap, U-centred, then all pairs as one product of the matrices laid out as vectors.
`features`: ‖XᵀY‖² a pair with Kornblith's debiasing, which needs no n×n matrix and is faster where n is much larger than the columns.
Prints one line of JSON: seconds (reading the store included, imports not).
"""
import argparse
import csv
import itertools
import json
import time

import h5py
import numpy as np


def centred(dataset):
    x = dataset[:].reshape(len(dataset), -1).astype(np.float64)
    x -= x.mean(axis=0)
    return x


def by_gram(datasets):
    n = len(next(iter(datasets.values())))
    kernels = np.empty((len(datasets), n, n))
    for k, dataset in zip(kernels, datasets.values()):
        x = centred(dataset)
        np.matmul(x, x.T, out=k)
        np.fill_diagonal(k, 0)
        rows = k.sum(axis=1) / (n - 2)
        rows -= rows.sum() / (2 * (n - 1))
        k -= rows
        k -= rows[:, None]
        np.fill_diagonal(k, 0)
    flat = kernels.reshape(len(kernels), -1)
    inner = flat @ flat.T
    size = np.sqrt(np.diag(inner))
    return inner / size / size[:, None]


def by_features(datasets):
    matrices = [centred(d) for d in datasets.values()]
    n = len(matrices[0])
    rows = np.stack([(x ** 2).sum(axis=1) for x in matrices])
    inner = np.empty((len(matrices), len(matrices)))
    for i, j in itertools.combinations_with_replacement(range(len(matrices)), 2):
        cross = np.linalg.norm(matrices[i].T @ matrices[j]) ** 2
        inner[i, j] = inner[j, i] = (cross - n / (n - 2) * rows[i] @ rows[j]
                                     + rows[i].sum() * rows[j].sum() / ((n - 1) * (n - 2)))
    size = np.sqrt(np.diag(inner))
    return inner / size / size[:, None]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store")
    parser.add_argument("--method", choices=("gram", "features"), default="gram")
    parser.add_argument("--out", default="similarity.csv")
    options = parser.parse_args()
    start = time.perf_counter()
    with h5py.File(options.store, "r") as file:
        group = file["features/original"]
        datasets = {name: group[name] for name in group}
        values = (by_gram if options.method == "gram" else by_features)(datasets)
        n = len(next(iter(datasets.values())))
    names = list(datasets)
    with open(options.out, "w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow("store_a,tap_a,store_b,tap_b,measure,estimator,n,value,low,high".split(","))
        for i, j in itertools.combinations_with_replacement(range(len(names)), 2):
            writer.writerow([options.store, names[i], options.store, names[j], "cka_linear", "debiased", n,
                             repr(float(values[i, j])), "", ""])
    print(json.dumps(dict(seconds=time.perf_counter() - start, taps=len(names), pairs=len(names) * (len(names) + 1) // 2)))


if __name__ == "__main__":
    main()
