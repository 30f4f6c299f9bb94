"""ViT, DeiT III and Swin of timm that learn the dominant object of a scene.

Beside the label, each token of the last layer learns what covers its place (token labelling, Jiang et al. 2021; here
the labels are the scenes' own masks): a picture then teaches as much as dozens of labels. The head for it is thrown
away. For most of the training ViT and DeiT see a third of their tokens, drawn with a preference for those on objects.
"""
import json

import numpy as np
import timm
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

from scenes import CELL, NOTHING, Scenes, moved, normalise

HALF, IMAGENET = ([0.5] * 3, [0.5] * 3), ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
#: The share of the training in which ViT and DeiT see a third of their tokens.
SPARSE = 0.8


def build(kind, side, classes):
    common = dict(img_size=side, num_classes=classes)
    if kind == "vit":
        name, args = "vit_tiny_patch16_224", dict(common, patch_size=8, embed_dim=96, depth=6, num_heads=3)
    elif kind == "deit":
        name, args = "deit3_small_patch16_224", dict(common, patch_size=8, embed_dim=96, depth=6, num_heads=3)
    else:
        name, args = "swin_tiny_patch4_window7_224", dict(
            common, patch_size=4, window_size=6, embed_dim=32, depths=[2, 2, 4], num_heads=[1, 2, 4])
    extra = dict(init_values=0.5) if kind == "deit" else {}
    return timm.create_model(name, pretrained=False, **args, **extra), name, args


class Classification:
    figure = "accuracy"

    def __init__(self, kind, folder, limit):
        self.kind = kind
        self.scenes = Scenes(folder, limit=limit)
        self.mean, self.std = HALF if kind == "vit" else IMAGENET
        classes = len(self.scenes.names)
        self.model, self.name, self.args = build(kind, self.scenes.side, classes)
        self.tokens = nn.Linear(self.model.num_features, classes + 1)
        self.network = nn.ModuleList([self.model, self.tokens])

    def groups(self):
        """What Muon and what AdamW update."""
        inner = [p for n, p in self.model.named_parameters()
                 if p.ndim == 2 and n.endswith(".weight") and not n.startswith("head")]
        known = {id(p) for p in inner}
        rest = [p for p in self.network.parameters() if id(p) not in known]
        return [dict(params=inner, lr=4e-3, weight_decay=0.05)], [
            dict(params=[p for p in rest if p.ndim > 1], lr=2e-3, weight_decay=0.05),
            dict(params=[p for p in rest if p.ndim <= 1], lr=2e-3, weight_decay=0)]

    def forward(self, x, kept):
        """Logits [B, classes] and tokens [B, T, C]; of ViT and DeiT only the tokens `kept` [B, T], if given."""
        model = self.model
        if self.kind == "swin":
            features = model.forward_features(x)
            return model.forward_head(features), features.flatten(1, 2)
        tokens = model.norm_pre(model._pos_embed(model.patch_embed(x)))
        if kept is not None:
            own = tokens[:, 1:].gather(1, kept[..., None].expand(-1, -1, tokens.shape[2]))
            tokens = torch.cat([tokens[:, :1], own], 1)
        tokens = model.norm(model.blocks(tokens))
        return model.forward_head(tokens), tokens[:, 1:]

    def covers(self, batch, instances, flip, grid):
        """Which part of each token's place every class covers: [B, T, classes + 1], nothing last."""
        nothing = len(self.scenes.names)
        table = np.full((len(batch), NOTHING + 1), nothing)
        for row, image in enumerate(batch):
            table[row, :len(self.scenes.classes[image])] = self.scenes.classes[image]
        classes = torch.from_numpy(np.take_along_axis(table, instances.reshape(len(batch), -1).astype(int), 1))
        classes = classes.reshape(instances.shape)
        classes = torch.where(flip[:, None, None], classes.flip(2), classes)
        ones = functional.one_hot(classes, nothing + 1).float()
        step = instances.shape[1] // grid
        pooled = ones.unflatten(2, (grid, step)).unflatten(1, (grid, step)).mean((2, 4))
        return pooled.flatten(1, 2)

    def loss(self, batch, rng, fraction):
        scenes = self.scenes
        dy, dx = rng.integers(-2, 3, 2)
        x = normalise(moved(scenes.pixels[batch], CELL * dy, CELL * dx), self.mean, self.std)
        flip = torch.from_numpy(rng.random(len(batch)) < 0.5)
        x = torch.where(flip[:, None, None, None], x.flip(3), x)
        grid = scenes.side // (16 if self.kind == "swin" else 8)
        covers = self.covers(batch, moved(scenes.instances[batch], dy, dx), flip, grid)
        kept = None
        if self.kind != "swin" and fraction < SPARSE:
            drawn = torch.from_numpy(rng.random(covers.shape[:2])) + 0.7 * (covers[..., -1] < 0.8)
            kept = drawn.topk(covers.shape[1] // 3).indices
            covers = covers.gather(1, kept[..., None].expand(-1, -1, covers.shape[2]))
        logits, tokens = self.forward(x, kept)
        label = functional.cross_entropy(logits, scenes.labels[batch], label_smoothing=0.05)
        place = -(covers * self.tokens(tokens).log_softmax(-1)).sum(-1).mean()
        return label + place, dict(label=label.item(), place=place.item())

    @torch.inference_mode()
    def evaluate(self, split, limit):
        self.model.eval()
        rows = self.scenes.rows(split)[:limit]
        hits = sum((self.model(normalise(self.scenes.pixels[b], self.mean, self.std)).argmax(1)
                    == self.scenes.labels[b]).sum().item() for b in np.array_split(rows, max(1, len(rows) // 64)))
        return hits / max(1, len(rows))

    def finish(self):
        pass

    def versions(self):
        return dict(timm=timm.__version__)

    def save(self, out):
        side, names = self.scenes.side, self.scenes.names
        pretrained = dict(input_size=[3, side, side], interpolation="bicubic", crop_pct=1.0, crop_mode="center",
                          mean=self.mean, std=self.std, num_classes=len(names), fixed_input_size=True)
        (out / "config.json").write_text(json.dumps(dict(
            architecture=self.name, num_classes=len(names), num_features=self.model.num_features, label_names=names,
            model_args=self.args, pretrained_cfg=pretrained), indent=2) + "\n")
        weights = {k: v.contiguous() for k, v in self.model.state_dict().items()}
        save_file(weights, out / "model.safetensors", {"format": "pt"})
