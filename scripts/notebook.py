#!/usr/bin/env python3
"""Writes and executes notebooks-data/reading-a-store.ipynb. A maintainer's tool; run `make demo` first.

    scripts/notebook.py [--demo reports/.demo-work] [--out notebooks-data/reading-a-store.ipynb]

Needs nbformat, nbclient, ipykernel, h5py, numpy, pandas, matplotlib. The pictures are kept small; nothing else of the demo goes
into the notebook.
"""
import argparse
import platform
from importlib.metadata import version
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parents[1]

CELLS = [
    "# Reading a store and results with h5py and pandas\n\n"
    "What `palimpsest` writes is plain HDF5 and CSV. This notebook opens what `make demo` made, checks one number by hand and "
    "draws one of its figures again. Run it from `notebooks-data/`; it needs h5py, numpy, pandas and matplotlib.",
    """from pathlib import Path

import h5py
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

demo = Path("../reports/.demo-work")    # stores/, inverses/, results/: what `palimpsest run` calls the output
plt.rcParams.update({"figure.dpi": 80, "font.size": 9})""",
    "## A store\n\nOne file a model: the pixels that the model saw, and what every layer made of them.",
    """with h5py.File(demo / "stores/vit.h5") as store:
    print("model", store.attrs["model"], "| family", store.attrs["family"], "| weights", store.attrs["checkpoint_sha256"][:12])
    print("conditions", list(store["features"]))
    done = store["progress/original"][:] == 1
    labels, names = store["images/label"][:], store["images/label"].attrs["names"]
    rows = [(name, *tap.shape, list(tap.attrs["grid"]), int(tap.attrs["prefix_tokens"])) for name, tap in store["features/original"].items()]
print(done.sum(), "of", len(done), "images are complete;", len(names), "classes")
pd.DataFrame(rows, columns=["tap", "images", "tokens", "channels", "grid", "prefix tokens"])""",
    "## Images back from every depth\n\n`reconstruct` writes the same schema, with `/reconstructions` beside `/inputs`.",
    """back = sorted((demo / "stores").glob("vit-*.h5"))[0]
with h5py.File(back) as store:
    taps = list(store["reconstructions/original"].attrs["taps"]) if "taps" in store["reconstructions/original"].attrs \\
        else list(store["reconstructions/original"])
    inputs = store["inputs/original"][:4]
    images = {tap: store[f"reconstructions/original/{tap}"][:4] for tap in taps}
figure, axes = plt.subplots(4, 1 + len(taps), figsize=(1.1 * (1 + len(taps)), 4.4))
for column, (title, pixels) in enumerate([("input", inputs), *images.items()]):
    for row in range(4):
        axes[row, column].imshow(pixels[row])
        axes[row, column].axis("off")
    axes[0, column].set_title(title)
figure.tight_layout(pad=0.2)""",
    "## Results\n\nEvery analysis is a tidy CSV: one observation a row.",
    """quality = pd.read_csv(demo / "results/quality/quality.csv")
quality[(quality.metric == "psnr") & (quality.condition == "original")].set_index(["store", "tap"])[["value", "low", "high"]].round(2)""",
    "### One number by hand\n\nDebiased linear CKA (Song et al. 2012; Nguyen et al. 2021) of two layers, from the features themselves, "
    "against `similarity.csv`.",
    """def gram(path, tap):
    with h5py.File(path) as store:
        dataset = store[f"features/original/{tap}"]
        x = dataset[:, dataset.attrs["prefix_tokens"]:].astype(np.float64).mean(1)    # --tokens mean
    x -= x.mean(0)
    return x @ x.T


def hsic(k, l):
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    return ((k * l).sum() + k.sum() * l.sum() / (n - 1) / (n - 2) - 2 / (n - 2) * k.sum(0) @ l.sum(0)) / (n * (n - 3))


k, l = gram(demo / "stores/vit.h5", "block.2"), gram(demo / "stores/swin.h5", "stage.2")
by_hand = hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))
similarity = pd.read_csv(demo / "results/similarity/similarity.csv")
pair = similarity[(similarity.measure == "cka_linear") & (similarity.estimator == "debiased")]
of = lambda a, s, b, t: pair[(pair.store_a == a) & (pair.tap_a == s) & (pair.store_b == b) & (pair.tap_b == t)].value
found = pd.concat([of("vit", "block.2", "swin", "stage.2"), of("swin", "stage.2", "vit", "block.2")]).iloc[0]
print(f"by hand {by_hand:.6f}, similarity.csv {found:.6f}, difference {abs(by_hand - found):.1e}")
assert abs(by_hand - found) < 1e-4""",
    "### One figure again",
    """def matrix(a, b):
    both = pd.concat([pair, pair.rename(columns={"store_a": "store_b", "tap_a": "tap_b", "store_b": "store_a", "tap_b": "tap_a"})])
    both = both[(both.store_a == a) & (both.store_b == b)].drop_duplicates(["tap_a", "tap_b"])
    return both.pivot(index="tap_a", columns="tap_b", values="value")


order = {name: list(dict.fromkeys(pair[pair.store_a == name].tap_a)) for name in ["vit", "swin"]}
values = matrix("vit", "swin").reindex(index=[t for t in order["vit"]], columns=[t for t in order["swin"]])
figure, axis = plt.subplots(figsize=(5.2, 3.4))
shown = axis.imshow(values, vmin=0, vmax=1, cmap="viridis", origin="lower", aspect="auto")
axis.set_xticks(range(len(values.columns)), values.columns, rotation=90)
axis.set_yticks(range(len(values.index)), values.index)
axis.set(xlabel="Swin", ylabel="ViT", title="Linear CKA, debiased")
figure.colorbar(shown, label="CKA")
figure.tight_layout()""",
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "notebooks-data" / "reading-a-store.ipynb")
    arguments = parser.parse_args()
    cells = [new_code_cell(text) if index % 2 == 1 and not text.startswith("#") else new_markdown_cell(text)
             for index, text in enumerate(CELLS)]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    packages = ", ".join(f"{name} {version(name)}" for name in ["h5py", "numpy", "pandas", "matplotlib"])
    cells.append(new_markdown_cell(f"Executed with Python {platform.python_version()}, {packages}."))
    cells[-1].id = f"cell-{len(cells) - 1}"
    notebook = new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": ROOT / "notebooks-data"}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    nbformat.write(notebook, arguments.out)
    print(f"{arguments.out}: {arguments.out.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
