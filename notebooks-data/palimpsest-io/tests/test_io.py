"""Against what we did not write: h5py, torch's own hooks, zlib, and, where it is built, the program.

    pytest notebooks-data/palimpsest-io            PALIMPSEST=… names the program
"""
import hashlib
import os
import subprocess
import zlib
from pathlib import Path

import h5py
import numpy as np
import palimpsest_io as pio
import pytest

torch = pytest.importorskip("torch")
ROOT = Path(__file__).parents[3]
PROGRAM = Path(os.environ.get("PALIMPSEST", ROOT / ".build/release/palimpsest"))
NAMES = ["a.png", "b.png", "c.png", "d.png", "e.png"]


@pytest.fixture
def model():
    torch.manual_seed(0)
    return torch.nn.ModuleDict({
        "stem": torch.nn.Conv2d(3, 8, 4, 4),
        "block": torch.nn.Sequential(torch.nn.Conv2d(8, 6, 2, 2), torch.nn.ReLU()),
    }).eval()


class Chain(torch.nn.Module):
    def __init__(self, parts):
        super().__init__()
        self.parts = parts

    def forward(self, x):
        for part in self.parts.values():
            x = part(x)
        return x.mean((2, 3))


def batches(size=2):
    pixels = torch.rand(5, 3, 32, 24, generator=torch.Generator().manual_seed(1))
    return [(NAMES[start : start + size], pixels[start : start + size]) for start in range(0, 5, size)]


@pytest.fixture
def store(tmp_path, model):
    for number, name in enumerate(NAMES):
        (tmp_path / name).write_bytes(bytes([number]))
    labels = dict(zip(NAMES, ["cat", "dog", "NA", "cat", None]))
    pio.record(Chain(model), dict(model), batches(), tmp_path / "mine.h5", name="chain", labels=labels, folder=tmp_path)
    return tmp_path / "mine.h5"


def test_what_hooks_saw_is_what_the_modules_give(store, model):
    pixels = torch.cat([batch for _, batch in batches()])
    with torch.no_grad():
        stem = model["stem"](pixels)
        block = model["block"](stem)
    with pio.open_store(store) as opened:
        assert opened.taps == ["stem", "block"] and opened.model == "chain" and len(opened) == 5
        assert opened["stem"].grid == (8, 6) and opened["block"].grid == (4, 3)
        np.testing.assert_allclose(opened["block"].grids(), block.permute(0, 2, 3, 1).numpy(), atol=1e-6)
        np.testing.assert_allclose(opened["stem"][1:4], stem.flatten(2).transpose(1, 2)[1:4].numpy(), atol=1e-6)
        np.testing.assert_array_equal(opened["stem"][-1], opened["stem"][4])
        assert opened.classes == ["cat", "dog", "NA"] and opened.labels.tolist() == [0, 1, 2, 0, -1]


def test_a_vit_of_timm_is_recorded_as_timm_gives_it(tmp_path):
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    vit = timm.create_model("vit_tiny_patch16_224", img_size=64, depth=3, num_classes=0).eval()
    pixels = torch.rand(5, 3, 64, 64)
    modules = {f"block.{number}": block for number, block in enumerate(vit.blocks)}
    pio.record(vit, modules, [(NAMES[:3], pixels[:3]), (NAMES[3:], pixels[3:])], tmp_path / "vit.h5", name="vit", prefix_tokens=1)
    with torch.no_grad():
        expected = vit.forward_intermediates(pixels, intermediates_only=True)
    with pio.open_store(tmp_path / "vit.h5") as opened:
        for tap, maps in zip(modules, expected):
            np.testing.assert_allclose(opened[tap].grids(), maps.permute(0, 2, 3, 1).numpy(), atol=1e-5)
    if PROGRAM.exists():
        assert subprocess.run([PROGRAM, "verify", tmp_path / "vit.h5"]).returncode == 0


def test_rows_have_their_hashes_and_checksums(store):
    with h5py.File(store) as file:
        assert file["images/sha256"].asstr()[2] == hashlib.sha256(bytes([2])).hexdigest()
        rows = file["features/original/block"]
        assert file["checksums/features/original/block"][:].tolist() == [zlib.crc32(row.tobytes()) for row in rows[:]]
        assert [axis.label for axis in rows.dims] == ["image", "token", "channel"]


def test_only_complete_images_that_could_be_read_are_given(store):
    with h5py.File(store, "r+") as file:
        file["progress/original"][1] = 0
        file["images/error"][3] = b"truncated"
        whole = file["features/original/block"][:]
    with pio.open_store(store) as opened:
        assert opened.rows().tolist() == [0, 2, 4]
        np.testing.assert_array_equal(opened["block"][:], whole[[0, 2, 4]])
        np.testing.assert_array_equal(opened["block"][1], whole[2])


def test_xarray_names_the_axes(store):
    pytest.importorskip("xarray")
    with pio.open_store(store) as opened:
        data = opened.to_xarray()
        expected = opened["block"].grids()
    assert data["block"].dims == ("image", "y_4", "x_3", "channel_6")
    np.testing.assert_array_equal(data["block"].sel(image="b.png"), expected[1])
    assert data["class"].values.tolist() == ["cat", "dog", "NA", "cat", ""]


