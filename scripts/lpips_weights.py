#!/usr/bin/env python3
"""The weights of LPIPS as one safetensors file, for `palimpsest analyze quality --lpips`.

    pip install torch torchvision lpips safetensors
    scripts/lpips_weights.py --out lpips.safetensors

The convolutions are those of torchvision's AlexNet and VGG16, learned on ImageNet: fetched by torchvision, or read from files that
were fetched before (--alex alexnet-owt-7be5be79.pth --vgg vgg16-397923af.pth). The weights of the channels are those of version 0.1 that
the package `lpips` brings along. Of float32, 70 MB with both trunks; --trunks alex writes 10 MB.

Names of the tensors, I being torchvision's number of the layer and K the stage, 0 to 4:

    alex.features.I.weight   [out, in, k, k]      alex.features.I.bias   [out]      alex.linK.weight   [1, channels, 1, 1]
    vgg.features.I.weight    …
"""
import argparse
import os
from pathlib import Path

TRUNKS = ("alex", "vgg")
VERSION = "0.1"


def converted(model, trunk):
    """The tensors of a model of the package by their names in the file."""
    tensors = {}
    for name, value in model.state_dict().items():
        parts = name.split(".")
        if parts[0] == "net":  # net.slice2.3.weight: features 3 of torchvision's
            tensors[f"{trunk}.features.{'.'.join(parts[2:])}"] = value
        elif parts[0].startswith("lin"):  # lin0.model.1.weight; lins.0.… is the same tensor again
            if parts[0] != "lins":
                tensors[f"{trunk}.{parts[0]}.weight"] = value
    return {name: value.detach().float().contiguous() for name, value in tensors.items()}


def model(trunk, file=None):
    """The package's model, its trunk from torchvision or from a file of torchvision's."""
    import lpips
    import torch
    if file is None:
        return lpips.LPIPS(net=trunk, version=VERSION, verbose=False)
    made = lpips.LPIPS(net=trunk, version=VERSION, verbose=False, pnet_rand=True)
    weights = torch.load(file, map_location="cpu", weights_only=True)
    own = made.net.state_dict()
    for name, value in own.items():
        value.copy_(weights["features." + ".".join(name.split(".")[1:])])
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path, help="the file to write")
    parser.add_argument("--trunks", default="alex,vgg", help="alex, vgg, or both")
    for trunk in TRUNKS:
        parser.add_argument(f"--{trunk}", type=Path, help=f"torchvision's weights of {trunk}, a .pth file")
    options = parser.parse_args()
    trunks = options.trunks.split(",")
    if unknown := [name for name in trunks if name not in TRUNKS]:
        parser.error(f"--trunks: '{unknown[0]}' is unknown; give alex, vgg or alex,vgg")
    from safetensors.torch import save_file
    tensors = {}
    for trunk in trunks:
        tensors |= converted(model(trunk, getattr(options, trunk)), trunk)
    partial = options.out.with_name(options.out.name + ".partial")
    save_file(tensors, partial, metadata=dict(format="pt", lpips=VERSION, trunks=",".join(trunks)))
    mask = os.umask(0)
    os.umask(mask)
    partial.chmod(0o666 & ~mask)  # safetensors makes it the user's alone
    os.replace(partial, options.out)
    print(f"{options.out}: {len(tensors)} tensors, {options.out.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
