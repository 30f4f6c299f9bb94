"""What timm and transformers compute, tap by tap: the reference that Palimpsest is compared with.

Shared by the maintainer scripts beside this file. Nobody needs Python to use Palimpsest.

A *reference model* is the real class of timm or transformers with hooks for every tap of the contract. It is
built around a new model (`fixtures/backbones.py`) or opened from a checkpoint folder (`open_checkpoint`).
"""
import json
import math
from pathlib import Path

import numpy as np
import torch


def allow_cpu_torch_with_cuda_torchvision():
    """torchvision of the Python index is built for CUDA: beside a CPU torch its operators cannot be loaded, and the
    import fails when it describes `nms`. Declaring the schemas is enough: nothing here calls them."""
    try:
        import torchvision  # noqa: F401
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        allow_cpu_torch_with_cuda_torchvision.library = library  # kept alive: dropping it removes the schemas
        import sys
        for name in [n for n in sys.modules if n == "torchvision" or n.startswith("torchvision.")]:
            del sys.modules[name]
        import torchvision  # noqa: F401


allow_cpu_torch_with_cuda_torchvision()

import timm  # noqa: E402
import transformers  # noqa: E402

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

IMAGENET = dict(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225])
HALF = dict(mean=[0.5, 0.5, 0.5], std=[0.5, 0.5, 0.5])
CLIP = dict(mean=[0.48145466, 0.4578275, 0.40821073], std=[0.26862954, 0.26130258, 0.27577711])


def versions():
    """Versions that decide the reference values, for the record beside every fixture."""
    import h5py
    import PIL
    return dict(torch=torch.__version__, timm=timm.__version__, transformers=transformers.__version__,
                numpy=np.__version__, pillow=PIL.__version__, h5py=h5py.__version__, hdf5=h5py.version.hdf5_version)


def randomise(network, seed):
    """Draw every parameter and every running statistic afresh, so that no layer is near the identity.

    A wrong epsilon, a missing bias, a swapped axis or a wrong mask would otherwise hide behind tame weights. The
    weight and bias of a frozen batch norm are buffers; they are drawn too.
    """
    generator = torch.Generator().manual_seed(seed)

    def uniform(t, low, high):
        return torch.rand(t.shape, generator=generator) * (high - low) + low

    def normal(t, scale):
        return torch.randn(t.shape, generator=generator) * scale

    with torch.no_grad():
        for name, p in network.named_parameters():
            leaf = name.split(".")[-1]
            if leaf == "gamma" or "lambda" in leaf:
                p.copy_(uniform(p, 0.2, 1.0))
            elif p.ndim == 1 and leaf == "weight":
                p.copy_(uniform(p, 0.5, 1.5))
            elif p.ndim <= 1:
                p.copy_(normal(p, 0.1))
            elif "token" in name or "pos" in name or "table" in name:
                p.copy_(normal(p, 0.5))
            else:
                p.copy_(normal(p, 1.0 / math.sqrt(p[0].numel())))
        for name, b in network.named_buffers():
            leaf = name.split(".")[-1]
            if leaf == "running_mean":
                b.copy_(normal(b, 0.2))
            elif leaf == "running_var":
                b.copy_(uniform(b, 0.5, 1.5))
            elif leaf == "weight":
                b.copy_(uniform(b, 0.5, 1.5))
            elif leaf == "bias":
                b.copy_(normal(b, 0.1))
    return network.eval()


def normalise(pixels, norm):
    """[N,H,W,3] uint8 to the [N,3,H,W] float32 a model takes."""
    x = torch.from_numpy(np.ascontiguousarray(pixels)).float().div(255).permute(0, 3, 1, 2)
    mean, std = (torch.tensor(norm[k]).view(1, 3, 1, 1) for k in ("mean", "std"))
    return (x - mean) / std


#: Values of model_type whose image encoder is a plain vision transformer, besides vit and deit; all are of the family vit.
ENCODERS = ("vit_mae", "vit_msn", "ijepa", "dinov2", "dinov2_with_registers", "clip", "clip_vision_model", "siglip",
            "siglip_vision_model")


def first(output):
    return output[0] if isinstance(output, tuple) else output


