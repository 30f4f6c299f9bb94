#!/usr/bin/env python3
"""Train the small models of notebooks-data/zoo on scenes: a maintainer's tool, not needed to use Palimpsest.

    palimpsest scenes --count 6000 --seed 1 --size 96x96 --out scenes96
    palimpsest scenes --count 4000 --seed 2 --size 192x192 --out scenes192
    scripts/zoo/train.py --model vit --scenes scenes96 --out notebooks-data/zoo/vit --epochs 8
    scripts/zoo/train.py --model detr --scenes scenes192 --out notebooks-data/zoo/detr --epochs 8

Classifiers learn the dominant object (labels.csv), DETR the boxes and classes (annotations.json). A folder is written
as timm or transformers write it for the Hub, with training.json beside it: held-out figures, seeds, versions, log.

Needs torch, timm, transformers, scipy, numpy, pillow.
"""
import argparse
import csv
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import reference  # noqa: E402,F401  (makes torchvision importable beside a CPU torch)

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


def read_csv(path):
    with open(path, newline="") as file:
        return [row for row in csv.reader(file)][1:]


def load(folder, limit):
    """Pixels [N, H, W, 3] uint8, paths and the split of each image."""
    splits = dict(read_csv(folder / "splits.csv"))
    paths = sorted(splits)[:limit]
    root = folder if (folder / paths[0]).exists() else folder / "images"
    pixels = np.stack([np.asarray(Image.open(root / p).convert("RGB")) for p in paths])
    return pixels, paths, np.array([splits[p] for p in paths])


def normalise(pixels, mean=MEAN, std=STD):
    x = torch.from_numpy(pixels).float().div(255).permute(0, 3, 1, 2)
    return (x - torch.tensor(mean).view(1, 3, 1, 1)) / torch.tensor(std).view(1, 3, 1, 1)


def schedule(optimizer, fraction, peak):
    """Linear warm-up over the first twentieth, then a cosine to zero."""
    rate = peak * min(1, fraction / 0.05) * 0.5 * (1 + math.cos(math.pi * min(1, fraction)))
    for group in optimizer.param_groups:
        group["lr"] = rate


# MARK: classifiers


def build_classifier(kind, side, classes):
    import timm
    common = dict(img_size=side, num_classes=classes)
    if kind == "vit":
        name, args = "vit_tiny_patch16_224", dict(common, patch_size=12, embed_dim=96, depth=6, num_heads=3)
    elif kind == "deit":
        name, args = "deit3_small_patch16_224", dict(common, patch_size=12, embed_dim=96, depth=6, num_heads=3)
    else:
        name, args = "swin_tiny_patch4_window7_224", dict(
            common, patch_size=4, window_size=6, embed_dim=32, depths=[2, 2, 4], num_heads=[1, 2, 4])
    extra = dict(drop_path_rate=0.05)
    if kind == "deit":
        extra["init_values"] = 1e-1
    return timm.create_model(name, pretrained=False, **args, **extra), name, args


