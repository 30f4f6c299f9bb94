#!/usr/bin/env python3
"""Seconds of a modular training step in PyTorch: the frozen model's forward pass and one step of every default inverse.

    train_python.py --family vit|swin|detr [--batch-size 4] [--steps 6] [--threads 2]
    train_python.py --compare [--rounds 3] [--palimpsest .build/release/palimpsest] [--cache DIR]
    train_python.py --from-store [--rounds 3] [--palimpsest .build/release/palimpsest] [--cache DIR]

The frozen model is timm's or transformers' own; the inverses are those of scripts/fixtures/inversion.py at the model's sizes,
trained as `palimpsest train` trains them (mean squared error, gradients clipped at norm 1, Adam). Random images: what they show
does not matter for time. Prints JSON: the median seconds of a step after the first two, and peak memory. With --device cuda the
models and every step are there, in full float32, as Palimpsest's are.

With --compare, `palimpsest train` and this script run in turns on the same full-size checkpoints (made by check_full_size.py), and
a markdown table of seconds, ratios and peak memory is printed; Palimpsest's figures are those of its own efficiency.csv. With
--from-store, training from images and from a store of the same activations run in turns.
"""
import argparse
import csv
import importlib.util
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import torch  # noqa: E402
from torch import nn  # noqa: E402

from check_full_size import checkpoint  # noqa: E402
from photographs import write_many  # noqa: E402
from reference import open_checkpoint  # noqa: E402
from timm.models.vision_transformer import Block  # noqa: E402

specification = importlib.util.spec_from_file_location("inversion", HERE.parent / "fixtures" / "inversion.py")
inversion = importlib.util.module_from_spec(specification)
specification.loader.exec_module(inversion)


