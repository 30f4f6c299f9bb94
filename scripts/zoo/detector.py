"""DETR of transformers that learns the boxes and classes of a scene's objects.

From scratch a DETR learns slowly. Three things help, none of which is in the saved model:
- the encoder's tokens learn, through the model's own two heads, the class and the box of the object at their place, so
  that the backbone learns at once and the decoder has only to choose among them;
- queries are learnt in several groups that do not see each other and are matched each for itself (Group DETR, Chen et
  al. 2022); the first group is the model's;
- queries begin spread over the image: as the encoding of a place, which the first cross-attentions look up.
"""
import json

import numpy as np
import torch
import transformers
from scipy.optimize import linear_sum_assignment
from torch import nn
from torch.nn import functional

from scenes import CELL, NOTHING, Scenes, moved, normalise

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
#: Scenes are resized to so many pixels.
SIDE = 128
GROUPS = 4
QUERIES = 12
#: The weight of "no object" in the loss of the classes.
NO_OBJECT = 0.4


def build(names):
    backbone = transformers.ResNetConfig(
        embedding_size=24, hidden_sizes=[24, 64, 128], depths=[1, 1, 2], layer_type="basic", out_features=["stage3"])
    return transformers.DetrForObjectDetection(transformers.DetrConfig(
        use_timm_backbone=False, backbone=None, use_pretrained_backbone=False, backbone_config=backbone, d_model=96,
        encoder_layers=3, decoder_layers=3, encoder_ffn_dim=256, decoder_ffn_dim=256, encoder_attention_heads=4,
        decoder_attention_heads=4, num_queries=QUERIES, dropout=0.0, auxiliary_loss=True, eos_coefficient=NO_OBJECT,
        id2label=dict(enumerate(names)), label2id={n: i for i, n in enumerate(names)}))


def thaw(model):
    """Put a learning batch norm in the place of each frozen one; returns what is needed to undo it."""
    found = [(parent, name, child) for parent in model.modules() for name, child in parent.named_children()
             if "FrozenBatchNorm" in type(child).__name__]
    for parent, name, child in found:
        setattr(parent, name, nn.BatchNorm2d(child.weight.shape[0], eps=1e-5))
    for parameter in model.parameters():
        parameter.requires_grad_(True)  # transformers keeps stem and first stage as they were loaded
    return found


def corners(boxes):
    centre, size = boxes[..., :2], boxes[..., 2:]
    return torch.cat([centre - size / 2, centre + size / 2], -1)


def generalised_iou(a, b):
    """Of boxes given by centre and size, broadcast over all but the last dimension."""
    a, b = corners(a), corners(b)
    area = lambda box: (box[..., 2:] - box[..., :2]).clamp(min=0).prod(-1)  # noqa: E731
    shared = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    union = area(a) + area(b) - shared
    return shared / union.clamp(min=1e-6) - (hull - union) / hull.clamp(min=1e-6)