def train_classifier(kind, folder, out, epochs, seed, threads, limit):
    import timm
    pixels, paths, split = load(folder, limit)
    labels_of = dict(read_csv(folder / "labels.csv"))
    names = sorted(set(labels_of.values()))
    labels = torch.tensor([names.index(labels_of[p]) for p in paths])
    side = pixels.shape[1]
    mean, std = ([0.5] * 3, [0.5] * 3) if kind == "vit" else (MEAN, STD)
    model, name, args = build_classifier(kind, side, len(names))
    train, test = np.flatnonzero(split == "train"), np.flatnonzero(split == "test")
    decay = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    peak = 1.5e-3
    optimizer = torch.optim.AdamW([dict(params=decay, weight_decay=0.05), dict(params=plain, weight_decay=0)], lr=peak)
    batches = max(1, len(train) // 48)
    steps = batches * epochs
    rng, log, start, step = np.random.default_rng(seed), [], time.time(), 0
    for epoch in range(1, epochs + 1):
        model.train()
        total = seen = 0
        for batch in np.array_split(rng.permutation(train), batches):
            schedule(optimizer, step / steps, peak)
            x = normalise(pixels[batch], mean, std)
            flip = torch.from_numpy(rng.random(len(batch)) < 0.5)
            x[flip] = x[flip].flip(-1)
            dy, dx = rng.integers(-6, 7, 2)
            x = torch.roll(x, (int(dy), int(dx)), (2, 3))
            loss = nn.functional.cross_entropy(model(x), labels[batch], label_smoothing=0.05)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            total, seen, step = total + loss.item() * len(batch), seen + len(batch), step + 1
        accuracy = evaluate_classifier(model, pixels, labels, np.flatnonzero(split == "validation"), mean, std)
        log.append(dict(epoch=epoch, step=step, loss=total / max(1, seen), validation_accuracy=accuracy,
                        seconds=time.time() - start))
        print(json.dumps(log[-1]), flush=True)
    accuracy = evaluate_classifier(model, pixels, labels, test, mean, std)
    print(f"{kind}: test accuracy {accuracy:.4f} on {len(test)} images", flush=True)
    out.mkdir(parents=True, exist_ok=True)
    cfg = dict(input_size=[3, side, side], interpolation="bicubic", crop_pct=1.0, crop_mode="center", mean=mean,
               std=std, num_classes=len(names), fixed_input_size=True)
    (out / "config.json").write_text(json.dumps(dict(
        architecture=name, num_classes=len(names), num_features=model.num_features, label_names=names,
        model_args={k: v for k, v in args.items()}, pretrained_cfg=cfg), indent=2) + "\n")
    save_file({k: v.contiguous() for k, v in model.state_dict().items()}, out / "model.safetensors", {"format": "pt"})
    record(out, dict(model=kind, test_accuracy=accuracy, test_images=len(test), train_images=len(train), seed=seed,
                     threads=threads, timm=timm.__version__, torch=torch.__version__, log=log))


@torch.inference_mode()
def evaluate_classifier(model, pixels, labels, rows, mean, std):
    model.eval()
    hits = sum((model(normalise(pixels[b], mean, std)).argmax(1) == labels[b]).sum().item()
               for b in np.array_split(rows, max(1, len(rows) // 128)))
    return hits / max(1, len(rows))


# MARK: DETR


def build_detr(names, height, width):
    import transformers as tf
    backbone = tf.ResNetConfig(embedding_size=24, hidden_sizes=[48, 96, 144, 192], depths=[1, 1, 2, 1],
                               layer_type="bottleneck", out_features=["stage4"])
    return tf.DetrForObjectDetection(tf.DetrConfig(
        use_timm_backbone=False, backbone=None, use_pretrained_backbone=False, backbone_config=backbone, d_model=96,
        encoder_layers=3, decoder_layers=3, encoder_ffn_dim=256, decoder_ffn_dim=256, encoder_attention_heads=4,
        decoder_attention_heads=4, num_queries=12, dropout=0.0, auxiliary_loss=True, eos_coefficient=0.15,
        id2label=dict(enumerate(names)), label2id={n: i for i, n in enumerate(names)}))


def frozen_norms(module):
    """Every frozen batch norm with its parent and name."""
    return [(parent, name, child) for parent in module.modules() for name, child in parent.named_children()
            if "FrozenBatchNorm" in type(child).__name__]


def train_detr(folder, out, epochs, seed, threads, limit):
    import transformers as tf
    pixels, paths, split = load(folder, limit)
    coco = json.loads((folder / "annotations.json").read_text())
    names = [c["name"] for c in sorted(coco["categories"], key=lambda c: c["id"])]
    column = {c["id"]: names.index(c["name"]) for c in coco["categories"]}
    by_name = {Path(i["file_name"]).name: i["id"] for i in coco["images"]}
    targets = {i: ([], []) for i in by_name.values()}
    height, width = pixels.shape[1:3]
    for a in coco["annotations"]:
        x, y, w, h = a["bbox"]
        targets[a["image_id"]][0].append(column[a["category_id"]])
        targets[a["image_id"]][1].append([(x + w / 2) / width, (y + h / 2) / height, w / width, h / height])
    rows = [targets[by_name[Path(p).name]] for p in paths]
    model = build_detr(names, height, width)
    # The backbone learns its statistics like any network trained from scratch; they are frozen when it is saved.
    frozen = frozen_norms(model)
    for parent, name, child in frozen:
        setattr(parent, name, nn.BatchNorm2d(child.weight.shape[0], eps=1e-5))
    train = np.flatnonzero(split == "train")
    slow = [p for n, p in model.named_parameters()]
    peak = 6e-4
    optimizer = torch.optim.AdamW(slow, lr=peak, weight_decay=1e-4)
    batches = max(1, len(train) // 16)
    steps = batches * epochs
    rng, log, start, step = np.random.default_rng(seed), [], time.time(), 0
    for epoch in range(1, epochs + 1):
        model.train()
        total = seen = 0
        for batch in np.array_split(rng.permutation(train), batches):
            schedule(optimizer, step / steps, peak)
            x = normalise(pixels[batch])
            labels = []
            for k, i in enumerate(batch):
                classes, boxes = torch.tensor(rows[i][0], dtype=torch.long), torch.tensor(rows[i][1]).reshape(-1, 4)
                if rng.random() < 0.5:
                    x[k] = x[k].flip(-1)
                    boxes = boxes * torch.tensor([-1.0, 1, 1, 1]) + torch.tensor([1.0, 0, 0, 0])
                labels.append(dict(class_labels=classes, boxes=boxes))
            loss = model(pixel_values=x, labels=labels).loss
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            optimizer.step()
            total, seen, step = total + loss.item() * len(batch), seen + len(batch), step + 1
        log.append(dict(epoch=epoch, step=step, loss=total / max(1, seen), seconds=time.time() - start))
        print(json.dumps(log[-1]), flush=True)
    for parent, name, child in frozen:
        learned = getattr(parent, name)
        for key in ("weight", "bias", "running_mean", "running_var"):
            getattr(child, key).copy_(getattr(learned, key).detach())
        setattr(parent, name, child)
    test = np.flatnonzero(split == "test")
    score = average_precision(model.eval(), pixels, rows, test, len(names))
    print(f"detr: AP50 {score:.4f} on {len(test)} images", flush=True)
    model.save_pretrained(out)
    (out / "preprocessor_config.json").write_text(json.dumps(dict(
        image_processor_type="DetrImageProcessor", do_resize=True, size=dict(height=height, width=width), resample=2,
        do_rescale=True, rescale_factor=1 / 255, do_normalize=True, image_mean=MEAN, image_std=STD, do_pad=False),
        indent=2) + "\n")
    record(out, dict(model="detr", test_ap50=score, test_images=len(test), train_images=len(train), seed=seed,
                     threads=threads, transformers=tf.__version__, torch=torch.__version__, log=log))


@torch.inference_mode()
def average_precision(model, pixels, rows, test, classes):
    """COCO's AP at IoU 0.5: the mean over classes of the 101-point interpolated precision."""
    found = [[] for _ in range(classes)]
    truth = [0] * classes
    for batch in np.array_split(test, max(1, len(test) // 32)):
        output = model(pixel_values=normalise(pixels[batch]))
        scores = output.logits.softmax(-1)[..., :-1].numpy()
        boxes = output.pred_boxes.numpy()
        for k, i in enumerate(batch):
            for c in range(classes):
                own = [np.array(b) for label, b in zip(*rows[i]) if label == c]
                truth[c] += len(own)
                used = [False] * len(own)
                for q in np.argsort(-scores[k, :, c]):
                    overlaps = [iou(boxes[k, q], b) if not u else 0 for b, u in zip(own, used)]
                    best = int(np.argmax(overlaps)) if overlaps else -1
                    hit = best >= 0 and overlaps[best] >= 0.5
                    if hit:
                        used[best] = True
                    found[c].append((scores[k, q, c], hit))
    values = []
    for c in range(classes):
        if truth[c] == 0:
            continue
        hits = np.array([h for _, h in sorted(found[c], key=lambda f: -f[0])], float)
        recall, precision = hits.cumsum() / truth[c], hits.cumsum() / np.arange(1, len(hits) + 1)
        precision = np.maximum.accumulate(precision[::-1])[::-1]
        at = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
        values.append(np.mean([precision[j] if j < len(precision) else 0 for j in at]))
    return float(np.mean(values))


def iou(a, b):
    low = np.maximum(a[:2] - a[2:] / 2, b[:2] - b[2:] / 2)
    high = np.minimum(a[:2] + a[2:] / 2, b[:2] + b[2:] / 2)
    shared = np.prod(np.clip(high - low, 0, None))
    return shared / (a[2] * a[3] + b[2] * b[3] - shared + 1e-9)


def record(out, facts):
    (out / "training.json").write_text(json.dumps(facts, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", choices=["vit", "deit", "swin", "detr"], required=True)
    parser.add_argument("--scenes", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--limit", type=int, help="use the first so many images")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    if options.model == "detr":
        train_detr(options.scenes, options.out, options.epochs, options.seed, options.threads,
                         options.limit)
    else:
        train_classifier(options.model, options.scenes, options.out, options.epochs, options.seed, options.threads,
                         options.limit)


if __name__ == "__main__":
    main()
