"""The page docs/models.md from what scripts/check_encoders.py and scripts/check_variants.py measured (docs/models.json)."""
import json
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
RECORD, PAGE = DOCS / "models.json", DOCS / "models.md"

HEAD = """# Models

<!-- Written by scripts/check_encoders.py and scripts/check_variants.py; edit scripts/models_page.py. -->

`--model` takes a folder as the Hub lays it out, written by timm or by transformers, or a bare `.safetensors` file with `--architecture NAME`.
`palimpsest inspect FOLDER` says what is read, under which names, and what is left out.

| family | models | `model_type` of transformers | names of timm |
|---|---|---|---|
| `vit` | ViT | `vit` | `vit_…`, `flexivit_…` |
| | DINOv2, with and without registers | `dinov2`, `dinov2_with_registers` | `vit_…_patch14_dinov2`, `vit_…_patch14_reg4_dinov2` |
| | CLIP, the image encoder | `clip`, `clip_vision_model` | `vit_…_clip_…`, `vit_…_clip_quickgelu_…` |
| | SigLIP, and SigLIP 2 at a fixed size, the image encoder | `siglip`, `siglip_vision_model` | `vit_…_siglip_…` |
| | MAE, MSN, I-JEPA | `vit_mae`, `vit_msn`, `ijepa` | `vit_…` with the tag `mae`, … |
| | DINOv3, LingBot; EVA, the small EVA-02; ViT with rotary positions | – | `vit_…_patch16_dinov3`, `vit_…_patch16_dinov3_qkvb`, `vit_…_patch16_lingbot`; `eva_giant_…`, `eva02_tiny_…`, `eva02_small_…`; `vit_…_rope_reg…_gap_256` |
| `deit` | DeiT, distilled too, DeiT III | `deit` | `deit_…`, `deit3_…` |
| `swin` | Swin | `swin` | `swin_…` |
| `detr` | DETR with a ResNet | `detr` | – |
| `resnet` | ResNet, the control beside transformers | `resnet` | `resnet18`, `34`, `50`, `101`, `152` |
| `convnext` | ConvNeXt, ConvNeXt V2 | `convnext`, `convnextv2` | `convnext_…`, `convnextv2_…` |

All of the family `vit` are one network (pre-norm blocks on one grid of patches) with other choices, so that taps, inverses and analyses are the same for
them: `embed` (what the first block gets), `block.0` …, `norm`, and `logits` where there is a classifier.

## What to know of each

- **DINOv2.** Registers are prefix tokens behind the class token: `--tokens mean` leaves them out, `--tokens prefix` keeps them. The published recipe cuts
  224×224 while the positions are those of 518×518; they are interpolated as the library does it, without antialiasing (`dinov2`) or with it (`dinov2_with_registers`,
  timm). A classifier sees the class token and the mean of the patches. The giant has gated MLPs (SwiGLU); its inverse has them too.
- **CLIP.** A layer norm stands before the first block, and `embed` is what comes out of it. transformers normalises the class token alone at the end; the tap `norm` is
  that norm of every token, as timm has it, so that its first token is the library's `pooler_output`. `CLIPForImageClassification` averages the
  last block's patches without a norm: there the tap `norm` is the last block's output.
- **SigLIP.** No class token. `norm` is `post_layernorm` of every token, the library's `last_hidden_state`. The attention pooling is left out where no classifier
  stands behind it; before timm's classifiers it is computed, and transformers' classifier does not use it.
- **MAE.** The encoder sees every patch of an image in order; `mask_ratio` is not applied.
- **DINOv3, EVA-02, rotary positions.** Queries and keys of patches are turned by their places in every block, those of prefix tokens are not. `embed` of DINOv3 has no positions in it; its
  inverse is that of any ViT. Attention weights are those of the turned queries and keys. The larger EVA-02, with norms inside attention and MLP, and other kinds of rotary positions are refused by name.
- **ResNet.** `embed` is the map after the stem and its pooling, then `stage.I.block.J` and `stage.I` as Swin has them, and `logits`; there is no `norm`. Images of any
  size are taken. timm's other ResNets (`resnet50d`, `seresnet50`, …) are refused by name.
- **ConvNeXt, V2.** Taps are those of Swin; `embed` is the map after the stem and its norm. Most models normalise the mean over the last map: there the tap `norm` is
  that one token, transformers' `pooler_output`. Where timm has `head_norm_first`, `norm` is the whole map. Images of any size are taken; what a stride does not reach at the right and
  below is left out, as in both libraries. Files without a last norm (after masked training, `ConvNextBackbone`) have no tap `norm`. timm's `conv_mlp` and linear maps are read alike.
- **What is left out.** Text towers, projections between images and texts, decoders, poolers and mask tokens are no part of the image encoder. How many tensors they
  are is said when the model is read, and recorded in the store's notes and in `provenance.json`. A tensor of no known part is an error, as a missing one is.
- **Refused by name**: other `model_type`s (`siglip2` with its variable sizes, `dinov3_vit`, …), activations that are not known, images of other than 3 channels, and an
  `image_size` that is not square where the library has none. The message says what is known.

## What was compared

Every tap, relative L2 (‖ours − theirs‖ / ‖theirs‖), with random weights that are not tame; the largest of all taps and images. 1e-5 is the bound of the small checkpoints, 1e-4
that of full size. Nothing here is typed by hand: `scripts/check_encoders.py` measures and writes this page.
"""


def scientific(value):
    return f"{value:.1e}"