class Taps:
    """Named outputs of one forward pass as [N,T,C] float32 arrays, with grid and number of prefix tokens."""

    def __init__(self):
        self.values, self.attributes = {}, {}

    def put(self, name, t, layout, prefix=0):
        """`layout` is NCHW, NHWC, NC, or for [N,T,C] the grid itself."""
        t = t.detach().float()
        if layout == "NCHW":
            grid, t = list(t.shape[2:]), t.flatten(2).transpose(1, 2)
        elif layout == "NHWC":
            grid, t = list(t.shape[1:3]), t.flatten(1, 2)
        elif layout == "NC":
            grid, t = [], t.unsqueeze(1)
        else:
            grid = list(layout)
        self.values[name] = t.contiguous().cpu().numpy()
        self.attributes[name] = dict(grid=grid, prefix_tokens=prefix)

    def write(self, group):
        """Write below an open h5py group, in the schema of the feature store."""
        for name, value in self.values.items():
            dataset = group.create_dataset(name, data=value)
            dataset.attrs["grid"] = np.array(self.attributes[name]["grid"], dtype=np.int64)
            dataset.attrs["prefix_tokens"] = self.attributes[name]["prefix_tokens"]


class ReferenceModel:
    """A network of timm or transformers whose forward pass fills `taps`.

    `family` is vit, deit, swin, resnet, convnext or detr; `source` is timm or hf. A forward pass replaces `taps`.
    """

    def __init__(self, network, source, family):
        self.network, self.source, self.family = network.eval(), source, family
        self.taps = Taps()
        self.image_size = None
        {("timm", "swin"): self._hook_timm_swin, ("timm", "vit"): self._hook_timm_vit,
         ("timm", "deit"): self._hook_timm_vit, ("hf", "vit"): self._hook_hf_vit, ("hf", "deit"): self._hook_hf_vit,
         ("hf", "swin"): self._hook_hf_swin, ("hf", "detr"): self._hook_hf_detr,
         ("timm", "resnet"): self._hook_timm_resnet, ("hf", "resnet"): self._hook_hf_resnet,
         ("timm", "convnext"): self._hook_timm_convnext, ("hf", "convnext"): self._hook_hf_convnext}[source, family]()

    def _tap(self, module, name, layout, prefix=0):
        """`layout` may be a function, called at each forward pass."""
        def hook(_, __, output):
            self.taps.put(name, first(output), layout() if callable(layout) else layout, prefix)
        module.register_forward_hook(hook)

    def _tap_input(self, module, name, layout, prefix=0):
        def hook(_, args, kwargs):
            value = args[0] if args else kwargs["hidden_states"]
            self.taps.put(name, value, layout() if callable(layout) else layout, prefix)
        module.register_forward_pre_hook(hook, with_kwargs=True)

    def _grid(self, patch, halvings=0):
        """A function giving the token grid of the image that is passing."""
        ph, pw = (patch, patch) if isinstance(patch, int) else patch

        def grid():
            h, w = -(-self.image_size[0] // ph), -(-self.image_size[1] // pw)
            return (-(-h // 2 ** halvings), -(-w // 2 ** halvings))
        return grid

    def _floor_grid(self, patch):
        """The same where the image is cropped to whole patches."""
        ph, pw = (patch, patch) if isinstance(patch, int) else patch
        return lambda: (self.image_size[0] // ph, self.image_size[1] // pw)

    def _hook_timm_vit(self):
        m = self.network
        grid, prefix = self._floor_grid(m.patch_embed.patch_size), m.num_prefix_tokens
        self._tap_input(m.blocks[0], "embed", grid, prefix)
        for i, block in enumerate(m.blocks):
            self._tap(block, f"block.{i}", grid, prefix)
        self._tap(m.norm, "norm", grid, prefix)

    def _hook_timm_swin(self):
        m = self.network
        self._tap(m.patch_embed, "embed", "NHWC")
        for i, layer in enumerate(m.layers):
            for j, block in enumerate(layer.blocks):
                self._tap(block, f"stage.{i}.block.{j}", "NHWC")
            self._tap(layer, f"stage.{i}", "NHWC")
        self._tap(m.norm, "norm", "NHWC")

    def _hook_stages(self, embed, stages):
        self._tap(embed, "embed", "NCHW")
        for i, blocks in enumerate(stages):
            for j, block in enumerate(blocks):
                self._tap(block, f"stage.{i}.block.{j}", "NCHW")
            self._tap(blocks[-1], f"stage.{i}", "NCHW")

    def _hook_timm_resnet(self):
        m = self.network
        self._hook_stages(m.maxpool, [m.layer1, m.layer2, m.layer3, m.layer4])

    def _hook_hf_resnet(self):
        base = self._base()
        self._hook_stages(base.embedder, [stage.layers for stage in base.encoder.stages])

    def _hook_timm_convnext(self):
        m = self.network
        self._hook_stages(m.stem, [stage.blocks for stage in m.stages])
        if isinstance(m.norm_pre, torch.nn.Identity):
            # After pooling: [N,C,1,1] before timm flattens it.
            m.head.norm.register_forward_hook(lambda _, __, output: self.taps.put("norm", output.flatten(1), "NC"))
        else:
            self._tap(m.norm_pre, "norm", "NCHW")

    def _hook_hf_convnext(self):
        base = getattr(self.network, self.network.config.model_type, self.network)
        self._hook_stages(base.embeddings, [stage.layers for stage in base.encoder.stages])
        if hasattr(base, "layernorm"):
            self._tap(base.layernorm, "norm", "NC")

    def _base(self):
        return getattr(self.network, self.family, self.network)

    def _hook_hf_encoder(self):
        """DINOv2, CLIP, SigLIP, MAE, MSN and I-JEPA: their image encoder, wherever it stands in the network."""
        base = self.network
        for name in ("dinov2", "dinov2_with_registers", "vision_model", "vit", "ijepa"):
            base = getattr(base, name, base)
        config = base.config
        kind = config.model_type
        layers = base.layers if hasattr(base, "layers") else getattr(base.encoder, "layer", None) or base.encoder.layers
        prefix = dict(dinov2_with_registers=1 + getattr(config, "num_register_tokens", 0), ijepa=0,
                      siglip_vision_model=0).get(kind, 1)
        grid = self._floor_grid(config.patch_size)
        self._tap_input(layers[0], "embed", grid, prefix)
        for i, layer in enumerate(layers):
            self._tap(layer, f"block.{i}", grid, prefix)
        if kind != "clip_vision_model":
            self._tap(base.post_layernorm if kind == "siglip_vision_model" else base.layernorm, "norm", grid, prefix)
            return
        # The library normalises the class token alone; the tap has every token so, as timm's has. A classifier on CLIP sees
        # the last block's output as it is.
        norm = torch.nn.Identity() if hasattr(self.network, "classifier") else base.post_layernorm

        def hook(_, __, output):
            self.taps.put("norm", norm(first(output)), grid(), prefix)
            self.pooled = norm(first(output))[:, 0]
        layers[-1].register_forward_hook(hook)

    def _hook_hf_vit(self):
        if self.network.config.model_type in ENCODERS:
            return self._hook_hf_encoder()
        base = self._base()
        grid, prefix = self._grid(base.config.patch_size), 2 if self.family == "deit" else 1
        self._tap_input(base.layers[0], "embed", grid, prefix)
        for i, layer in enumerate(base.layers):
            self._tap(layer, f"block.{i}", grid, prefix)
        self._tap(base.layernorm, "norm", grid, prefix)

    def _hook_hf_swin(self):
        base = self._base()
        patch = base.config.patch_size
        self._tap(base.embeddings, "embed", self._grid(patch))
        for i, layer in enumerate(base.encoder.layers):
            for j, block in enumerate(layer.blocks):
                self._tap(block, f"stage.{i}.block.{j}", self._grid(patch, i))
            self._tap(layer.blocks[-1], f"stage.{i}", self._grid(patch, i))
        self._tap(base.layernorm, "norm", self._grid(patch, len(base.encoder.layers) - 1))

    def _hook_hf_detr(self):
        m = getattr(self.network, "model", self.network)
        body = m.backbone.model
        stages = list(body.encoder.stages) if hasattr(body, "encoder") else [body[f"layer{i}"] for i in (1, 2, 3, 4)]
        for i, stage in enumerate(stages):
            self._tap(stage, f"backbone.layer{i + 1}", "NCHW")
        self._tap(m.input_projection, "projection", "NCHW")
        for i, layer in enumerate(m.encoder.layers):
            self._tap(layer, f"encoder.{i}", lambda: self.taps.attributes["projection"]["grid"])
        for i, layer in enumerate(m.decoder.layers):
            layer.register_forward_hook(lambda _, __, output, i=i: self.taps.put(
                f"decoder.{i}", m.decoder.layernorm(first(output)), ()))

    def __call__(self, x, pixel_mask=None):
        """Run [N,3,H,W] float32 through the network; `pixel_mask` [N,H,W] has 1 at real pixels (DETR)."""
        self.taps, self.image_size = Taps(), tuple(x.shape[2:])
        with torch.inference_mode():
            if self.source == "timm":
                output = self.network(x)
                if getattr(self.network, "num_classes", 0) > 0:
                    self.taps.put("logits", output, "NC")
                return self.taps
            extra = dict(pixel_mask=pixel_mask) if pixel_mask is not None else {}
            network, kind = self.network, self.network.config.model_type
            if kind in ENCODERS:
                self._run_encoder(x)
                return self.taps
            output = network(pixel_values=x, **extra)
            if self.family == "detr":
                self.taps.put("logits", output.logits, ())
                self.taps.put("boxes", output.pred_boxes, ())
            elif getattr(output, "logits", None) is not None and self.network.config.num_labels > 0:
                self.taps.put("logits", output.logits, "NC")
        return self.taps


    def _run_encoder(self, x):
        """The image encoder alone, on every patch, with positions interpolated where the images are of another size."""
        network, kind = self.network, self.network.config.model_type
        size = getattr(network.config, "vision_config", network.config).image_size
        native = tuple(x.shape[2:]) == (tuple(size) if isinstance(size, (list, tuple)) else (size, size))
        extra = {} if kind.startswith("dinov2") or native else dict(interpolate_pos_encoding=True)
        if kind == "vit_mae":
            # Nothing masked, and the patches in their order.
            base = getattr(network, "vit", network)
            config, ratio = base.embeddings.config, base.embeddings.config.mask_ratio
            config.mask_ratio = 0.0
            patches = (x.shape[2] // config.patch_size) * (x.shape[3] // config.patch_size)
            base(pixel_values=x, noise=torch.arange(patches).expand(len(x), -1).float(), **extra)
            config.mask_ratio = ratio
        elif hasattr(network, "classifier"):
            self.taps.put("logits", network(pixel_values=x, **extra).logits, "NC")
        else:
            output = getattr(network, "vision_model", network)(pixel_values=x, **extra)
            # What the library gives as the image's embedding is the class token of the tap `norm`.
            if kind.startswith("clip"):
                assert torch.equal(output.pooler_output, self.pooled)


#: Which of timm's names are of which family, by their beginnings.
TIMM_FAMILIES = dict(swin=("swin",), deit=("deit",), vit=("vit", "flexivit", "test_vit", "eva"), resnet=("resnet",),
                     convnext=("convnext", "test_convnext"))


def timm_family(architecture):
    """The family a timm architecture name belongs to."""
    name = architecture.split(".")[0]
    for family, beginnings in TIMM_FAMILIES.items():
        if name.startswith(beginnings):
            return family
    raise SystemExit(f"{architecture}: not a timm architecture of {', '.join(TIMM_FAMILIES)}")


def open_checkpoint(folder):
    """Open a folder as the Hub lays it out, with timm's or transformers' own loader."""
    folder = Path(folder)
    config = json.loads((folder / "config.json").read_text())
    if "architecture" in config:
        arguments = dict(config.get("model_args") or {})
        arguments.setdefault("num_classes", config.get("num_classes", 1000))
        # As a pretrained file, so that timm's own filter for older names applies.
        overlay = dict(file=str(folder / "model.safetensors"), custom_load=False, num_classes=arguments["num_classes"])
        network = timm.create_model(config["architecture"], pretrained=True, pretrained_cfg_overlay=overlay, **arguments)
        return ReferenceModel(network.float(), "timm", timm_family(config["architecture"]))
    kind = config["model_type"]
    family = "vit" if kind in ENCODERS else "convnext" if kind == "convnextv2" else kind
    name = (config.get("architectures") or [None])[0]
    name = name or {"vit": "ViTForImageClassification", "deit": "DeiTForImageClassification",
                    "swin": "SwinForImageClassification", "resnet": "ResNetForImageClassification",
                    "convnext": "ConvNextV2ForImageClassification" if kind == "convnextv2" else "ConvNextForImageClassification",
                    "detr": "DetrForObjectDetection"}[family]
    network = getattr(transformers, name).from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    return ReferenceModel(network, "hf", family)