def vit(network, size):
    channels, depth, heads = network.embed_dim, len(network.blocks), network.blocks[0].attn.num_heads
    grid = [size[0] // 16, size[1] // 16]
    pixels = inversion.PatchPixels([channels, 256, 64, 16, 3], [2, 2, 2, 2], grid, 1, False, [0.5] * 3, [0.5] * 3)
    blocks = [Block(channels, heads, 4.0, qkv_bias=True, norm_layer=partial(nn.LayerNorm, eps=1e-6)) for _ in range(depth)]
    return [("embed", None, inversion.Layers(pixels)), (f"block.{depth - 1}", "embed", inversion.Layers(*blocks))]


def swin(network, size):
    grid, channels = size[0] // 4, network.embed_dim
    modules = [("embed", None, inversion.Layers(
        inversion.PatchPixels([channels, 32, 3], [2, 2], [grid, grid], 0, True, [0.5] * 3, [0.5] * 3)))]
    target = "embed"
    for stage, layer in enumerate(network.layers):
        width, heads = channels << stage, layer.blocks[0].attn.num_heads
        layers = [inversion.SwinBlockOnTokens(width, (grid, grid), heads, window_size=7, mlp_ratio=4.0,
                                              shift_size=3 if i % 2 and grid > 7 else 0)
                  for i in reversed(range(len(layer.blocks)))]
        if stage:
            layers.append(inversion.PatchSplitting(width, width // 2, (grid, grid)))
        modules.append((f"stage.{stage}", target, inversion.Layers(*layers)))
        target, grid = f"stage.{stage}", grid // 2
    return modules


class Projected(nn.Module):
    """DETR's image inverse: 1x1, four times 3x3 with the stages' strides, the stem."""

    def __init__(self, size):
        super().__init__()
        grids = [list(size)]
        for _ in range(5):
            grids.append([(n + 1) // 2 for n in grids[-1]])
        full, half, grid = grids[0], grids[1], grids[2:]
        self.layers = nn.Sequential(
            inversion.ConvolutionInverse(256, 2048, 1, 1, grid[3], grid[3]),
            inversion.ConvolutionInverse(2048, 1024, 3, 2, grid[3], grid[2]),
            inversion.ConvolutionInverse(1024, 512, 3, 2, grid[2], grid[1]),
            inversion.ConvolutionInverse(512, 256, 3, 2, grid[1], grid[0]),
            inversion.StemPixels([256, 128, 64], grid[0], half, full, [0.5] * 3, [0.5] * 3))

    def forward(self, x):
        return self.layers(x)


def detr(network, size):
    config = network.config
    config.dropout = config.attention_dropout = config.activation_dropout = 0.0
    config._attn_implementation = "sdpa"
    grid = [size[0] // 32, size[1] // 32]
    positions = torch.randn(1, grid[0] * grid[1], config.d_model, device=next(network.parameters()).device)
    encoder = [inversion.EncoderLayerInverse(config, positions) for _ in range(config.encoder_layers)]
    last = (config.encoder_layers - 1, config.decoder_layers - 1)
    return [("projection", None, Projected(size)),
            (f"encoder.{last[0]}", "projection", inversion.Layers(*encoder)),
            (f"decoder.{last[1]}", f"encoder.{last[0]}",
             inversion.Layers(inversion.DecoderInverse(config, config.decoder_layers, positions))),
            ("boxes", f"decoder.{last[1]}", inversion.Layers(
                inversion.PredictionInverse(config.num_labels + 1, config.d_model)))]


# MARK: What the frozen model gives, read by hooks that keep tensors as they are

def tokens(x):
    return x.flatten(1, 2) if x.dim() == 4 else x


def watch(family, network):
    """A function from images to taps."""
    taps = {}

    def keep(name, module, change=lambda x: x):
        module.register_forward_hook(lambda _, __, output: taps.__setitem__(
            name, change(output[0] if isinstance(output, tuple) else output)))

    if family == "vit":
        network.blocks[0].register_forward_pre_hook(lambda _, args: taps.__setitem__("embed", args[0]))
        keep(f"block.{len(network.blocks) - 1}", network.blocks[-1])
    elif family == "swin":
        network.layers[0].register_forward_pre_hook(lambda _, args: taps.__setitem__("embed", tokens(args[0])))
        for i, layer in enumerate(network.layers):
            keep(f"stage.{i}", layer.blocks[-1], tokens)
    else:
        keep("projection", network.model.input_projection, lambda x: x.flatten(2).transpose(1, 2))
        keep(f"encoder.{len(network.model.encoder.layers) - 1}", network.model.encoder.layers[-1])
        keep(f"decoder.{len(network.model.decoder.layers) - 1}", network.model.decoder.layernorm)

    def run(images):
        output = network(images)
        if family == "detr":
            taps["logits"], taps["boxes"] = output.logits, output.pred_boxes
        return taps
    return run


def activation(name, taps):
    if name != "boxes":
        return taps[name]
    one_hot = torch.nn.functional.one_hot(taps["logits"].argmax(-1), taps["logits"].shape[-1]).float()
    return torch.cat([one_hot, taps["boxes"]], -1)


def train(model, arguments):
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    torch.backends.cudnn.allow_tf32 = False
    device = torch.device(arguments.device)
    network = open_checkpoint(model).network.to(device)
    # The hooks of the reference copy every tap.
    for module in network.modules():
        module._forward_hooks.clear()
        module._forward_pre_hooks.clear()
        module._forward_pre_hooks_with_kwargs.clear()
        module._forward_hooks_with_kwargs.clear()
    size = (480, 640) if arguments.family == "detr" else (224, 224)
    modules = globals()[arguments.family](network, size)
    frozen = watch(arguments.family, network)
    for _, _, module in modules:
        module.train().to(device, torch.float32)
        for parameter in module.parameters():
            if parameter.dim() > 1:
                nn.init.trunc_normal_(parameter, std=0.02)
    optimizers = [torch.optim.Adam(module.parameters(), lr=1e-4) for _, _, module in modules]
    seconds = []
    for _ in range(arguments.steps):
        images = torch.randn(arguments.batch_size, 3, *size)
        begin = time.perf_counter()
        images = images.to(device)
        with torch.no_grad():
            taps = frozen(images)
        for (name, target, module), optimizer in zip(modules, optimizers):
            loss = nn.functional.mse_loss(module(activation(name, taps)), images if target is None else activation(target, taps))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(module.parameters(), 1.0)
            optimizer.step()
            loss.item()
        if device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append(time.perf_counter() - begin)
    print(json.dumps(dict(seconds_per_step=statistics.median(seconds[2:]), steps=seconds,
                          peak_device_bytes=torch.cuda.max_memory_allocated() if device.type == "cuda" else 0,
                          parameters=sum(p.numel() for _, _, m in modules for p in m.parameters()),
                          peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)))


# MARK: In turns

FOLDERS = {"vit": "timm-vit-b16", "swin": "timm-swin-b", "detr": "hf-detr-r50"}


def ours(source, model, arguments):
    """What a training from `source`, `--images DIR` or `--features STORE`, took."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([arguments.palimpsest, "train", "--model", model, *source, "--out", f"{folder}/out", "--epochs", "1",
                        "--batch-size", str(arguments.batch_size), "--threads", str(arguments.threads), "--quiet",
                        "--mode", arguments.mode, "--device", arguments.device], check=True)
        rows = list(csv.DictReader(open(f"{folder}/out/efficiency.csv")))
        return {row["metric"]: float(row["value"]) for row in rows if row["module"] == "all"}


def photographs(arguments):
    """The cache's folder of images: one batch validates, the others train."""
    images = arguments.cache / "photographs"
    if not images.exists():
        images.mkdir()
        write_many(images, arguments.batch_size * (arguments.steps + 1))
    return images


def ratio(rounds):
    """Median, smallest and largest of the rounds' second figure over their first."""
    ratios = sorted(r[1] / r[0] for r in rounds)
    return f"**{statistics.median(ratios):.2f}** ({ratios[0]:.2f}–{ratios[-1]:.2f})"


def compare_with_store(arguments):
    images = photographs(arguments)
    print("| step | from a store, s | from images, s | ratio |\n|---|---|---|---|")
    for family in arguments.families.split(","):
        model, rounds = checkpoint(FOLDERS[family], arguments.cache), []
        store = arguments.cache / f"{family}.h5"
        subprocess.run([arguments.palimpsest, "extract", "--model", str(model), "--images", str(images), "--out", str(store),
                        "--threads", str(arguments.threads), "--quiet"], check=True)
        for _ in range(arguments.rounds):
            rounds.append(tuple(ours(source, str(model), arguments)["seconds_per_step"]
                                for source in (["--features", str(store)], ["--images", str(images)])))
        a, b = (statistics.median(r[i] for r in rounds) for i in range(2))
        print(f"| {family}, batch {arguments.batch_size} | {a:.2f} | {b:.2f} | {ratio(rounds)} |", flush=True)
        store.unlink()


def compare(arguments):
    images = photographs(arguments)
    print("| step | Palimpsest, s | PyTorch, s | ratio | peak memory, GiB (ours / PyTorch) |\n|---|---|---|---|---|")
    for family in arguments.families.split(","):
        model, rounds = checkpoint(FOLDERS[family], arguments.cache), []
        for _ in range(arguments.rounds):
            own = ours(["--images", str(images)], str(model), arguments)
            command = [sys.executable, __file__, "--family", family, "--model", str(model), "--batch-size",
                       str(arguments.batch_size), "--steps", str(arguments.steps), "--threads", str(arguments.threads),
                       "--device", arguments.device]
            other = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            rounds.append((own["seconds_per_step"], other["seconds_per_step"], own["peak_resident_bytes"], other["peak_bytes"]))
        a, b, m, n = (statistics.median(r[i] for r in rounds) for i in range(4))
        print(f"| {family}, batch {arguments.batch_size} | {a:.2f} | {b:.2f} | {ratio(rounds)} | "
              f"{m / 2**30:.1f} / {n / 2**30:.1f} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", choices=list(FOLDERS))
    parser.add_argument("--model", type=Path, help="with --family: the checkpoint")
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--from-store", action="store_true")
    parser.add_argument("--families", default="vit,swin,detr")
    parser.add_argument("--mode", default="modular")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--palimpsest", default=str(HERE.parents[1] / ".build/release/palimpsest"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--steps", type=int, default=6)
    parser.add_argument("--device", default="cpu", choices=("cpu", "cuda"))
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    if arguments.compare or arguments.from_store:
        kept, arguments.cache = arguments.cache, arguments.cache or Path(tempfile.mkdtemp(prefix="palimpsest-train-"))
        arguments.cache.mkdir(parents=True, exist_ok=True)
        (compare if arguments.compare else compare_with_store)(arguments)
        if not kept:
            shutil.rmtree(arguments.cache)
    elif arguments.family and arguments.model:
        train(arguments.model, arguments)
    else:
        parser.error("give --compare, --from-store, or --family with --model")


if __name__ == "__main__":
    main()