def named(versions):
    return f"torch {versions['torch'].split('+')[0]}, transformers {versions['transformers']}, timm {versions['timm']}"


def small(record):
    groups = {}
    for case in record["small"].values():
        groups.setdefault((case["family"], case["dialect"]), []).append(case)
    rows = [f"| `{family}` | {dialect} | {len(cases)} | {sum(c['taps'] for c in cases)} | {scientific(max(c['largest'] for c in cases))} |"
            for (family, dialect), cases in sorted(groups.items())]
    return ["", "### Small checkpoints", "",
            "Those that the tests read (`Tests/Fixtures/checkpoints`, whose README has their versions), through `extract`.", "",
            "| family | dialect | checkpoints | taps | largest difference |", "|---|---|---|---|---|", *rows]


def full(record):
    rows = [f"| {name} | `{row['modelType']}` | {row['network']} | {row['parameters'] / 1e6:.0f} | {row['taps']} | {row['images']} | "
            f"{scientific(row['largest'])} | {row['pixels']} |" for name, row in sorted(record["full"].items(), key=lambda item: (item[1]["modelType"], item[0]))]
    versions = sorted({named(row["versions"]) for row in record["full"].values()})
    return ["", "### At the published sizes", "",
            f"Photographs through `extract` and through the library ({'; '.join(versions)}): the taps, and the 8-bit pixels that the",
            "checkpoint's recipe makes of them against the library's own processor. Models are named after the repositories whose configuration they have; the",
            "weights are random.", "",
            "| model | `model_type` | class | parameters (millions) | taps | images | largest difference | pixels off by (of 255) |",
            "|---|---|---|---|---|---|---|---|", *rows]


def unseen(record):
    rows = [f"| {kind if kind.startswith('timm') else f'`{kind}`'} | {row['configurations']} | {scientific(row['largest'])} |" for kind, row in sorted(record["unseen"].items())]
    first = next(iter(record["unseen"].values()))
    maps = (" ResNet and ConvNeXt: 1 to 4 stages of 1 to 3 blocks, any input from 32 to 96 pixels a side, every kind of layer, stem, norm,\nkernel, stride and head that is read."
            if any("resnet" in kind or "convnext" in kind for kind in record["unseen"]) else " ResNet and ConvNeXt were not drawn yet.")
    return ["", "### Configurations drawn at random", "",
            "Transformers: depth 1 to 4, 1 to 6 heads, patches of 4 to 16, five activations, four epsilons, with and without biases, SwiGLU and classifiers, 0 to 8",
            f"registers, a third of them at another input size.{maps} (Seed {first['seed']}; {named(first['versions'])}.)", "",
            "| `model_type`, or timm's names | configurations | largest difference |", "|---|---|---|", *rows]


#: Families by the beginnings of their names, in the order of the page.
GROUPS = (("ViT, with DINOv2, DINOv3, CLIP, SigLIP and RADIO", ("vit", "flexivit", "test_vit", "eva_large")), ("EVA", ("eva",)), ("DeiT", ("deit",)),
          ("Swin", ("swin",)), ("ResNet", ("resnet", "test_resnet")), ("ConvNeXt", ("convnext", "test_convnext")))


def variants(record):
    """Which of timm's names are computed, and why the others are refused."""
    found = record["variants"]
    same = {n: row for n, row in found["names"].items() if row["result"] == "same"}
    rows, rest = [], dict(same)
    for title, beginnings in GROUPS:
        names = sorted(n for n in rest if n.startswith(beginnings))
        rest = {n: row for n, row in rest.items() if n not in names}
        if names:
            rows.append(f"| {title} | {len(names)} | {scientific(max(same[n]['largest'] for n in names))} | "
                        + " ".join(f"`{n}`" for n in names) + " |")
    reasons = {}
    for name, row in found["names"].items():
        if row["result"] == "refused":
            reasons.setdefault(row["reason"].partition(": ")[2].partition(" (did you mean")[0] or "not known", []).append(name)
    refused = [f"| {reason} | {len(names)} | " + " ".join(f"`{n}`" for n in sorted(names)) + " |"
               for reason, names in sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))]
    done, total = len(found["names"]), found["total"]
    text = ["", "### Names of timm", "",
            f"The names of timm {found['timm']} that begin as one of these families' do, with random weights, their own widths and input (models of more than 8 million",
            f"parameters with one or two blocks a stage). Of {total} names {done if done < total else 'all'} were put through: {len(same)} give timm's own taps, within 1e-4, {done - len(same)} are refused by name, none is computed",
            "wrong."]
    if found["recipes"]:
        text.append(f"{len(found['recipes'])} different recipes of their tags were compared with timm's own transform, pixel by pixel, one tag of each.")
    return [*text, "",
            "| read | names | largest difference | |", "|---|---|---|---|", *rows, "",
            "| refused, because | names | |", "|---|---|---|", *refused]


def page(record):
    lines = [HEAD.rstrip("\n")]
    for part, section in (("small", small), ("full", full), ("unseen", unseen), ("variants", variants)):
        if record.get(part):
            lines += section(record)
    return "\n".join(lines) + "\n"


def read():
    return json.loads(RECORD.read_text()) if RECORD.exists() else {}


def write(record):
    """Both files, each whole or not at all."""
    for path, text in ((RECORD, json.dumps(record, indent=1, sort_keys=True) + "\n"), (PAGE, page(record))):
        part = path.with_suffix(path.suffix + ".part")
        part.write_text(text)
        part.replace(path)
