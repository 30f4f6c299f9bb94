#!/usr/bin/env python3
"""What timm and transformers compute inside their blocks, by forward hooks: the reference of Palimpsest's taps inside blocks.

    inside_blocks.py PALIMPSEST [--only NAME,NAME]    compare every small checkpoint of the tests, through `palimpsest extract`

`InsideBlocks(model).run(x)` hooks a model that `reference.open_checkpoint` opened. All of it is what a user of PyTorch would
write: inputs and outputs of modules, and for the weights attention that is not fused.
"""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
import torch
from PIL import Image

from compare_features import normalisation
from reference import first, normalise, open_checkpoint
from timm.layers import apply_rot_embed_cat
from timm.models.eva import EvaAttention

ROOT = Path(__file__).resolve().parents[1]
CHECKPOINTS = ROOT / "Tests/Fixtures/checkpoints"
TOLERANCE = 1e-5


class InsideBlocks:
    """Hooks on every block of a `ReferenceModel`; `values` has what the last forward pass gave, by tap, as [N, T, C]."""

    def __init__(self, model):
        self.model, self.values, self.batch = model, {}, 0
        network, family, source = model.network, model.family, model.source
        if source == "timm":
            for module in network.modules():
                if hasattr(module, "fused_attn"):
                    module.fused_attn = False
            if family == "swin":
                for i, stage in enumerate(network.layers):
                    for j, block in enumerate(stage.blocks):
                        self.timm_block(f"stage.{i}.block.{j}", block, windowed=True)
            else:
                for i, block in enumerate(network.blocks):
                    self.timm_block(f"block.{i}", block)
            return
        network.set_attn_implementation("eager")
        if family == "detr":
            base = getattr(network, "model", network)
            for i, layer in enumerate(base.encoder.layers):
                self.detr_layer(f"encoder.{i}", layer)
            for i, layer in enumerate(base.decoder.layers):
                self.detr_layer(f"decoder.{i}", layer)
        elif family == "swin":
            for i, stage in enumerate(getattr(network, "swin", network).encoder.layers):
                for j, block in enumerate(stage.blocks):
                    self.hf_block(f"stage.{i}.block.{j}", block, windowed=True)
        else:
            base = network
            for name in ("vit", "deit", "dinov2", "dinov2_with_registers", "vision_model", "ijepa"):
                base = getattr(base, name, base)
            layers = base.layers if hasattr(base, "layers") else getattr(base.encoder, "layer", None) or base.encoder.layers
            for i, layer in enumerate(layers):
                self.hf_block(f"block.{i}", layer)

    def run(self, x, pixel_mask=None):
        """Runs the network; returns its own taps (see `reference.Taps`), and fills `values`."""
        self.values, self.batch = {}, len(x)
        taps = self.model(x, pixel_mask)
        self.values = {name: value.detach().float().contiguous().numpy() for name, value in self.values.items()}
        return taps

    # Hooks

    def put(self, name, value):
        self.values[name] = value

    def on_output(self, module, name, change=lambda value: value):
        module.register_forward_hook(lambda _, __, output: self.put(name, change(first(output))))

    def on_input(self, module, name, change=lambda value: value):
        module.register_forward_pre_hook(lambda _, args: self.put(name, change(args[0])))

    def timm_block(self, name, block, windowed=False):
        attention, mlp = block.attn, block.mlp
        place = self.timm_windows(block) if windowed else lambda value: value
        none = torch.nn.Identity

        def qkv(output):
            q, k, v = output.chunk(3, dim=-1)
            self.put(f"{name}.attention.v", place(v))
            # Where there are norms of queries and keys, their outputs take the place of these.
            for part, value, norm in (("q", q, "q_norm"), ("k", k, "k_norm")):
                if isinstance(getattr(attention, norm, none()), none):
                    self.put(f"{name}.attention.{part}", place(value))
        if isinstance(attention, EvaAttention):
            self.eva_attention(name, attention)
        else:
            attention.qkv.register_forward_hook(lambda _, __, output: qkv(output))
        for part in ("q", "k"):
            norm = getattr(attention, f"{part}_norm", none())
            if not isinstance(norm, none):  # [B, heads, N, d]
                self.on_output(norm, f"{name}.attention.{part}", lambda value: value.transpose(1, 2).flatten(2))
        self.on_input(attention.attn_drop, f"{name}.attention.weights", self.rows_of_weights)
        self.on_output(attention, f"{name}.attention.output", place)
        self.on_input(block.norm2, f"{name}.residual.attention")
        self.on_input(mlp.fc2, f"{name}.mlp.hidden")
        self.on_output(mlp, f"{name}.mlp.output")

    def eva_attention(self, name, attention):
        """Queries and keys as they meet, turned by timm's own function: EvaAttention adds its biases and turns them between its modules."""
        def put(_, args, kwargs):
            x, rope, prefix = args[0], kwargs["rope"], attention.num_prefix_tokens
            bias = None if attention.q_bias is None else torch.cat([attention.q_bias, attention.k_bias, attention.v_bias])
            qkv = torch.nn.functional.linear(x, attention.qkv.weight, bias).unflatten(-1, (3, attention.num_heads, -1))
            for part, value in zip("qkv", qkv.permute(2, 0, 3, 1, 4)):  # each [B, heads, N, d]
                if part != "v" and rope is not None:
                    turned = apply_rot_embed_cat(value[:, :, prefix:], rope, half=attention.rotate_half)
                    value = torch.cat([value[:, :, :prefix], turned], dim=2)
                self.put(f"{name}.attention.{part}", value.transpose(1, 2).flatten(2))
        attention.register_forward_pre_hook(put, with_kwargs=True)

    def hf_block(self, name, block, windowed=False):
        attention = getattr(block, "attention", None) or block.self_attn
        place = self.hf_windows(block) if windowed else lambda value: value
        for part in "qkv":
            self.on_output(getattr(attention, f"{part}_proj"), f"{name}.attention.{part}", place)
        attention.register_forward_hook(
            lambda _, __, output: self.put(f"{name}.attention.weights", self.rows_of_weights(output[1])))
        self.on_output(getattr(attention, "o_proj", None) or attention.out_proj, f"{name}.attention.output", place)
        norm = next(getattr(block, n) for n in ("layernorm_after", "norm2", "layer_norm2") if hasattr(block, n))
        self.on_input(norm, f"{name}.residual.attention")
        second = getattr(block.mlp, "fc2", None) or block.mlp.down_proj
        self.on_input(second, f"{name}.mlp.hidden")
        self.on_output(second, f"{name}.mlp.output")

    def detr_layer(self, name, layer):
        parts = [("attention", layer.self_attn, layer.self_attn_layer_norm)]
        if hasattr(layer, "encoder_attn"):
            parts.append(("cross", layer.encoder_attn, layer.encoder_attn_layer_norm))
        for kind, attention, norm in parts:
            for part in "qkv":
                self.on_output(getattr(attention, f"{part}_proj"), f"{name}.{kind}.{part}")
            attention.register_forward_hook(lambda _, __, output, kind=kind: self.put(
                f"{name}.{kind}.weights", self.rows_of_weights(output[1])))
            self.on_output(attention.o_proj, f"{name}.{kind}.output")
            self.on_output(norm, f"{name}.residual.{kind}")
        self.on_input(layer.mlp.fc2, f"{name}.mlp.hidden")
        self.on_output(layer.mlp.fc2, f"{name}.mlp.output")

    # Layouts

    def rows_of_weights(self, weights):
        """[B · windows, heads, L, S] to [B, windows · heads · L, S]."""
        return weights.reshape(self.batch, -1, weights.shape[-1])

    def timm_windows(self, block):
        """Tokens of windows [B · windows, area, C] to tokens of the grid [B, T, C], as timm does it: rolled, then padded."""
        def place(value):
            (h, w), (wh, ww), (sh, sw) = block.input_resolution, block.window_size, block.shift_size
            ph, pw = -(-h // wh) * wh, -(-w // ww) * ww
            grid = value.reshape(-1, ph // wh, pw // ww, wh, ww, value.shape[-1]).permute(0, 1, 3, 2, 4, 5)
            grid = grid.reshape(-1, ph, pw, value.shape[-1])[:, :h, :w]
            return torch.roll(grid, (sh, sw), (1, 2)).flatten(1, 2)
        return place

    def hf_windows(self, block):
        """The same as transformers does it: padded, then rolled."""
        seen = {}
        block.register_forward_pre_hook(
            lambda _, args, kwargs: seen.update(size=kwargs.get("input_dimensions") or args[1]), with_kwargs=True)

        def place(value):
            (h, w), window, shift = seen["size"], block.window_size, block.shift_size
            # transformers makes the window no larger than the grid, and then does not shift it.
            if min(h, w) <= window:
                window, shift = min(h, w), 0
            ph, pw = -(-h // window) * window, -(-w // window) * window
            grid = value.reshape(-1, ph // window, pw // window, window, window, value.shape[-1])
            grid = grid.permute(0, 1, 3, 2, 4, 5).reshape(-1, ph, pw, value.shape[-1])
            return torch.roll(grid, (shift, shift), (1, 2))[:, :h, :w].flatten(1, 2)
        return place


def stored_inputs(folder):
    """Normalised images [N, 3, H, W] of a small checkpoint, and the pixel mask of one that has it."""
    with h5py.File(folder / "reference.h5") as file:
        if "inputs/pixel_mask" in file:
            mask = torch.from_numpy(file["inputs/pixel_mask"][:])
            return normalise(file["inputs/original"][:], normalisation(folder)) * mask[:, None], mask.long()
    pixels = np.stack([np.asarray(Image.open(path)) for path in sorted((folder / "images").glob("*.png"))])
    return normalise(pixels, normalisation(folder)), None


def relative(ours, theirs):
    """‖ours − theirs‖ / ‖theirs‖"""
    return float(np.linalg.norm(ours.astype(np.float64) - theirs) / max(1e-30, np.linalg.norm(theirs.astype(np.float64))))


def compare(folder, palimpsest, scratch):
    """(number of taps inside blocks, the largest relative L2, its tap) of what `extract` stores."""
    inside = InsideBlocks(open_checkpoint(folder))
    x, _ = stored_inputs(folder)
    inside.run(x)
    store = scratch / f"{folder.name}.h5"
    done = subprocess.run([palimpsest, "extract", "--model", folder, "--images", folder / "images", "--out", store, "--quiet",
                           "--taps", ",".join(inside.values), "--size", f"{x.shape[3]}x{x.shape[2]}"],
                          capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{folder.name}: exit status {done.returncode}: {done.stderr.strip()}")
    with h5py.File(store) as file:
        ours = {name: dataset[:] for name, dataset in file["features/original"].items()}
    wrong = [name for name in inside.values if ours[name].shape != inside.values[name].shape]
    if wrong:
        raise SystemExit(f"{folder.name}: {wrong[0]} is {ours[wrong[0]].shape}, not {inside.values[wrong[0]].shape}")
    errors = {name: relative(ours[name], value) for name, value in inside.values.items()}
    worst = max(errors, key=errors.get)
    return len(errors), errors[worst], worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("palimpsest", type=Path)
    parser.add_argument("--only", type=lambda text: text.split(","))
    options = parser.parse_args()
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        for folder in sorted(path.parent for path in CHECKPOINTS.glob("*/config.json")):
            # Several sizes in one padded batch are no folder of images; a ResNet has no blocks of this kind.
            if options.only and folder.name not in options.only or "resnet" in folder.name or folder.name == "detr-padding-mask":
                continue
            try:
                taps, error, tap = compare(folder, options.palimpsest, Path(scratch))
            except Exception as problem:  # a dialect that the library's own loader does not read
                print(f"{folder.name:40} not compared: {type(problem).__name__}: {str(problem)[:150]}")
                continue
            failures += error > TOLERANCE
            print(f"{folder.name:40} {taps:3} taps, at most {error:.1e} ({tap})")
    raise SystemExit(1 if failures else 0)


if __name__ == "__main__":
    main()
