#!/usr/bin/env python3
"""Writes and executes notebooks-data/reading-a-store.ipynb. A maintainer's tool; run `make demo` first.

    scripts/notebook.py [--out notebooks-data/reading-a-store.ipynb]

Needs nbformat, nbclient, ipykernel, matplotlib, timm and palimpsest-io with pandas, torch and xarray. The pictures are kept small; nothing else of the demo goes
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
    "# Palimpsest from Python\n\n"
    "What `palimpsest` writes is plain HDF5 and CSV. This notebook opens what `make demo` made, checks one number by hand, draws one "
    "of its figures again, and then measures a model of its own: forward hooks, a store, `palimpsest analyze`, a figure. Run it from "
    "`notebooks-data/` after `pip install ./palimpsest-io[pandas,torch,xarray] matplotlib timm`.",
    """import subprocess
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import palimpsest_io as pio
import pandas as pd

demo = Path("../reports/.demo-work")    # stores/, inverses/, results/: what `palimpsest run` calls the output
plt.rcParams.update({"figure.dpi": 80, "font.size": 9})""",
    "## A store\n\nOne file a model: the pixels that the model saw, and what every layer made of them.",
    """with pio.open_store(demo / "stores/vit.h5") as store:
    print("model", store.model, "| family", store.family, "| weights", store.attributes["checkpoint_sha256"][:12])
    print(len(store), "of", len(store.paths), "images are complete; conditions", store.conditions, "|", len(store.classes), "classes")
    rows = [(name, *store[name].shape, store[name].grid, store[name].prefix_tokens) for name in store.taps]
pd.DataFrame(rows, columns=["tap", "images", "tokens", "channels", "grid", "prefix tokens"])""",
    "With named axes, for everything that xarray can do:",
    """with pio.open_store(demo / "stores/vit.h5") as store:
    layers = store.to_xarray(["block.2", "block.5"])
layers["block.5"].astype("float32").std("channel").groupby(layers["class"]).mean(["image", "y", "x"]).to_series().sort_values().round(3).head()""",
    "## Images back from every depth\n\n`reconstruct` writes the same schema, with `/reconstructions` beside `/inputs`.",
    """with pio.open_store(sorted((demo / "stores").glob("vit-*.h5"))[0]) as back:
    taps, inputs = back.reconstructed_taps, back.inputs()[:4]
    images = {tap: back.reconstructions(tap)[:4] for tap in taps}
figure, axes = plt.subplots(4, 1 + len(taps), figsize=(1.1 * (1 + len(taps)), 4.4))
for column, (title, pixels) in enumerate([("input", inputs), *images.items()]):
    for row in range(4):
        axes[row, column].imshow(pixels[row])
        axes[row, column].axis("off")
    axes[0, column].set_title(title)
figure.tight_layout(pad=0.2)""",
    "## Results\n\nEvery analysis is a tidy CSV: one observation a row.",
    """results = pio.read_results(demo / "results")
print(", ".join(results))
quality = results["quality/quality"]
quality[(quality.metric == "psnr") & (quality.condition == "original")].set_index(["store", "tap"])[["value", "low", "high"]].round(2)""",
    "### One number by hand\n\nDebiased linear CKA (Song et al. 2012; Nguyen et al. 2021) of two layers, from the features themselves, "
    "against `similarity.csv`.",
    """def gram(path, tap):
    with pio.open_store(path) as store:
        x = store[tap].grids().astype(np.float64).mean((1, 2))    # --tokens mean
    x -= x.mean(0)
    return x @ x.T


def hsic(k, l):
    n = len(k)
    k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
    return ((k * l).sum() + k.sum() * l.sum() / (n - 1) / (n - 2) - 2 / (n - 2) * k.sum(0) @ l.sum(0)) / (n * (n - 3))


k, l = gram(demo / "stores/vit.h5", "block.2"), gram(demo / "stores/swin.h5", "stage.2")
by_hand = hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))
similarity = results["similarity/similarity"]
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
    "## Your own model\n\nAny model of torch: name the modules, and what they give becomes a store that every analysis takes. Here a "
    "ViT of timm with random weights sees the demo's pictures.",
    """import timm
import torch

torch.manual_seed(0)
vit = timm.create_model("vit_tiny_patch16_224", img_size=96, patch_size=8, depth=6, num_classes=0)
with pio.open_store(demo / "stores/vit.h5") as store:
    pixels, names = store.inputs(), [store.paths[row] for row in store.rows()]
pixels = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 127.5 - 1
batches = [(names[i : i + 16], pixels[i : i + 16]) for i in range(0, len(names), 16)]
modules = {f"block.{i}": block for i, block in enumerate(vit.blocks)}
own = Path("../reports/.own-hooks")
own.mkdir(exist_ok=True)
pio.record(vit, modules, batches, own / "random.h5", name="ViT, random weights", prefix_tokens=1)""",
    """def palimpsest(*arguments):
    print("$ palimpsest", *arguments)
    done = subprocess.run(["../.build/release/palimpsest", *map(str, arguments)], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print("\\n".join(line for line in done.stdout.splitlines() if "/s, " not in line))
    assert done.returncode == 0


palimpsest("verify", own / "random.h5")
palimpsest("analyze", "similarity", own / "random.h5", demo / "stores/vit.h5", "--tokens", "mean", "--out", own / "results", "--quiet")
palimpsest("figure", "all-models", own / "results", "--out", own / "similarity.png", "--quiet")""",
    """figure, axis = plt.subplots(figsize=(6, 5))
axis.imshow(plt.imread(own / "similarity.png"))
axis.axis("off");""",
]


def is_prose(text):
    """Cells of prose begin with a heading, or end as a sentence that leads on."""
    return text.startswith("#") or text.endswith(":")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "notebooks-data" / "reading-a-store.ipynb")
    arguments = parser.parse_args()
    cells = [new_markdown_cell(text) if is_prose(text) else new_code_cell(text) for text in CELLS]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    packages = ", ".join(f"{name} {version(name)}" for name in ["h5py", "numpy", "pandas", "xarray", "torch", "timm", "matplotlib"])
    cells.append(new_markdown_cell(f"Executed with Python {platform.python_version()}, {packages}."))
    cells[-1].id = f"cell-{len(cells) - 1}"
    notebook = new_notebook(cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}})
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": ROOT / "notebooks-data"}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if "outputs" in cell:  # What Jupyter's parts say of each other is not of the notebook.
            cell.outputs = [output for output in cell.outputs if "IProgress" not in output.get("text", "")]
    nbformat.write(notebook, arguments.out)
    print(f"{arguments.out}: {arguments.out.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