def test_prefix_tokens_stand_apart(tmp_path):
    pytest.importorskip("xarray")
    values = np.arange(2 * 5 * 3, dtype=np.float32).reshape(2, 5, 3)
    with pio.StoreWriter(tmp_path / "vit.h5", model="vit", prefix_tokens=1) as writer:
        writer.add(["a", "b"], {"block.0": values, "pooled": values[:, 0]})
    with pio.open_store(tmp_path / "vit.h5") as opened:
        assert opened["block.0"].grid == (2, 2) and opened["block.0"].prefix_tokens == 1
        data = opened.to_xarray(["block.0"])
    np.testing.assert_array_equal(data["block.0"], values[:, 1:].reshape(2, 2, 2, 3))
    np.testing.assert_array_equal(data["block.0:prefix"], values[:, :1])


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_gives_every_image(store, workers):
    with pio.open_store(store) as opened:
        expected = opened["block"][:]
        loader = torch.utils.data.DataLoader(opened.to_torch(["block"]), batch_size=2, num_workers=workers)
        found = list(loader)
    np.testing.assert_array_equal(torch.cat([batch["block"] for batch in found]).numpy(), expected)
    assert torch.cat([batch["label"] for batch in found]).tolist() == [0, 1, 2, 0, -1]


def test_nothing_is_left_of_a_store_that_failed(tmp_path):
    with pytest.raises(pio.StoreError, match="mine"):
        with pio.StoreWriter(tmp_path / "mine.h5", model="m") as writer:
            pass
    with pytest.raises(pio.StoreError, match=r"\[B, T, C\]"):
        with pio.StoreWriter(tmp_path / "mine.h5", model="m") as writer:
            writer.add(["a"], {"x": np.zeros((2, 3, 4))})
    with pytest.raises(pio.StoreError, match="the first one had"):
        with pio.StoreWriter(tmp_path / "mine.h5", model="m") as writer:
            writer.add(["a"], {"x": np.zeros((1, 3, 4))})
            writer.add(["b"], {"y": np.zeros((1, 3, 4))})
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_store_is_refused(tmp_path, store):
    (tmp_path / "text.h5").write_text("no")
    with pytest.raises(pio.StoreError, match="not an HDF5 file"):
        pio.open_store(tmp_path / "text.h5")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = 1
    with pytest.raises(pio.StoreError, match="no feature store"):
        pio.open_store(tmp_path / "other.h5")
    with pio.open_store(store) as opened, pytest.raises(pio.StoreError, match="stem, block"):
        opened["head"]


def test_classes_called_NA_stay_text(tmp_path):
    pytest.importorskip("pandas")
    (tmp_path / "quality").mkdir()
    (tmp_path / "quality/quality.csv").write_text("class,value,low\nNA,1.5,\nNone,2,1\n")
    (tmp_path / "quality/provenance.json").write_text('{"notes": ["one image was left out"]}')
    table = pio.read_results(tmp_path)["quality/quality"]
    assert table["class"].tolist() == ["NA", "None"] and table["low"].isna().tolist() == [True, False]
    assert table.attrs["notes"] == ["one image was left out"]


@pytest.mark.skipif(not PROGRAM.exists(), reason=f"{PROGRAM} is not built")
def test_the_program_accepts_what_is_written(store, tmp_path):
    verified = subprocess.run([PROGRAM, "verify", store], capture_output=True, text=True)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    out = tmp_path / "results"
    done = subprocess.run([PROGRAM, "analyze", "similarity", store, "--out", out], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    table = pio.read_results(out)["similarity"]
    assert set(table.tap_a) == {"stem", "block"}


@pytest.mark.skipif(not PROGRAM.exists(), reason="the program is not built")
def test_what_is_inside_blocks_unfolds(tmp_path):
    fixture = ROOT / "Tests/Fixtures/checkpoints/timm-vit"
    taps = "block.1,block.1.attention.q,block.1.attention.weights"
    subprocess.run(
        [PROGRAM, "extract", "--model", fixture, "--images", fixture / "images", "--taps", taps, "--out", tmp_path / "inside.h5", "--quiet"],
        check=True)
    with pio.open_store(tmp_path / "inside.h5") as store:
        weights = store["block.1.attention.weights"]
        assert weights.axes == (("head", 3), ("query", 17), ("key", 17)) and "softmax" in weights.definition
        np.testing.assert_allclose(weights.unfolded().sum(-1), 1, atol=1e-5)
        np.testing.assert_array_equal(weights.unfolded(0)[1, 4], weights[0][17 + 4])
        assert store["block.1.attention.q"].unfolded().shape == (2, 17, 3, 16)
        assert store["block.1.attention.q"].grids().shape == (2, 4, 4, 48)
        assert store["block.1"].axes == () and store["block.1"].definition is None
        with pytest.raises(pio.StoreError, match="no axes but"):
            store["block.1"].unfolded()
        pytest.importorskip("xarray")
        named = store.to_xarray()
        assert named["block.1.attention.weights"].dims == ("image", "head", "query", "key")