class Detection:
    figure = "ap50"

    def __init__(self, folder, limit):
        categories = json.loads((folder / "annotations.json").read_text())["categories"]
        names = [c["name"] for c in sorted(categories, key=lambda c: c["id"])]
        self.scenes = Scenes(folder, names, limit, SIDE)
        self.model = build(self.scenes.names)
        self.frozen = thaw(self.model)
        self.extra = nn.Parameter(torch.empty((GROUPS - 1) * QUERIES, self.model.config.d_model))
        self.spread()
        self.network = nn.ModuleList([self.model, nn.ParameterList([self.extra])])

    @torch.no_grad()
    def spread(self):
        core = self.model.model
        side = 24
        table = core.position_embedding(torch.Size([1, 1, side, side]), torch.device("cpu"), torch.float32)[0]
        places = torch.rand(GROUPS, QUERIES, 2)
        rows, columns = torch.meshgrid(torch.arange(3), torch.arange(4), indexing="ij")
        regular = torch.stack([rows.flatten() / 3, columns.flatten() / 4], -1)
        places = (0.1 + 0.8 * (regular + places * torch.tensor([1 / 3, 1 / 4])) * side).long().clamp(0, side - 1)
        queries = table[:, places[..., 0], places[..., 1]].permute(1, 2, 0)
        core.query_position_embeddings.weight.copy_(queries[0])
        self.extra.copy_(queries[1:].flatten(0, 1))
        for layer in core.decoder.layers:
            attention = layer.encoder_attn
            attention.q_proj.weight.copy_(attention.k_proj.weight)

    def groups(self):
        """What Muon and what AdamW update."""
        inner = [p for n, p in self.model.named_parameters() if n.endswith("weight") and (
            p.ndim == 4 and p.shape[1] > 3 or p.ndim == 2 and "coder.layers" in n)]
        known = {id(p) for p in inner}
        rest = [p for p in self.network.parameters() if id(p) not in known]
        return [dict(params=inner, lr=3e-3, weight_decay=0.01)], [
            dict(params=[p for p in rest if p.ndim > 1], lr=1e-3, weight_decay=1e-4),
            dict(params=[p for p in rest if p.ndim <= 1], lr=1e-3, weight_decay=0)]

    def forward(self, x):
        """The encoder's tokens [B, T, C] and what each decoder layer hands to the heads [L, B, G, Q, C]."""
        core = self.model.model
        features = core.backbone.model(x).feature_maps[-1]
        places = core.position_embedding(features.shape, x.device, x.dtype).flatten(2).transpose(1, 2)
        tokens = core.input_projection(features).flatten(2).transpose(1, 2)
        for layer in core.encoder.layers:
            tokens = layer(tokens, None, spatial_position_embeddings=places)
        queries = torch.cat([core.query_position_embeddings.weight, self.extra]).expand(len(x), -1, -1)
        group = torch.arange(GROUPS).repeat_interleave(QUERIES)
        apart = torch.where(group[:, None] == group[None], 0.0, -torch.inf)[None, None]
        state, states = torch.zeros_like(queries), []
        for layer in core.decoder.layers:
            state = core.decoder.layernorm(layer(state, apart, places, queries, tokens))
            states.append(state)
        states[-1] = core.decoder.layernorm(state)  # as the library does with an auxiliary loss
        return tokens, torch.stack(states).unflatten(2, (GROUPS, QUERIES))

    def targets(self, batch, flip, dy, dx):
        """Classes and boxes of each image after flip and move; the rows that remain."""
        found = []
        part = torch.tensor([CELL * dx / SIDE, CELL * dy / SIDE])
        for row, image in enumerate(batch):
            box = corners(self.scenes.boxes[image])
            size = (box[:, 2:] - box[:, :2]).prod(-1)
            box = (box + part.repeat(2)).clamp(0, 1)
            left = (box[:, 2:] - box[:, :2]).prod(-1) > 0.3 * size
            if flip[row]:
                box = torch.stack([1 - box[:, 2], box[:, 1], 1 - box[:, 0], box[:, 3]], -1)
            box = torch.cat([(box[:, :2] + box[:, 2:]) / 2, box[:, 2:] - box[:, :2]], -1)
            found.append((self.scenes.classes[image], box, left))
        return found

    def dense_loss(self, tokens, targets, instances):
        """What the encoder's tokens should know: class shares and the box of what covers most of their place."""
        nothing, most = len(self.scenes.names), max(len(t[0]) for t in targets)
        grid = int(tokens.shape[1] ** 0.5)
        step = instances.shape[1] // grid
        index = torch.from_numpy(np.where(instances == NOTHING, most, instances).astype(np.int64))
        share = functional.one_hot(index, most + 1).float()
        share = share.unflatten(2, (grid, step)).unflatten(1, (grid, step)).mean((2, 4)).flatten(1, 2)
        columns = torch.full((len(targets), most + 1), nothing)
        boxes = torch.zeros(len(targets), most + 1, 4)
        for row, (classes, box, _) in enumerate(targets):
            columns[row, :len(classes)], boxes[row, :len(box)] = classes, box
        covers = share @ functional.one_hot(columns, nothing + 1).float()
        place = -(covers * self.model.class_labels_classifier(tokens).log_softmax(-1)).sum(-1).mean()
        best, which = share[..., :most].max(-1)
        seen = best > 0.25
        wanted = boxes.gather(1, which[..., None].expand(-1, -1, 4))[seen]
        given = self.model.bbox_predictor(tokens[seen]).sigmoid()
        box = 5 * (given - wanted).abs().sum(-1).mean() + 2 * (1 - generalised_iou(given, wanted)).mean()
        return place, box

    def set_loss(self, states, targets):
        logits = self.model.class_labels_classifier(states)
        boxes = self.model.bbox_predictor(states).sigmoid()
        layers, nothing = len(states), len(self.scenes.names)
        wanted = torch.full(logits.shape[:-1], nothing)
        picked, goals = [], []
        with torch.no_grad():
            probabilities = logits.softmax(-1)
            for row, (classes, box, left) in enumerate(targets):
                classes, box = classes[left], box[left]
                given = boxes[:, row, :, :, None]
                cost = (5 * (given - box).abs().sum(-1) - 2 * generalised_iou(given, box)
                        - probabilities[:, row][..., classes]).numpy()
                for layer in range(layers):
                    for group in range(GROUPS):
                        queries, objects = linear_sum_assignment(cost[layer, group])
                        wanted[layer, row, group, queries] = classes[objects]
                        picked += [(layer, row, group, q) for q in queries]
                        goals.append(box[objects])
        weights = torch.ones(nothing + 1)
        weights[nothing] = NO_OBJECT
        classified = functional.cross_entropy(logits.flatten(0, -2), wanted.flatten(), weights)
        given, goals = boxes[tuple(torch.tensor(picked).T)], torch.cat(goals)
        box = 5 * (given - goals).abs().sum(-1).mean() + 2 * (1 - generalised_iou(given, goals)).mean()
        return classified, box

    def loss(self, batch, rng, fraction):
        scenes = self.scenes
        dy, dx = rng.integers(-3, 4, 2)
        x = normalise(moved(scenes.pixels[batch], CELL * dy, CELL * dx), MEAN, STD)
        flip = torch.from_numpy(rng.random(len(batch)) < 0.5)
        x = torch.where(flip[:, None, None, None], x.flip(3), x)
        instances = moved(scenes.instances[batch], dy, dx)
        instances = np.where(flip.numpy()[:, None, None], instances[:, :, ::-1], instances)
        tokens, states = self.forward(x.contiguous(memory_format=torch.channels_last))
        targets = self.targets(batch, flip, dy, dx)
        place, cell_box = self.dense_loss(tokens, targets, instances)
        classified, box = self.set_loss(states, targets)
        loss = place + 0.5 * cell_box + 2 * classified + box
        return loss, dict(place=place.item(), cell_box=cell_box.item(), classes=classified.item(), box=box.item())

    @torch.inference_mode()
    def evaluate(self, split, limit):
        self.model.eval()
        rows = self.scenes.rows(split)[:limit]
        logits, boxes = [], []
        for batch in np.array_split(rows, max(1, len(rows) // 64)):
            output = self.model(pixel_values=normalise(self.scenes.pixels[batch], MEAN, STD))
            logits.append(output.logits)
            boxes.append(output.pred_boxes)
        truth = [(self.scenes.classes[i].numpy(), self.scenes.boxes[i].numpy()) for i in rows]
        return average_precision(torch.cat(logits).numpy(), torch.cat(boxes).numpy(), truth)

    def finish(self):
        """The learnt batch norms become the frozen ones of the class."""
        with torch.no_grad():
            for parent, name, child in self.frozen:
                learnt = getattr(parent, name)
                for key in ("weight", "bias", "running_mean", "running_var"):
                    getattr(child, key).copy_(getattr(learnt, key))
                setattr(parent, name, child)

    def versions(self):
        return dict(transformers=transformers.__version__)

    def save(self, out):
        self.model.save_pretrained(out)
        (out / "preprocessor_config.json").write_text(json.dumps(dict(
            image_processor_type="DetrImageProcessor", do_resize=True,
            size=dict(height=SIDE, width=SIDE), resample=2, do_rescale=True,
            rescale_factor=1 / 255, do_normalize=True, image_mean=MEAN, image_std=STD, do_pad=False), indent=2) + "\n")


def average_precision(logits, boxes, truth):
    """COCO's AP at IoU 0.5, in parts of 1: the mean over classes of the 101-point interpolated precision.

    logits [N, Q, classes + 1], boxes [N, Q, 4] centre and size, truth N pairs of classes [K] and boxes [K, 4]. Every
    query is a detection of every class with its softmax; at most 100 an image count, as in COCO (the best scored).
    """
    scores = np.exp(logits - logits.max(-1, keepdims=True))
    scores = (scores / scores.sum(-1, keepdims=True))[..., :-1]
    classes = scores.shape[-1]
    found, total = [[] for _ in range(classes)], np.zeros(classes, int)
    for score, box, (labels, wanted) in zip(scores, boxes, truth):
        kept = np.argsort(-score, axis=None, kind="stable")[:100]
        overlaps = iou(box, wanted)
        used = np.zeros(len(labels), bool)
        for c in labels:
            total[c] += 1
        for query, c in zip(*np.unravel_index(kept, score.shape)):
            free = np.where((labels == c) & ~used, overlaps[query], 0)
            best = int(free.argmax()) if len(free) else 0
            hit = len(free) > 0 and free[best] >= 0.5
            if hit:
                used[best] = True
            found[c].append((score[query, c], hit))
    values = []
    for c in np.flatnonzero(total):
        hits = np.array([hit for _, hit in sorted(found[c], key=lambda f: -f[0])], float)
        recall, precision = hits.cumsum() / total[c], hits.cumsum() / np.arange(1, len(hits) + 1)
        precision = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0)
        values.append(precision[np.searchsorted(recall, np.linspace(0, 1, 101), side="left")].mean())
    return float(np.mean(values))


def iou(a, b):
    """Of every box of a with every box of b, given by centre and size."""
    low = np.maximum((a[:, :2] - a[:, 2:] / 2)[:, None], b[:, :2] - b[:, 2:] / 2)
    high = np.minimum((a[:, :2] + a[:, 2:] / 2)[:, None], b[:, :2] + b[:, 2:] / 2)
    shared = np.clip(high - low, 0, None).prod(-1)
    return shared / (a[:, 2:].prod(-1)[:, None] + b[:, 2:].prod(-1) - shared + 1e-9)
