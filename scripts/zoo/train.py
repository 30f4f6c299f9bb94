#!/usr/bin/env python3
"""Train the small models of notebooks-data/zoo on scenes: a maintainer's tool, not needed to use Palimpsest.

    palimpsest scenes --count 24000 --seed 1 --size 96x96 --out scenes96
    palimpsest scenes --count 20000 --seed 2 --size 160x160 --out scenes160
    scripts/zoo/train.py --model vit --scenes scenes96 --out notebooks-data/zoo/vit --checkpoint vit.pt --epochs 2 --batch 24
    scripts/zoo/train.py --model detr --scenes scenes160 --out notebooks-data/zoo/detr --checkpoint detr.pt --epochs 3 --batch 24

Classifiers learn the dominant object (labels.csv), DETR the boxes and classes (annotations.json); both are helped by
the masks: tokens also learn which class covers their place (see classifier.py and detector.py). A folder is written
as timm or transformers write it for the Hub, with training.json beside it: held-out figures, seeds, versions, log.

With --checkpoint the state is kept after every epoch; the same command goes on from there and ends as it would have.

Needs torch, timm, transformers, scipy, numpy, pillow.
"""
import argparse
import json
import math
import os
import sys
import time
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import reference  # noqa: E402,F401  (makes torchvision importable beside a CPU torch)
from muon import Muon  # noqa: E402


def rate(fraction, peak):
    """Linear warm-up over the first twentieth, then a cosine to zero."""
    return peak * min(1, fraction / 0.05) * 0.5 * (1 + math.cos(math.pi * min(1, fraction)))


def save_atomically(state, path):
    beside = path.with_suffix(".partial")
    torch.save(state, beside)
    os.replace(beside, path)


def train(task, options):
    """Let `task` learn. Every epoch draws from generators seeded by seed and epoch: going on equals never stopping."""
    rows = task.scenes.rows("train")[:options.train]
    matrices, others = task.groups()
    optimizers = [Muon(matrices), torch.optim.AdamW(others)]
    peaks = [[group["lr"] * options.rate for group in optimizer.param_groups] for optimizer in optimizers]
    batches = len(rows) // options.batch
    log, first = [], 1
    if options.start:
        state = torch.load(options.start, weights_only=False)
        task.network.load_state_dict(state["network"])
        log = [dict(entry, round="first") for entry in state["log"]]
    if options.checkpoint and options.checkpoint.exists():
        state = torch.load(options.checkpoint, weights_only=False)
        task.network.load_state_dict(state["network"])
        for optimizer, kept in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(kept)
        log, first = state["log"], state["epoch"] + 1
        print(f"going on after epoch {state['epoch']}", flush=True)
    for epoch in range(first, options.epochs + 1):
        start, total, recent = time.time(), 0.0, []
        rng = np.random.default_rng([options.seed, epoch])
        torch.manual_seed(options.seed * 1000 + epoch)
        task.network.train()
        order = rng.permutation(rows)[:batches * options.batch].reshape(batches, options.batch)
        for number, batch in enumerate(order):
            fraction = (epoch - 1 + number / batches) / options.epochs
            for optimizer, own in zip(optimizers, peaks):
                for group, peak in zip(optimizer.param_groups, own):
                    group["lr"] = rate(fraction, peak)
            loss, parts = task.loss(batch, rng, fraction)
            for parameter in task.network.parameters():
                parameter.grad = None
            loss.backward()
            torch.nn.utils.clip_grad_norm_(task.network.parameters(), 1.0)
            for optimizer in optimizers:
                optimizer.step()
            total += loss.item()
            recent.append(parts)
            if (number + 1) % 50 == 0:
                shown = " ".join(f"{key} {np.mean([r[key] for r in recent]):.3f}" for key in parts)
                print(f"  {epoch}.{number + 1:04d} {shown} {time.time() - start:.0f} s", flush=True)
                recent.clear()
        figure = task.evaluate("validation", options.validate)
        log.append(dict(epoch=epoch, step=epoch * batches, loss=round(total / batches, 4),
                        **{f"validation_{task.figure}": figure}, seconds=round(time.time() - start, 1)))
        print(json.dumps(log[-1]), flush=True)
        if options.checkpoint:
            save_atomically(dict(network=task.network.state_dict(), log=log, epoch=epoch,
                                 optimizers=[optimizer.state_dict() for optimizer in optimizers]), options.checkpoint)
    return log


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", choices=["vit", "deit", "swin", "detr"], required=True)
    parser.add_argument("--scenes", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, help="keep the state here after every epoch, and go on from it")
    parser.add_argument("--start", type=Path, help="begin with this checkpoint's weights and a new schedule")
    parser.add_argument("--rate", type=float, default=1, help="a factor of the peak learning rates")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--limit", type=int, help="use the first so many images")
    parser.add_argument("--train", type=int, help="learn from the first so many training images")
    parser.add_argument("--validate", type=int, help="use the first so many validation images after each epoch")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    if options.model == "detr":
        from detector import Detection
        task = Detection(options.scenes, options.limit)
    else:
        from classifier import Classification
        task = Classification(options.model, options.scenes, options.limit)
    log = train(task, options)
    task.finish()
    test, rows = task.evaluate("test", None), task.scenes.rows("test")
    print(f"{options.model}: test {task.figure} {test:.4f} on {len(rows)} images", flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    task.save(options.out)
    facts = {"model": options.model, f"test_{task.figure}": test, "test_images": len(rows),
             "train_images": len(task.scenes.rows("train")[:options.train]), "seed": options.seed,
             "batch": options.batch, "rate": options.rate, "threads": options.threads, **task.versions(),
             "torch": torch.__version__, "log": log}
    (options.out / "training.json").write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main()
