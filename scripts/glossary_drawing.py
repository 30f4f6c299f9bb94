#!/usr/bin/env python3
"""Draws docs/images/models.svg: the taps, cuts and inverse modules of the four families, for docs/glossary.md.

    scripts/glossary_drawing.py > docs/images/models.svg

Standard library only; the same bytes every time.
"""
from xml.sax.saxutils import escape

WIDTH = 960
INK, GREY, FAINT = "#1a1a1a", "#5b6470", "#d9dee5"
FORWARD, CUT, INVERSE = "#eef2f7", "#0b5cad", "#b3470e"
LEFT, ROW = 126, 196  # where a row begins, and its height


def text(x, y, content, size=13, anchor="middle", fill=INK, extra=""):
    return (f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"{extra}>'
            f"{escape(content)}</text>")


class Row:
    """One model: boxes (what it computes) and dots (taps) from left to right, inverse modules as arrows below."""

    def __init__(self, top, name, note):
        self.parts, self.x, self.y = [], LEFT, top + 58
        self.parts.append(text(8, self.y - 6, name, 16, "start", extra=' font-weight="bold"'))
        for index, line in enumerate(note):
            self.parts.append(text(8, self.y + 12 + 15 * index, line, 12, "start", GREY))
        self.cuts = {}

    def line(self, length):
        self.parts.append(f'<path d="M{self.x:g} {self.y:g}h{length:g}" stroke="{GREY}" stroke-width="1.5"/>')
        self.x += length

    def box(self, label, width, fill=FORWARD, second=None):
        self.parts.append(
            f'<rect x="{self.x:g}" y="{self.y - 20:g}" width="{width:g}" height="40" rx="4" fill="{fill}" '
            f'stroke="{GREY}" stroke-width="1"/>')
        middle = self.x + width / 2
        self.parts.append(text(middle, self.y + (4.5 if second is None else -2), label, 12.5))
        if second is not None:
            self.parts.append(text(middle, self.y + 13, second, 11.5, fill=GREY))
        self.x += width

    def image(self):
        self.cuts["image"] = self.x + 26
        self.box("image", 52, "#ffffff")

    def tap(self, name, cut=False, last=False):
        """A dot on the way, with the tap's name; filled where default inverses are cut there."""
        self.line(13)
        self.x += 1
        self.parts.append(
            f'<circle cx="{self.x:g}" cy="{self.y:g}" r="5.5" fill="{CUT if cut else "#ffffff"}" stroke="{CUT}" '
            f'stroke-width="1.8"/>')
        self.parts.append(text(self.x, self.y - 30, name, 12, fill=CUT, extra=' font-family="monospace"'))
        if cut:
            self.cuts[name] = self.x
        self.x += 5.5
        if not last:
            self.line(7.5)

    def dots(self):
        self.line(6)
        self.parts.append(text(self.x + 10, self.y + 4, "· · ·", 13, fill=GREY))
        self.x += 20
        self.line(6)

    def module(self, start, end, label, level=0):
        """The inverse that leads from the cut `start` back to `end`, as an arrow to the left."""
        y = self.y + 44 + 30 * level
        a, b = self.cuts[start], self.cuts[end]
        self.parts.append(f'<path d="M{a - 4:g} {self.y + 10:g}V{y:g}H{b + 4:g}V{self.y + (24 if end == "image" else 12):g}" '
                          f'fill="none" stroke="{INVERSE}" stroke-width="1.8" marker-end="url(#arrow)"/>')
        self.parts.append(text((a + b) / 2, y + 16, label, 12, fill=INVERSE))


def vit(top):
    row = Row(top, "ViT, DeiT", ["one resolution,", "prefix tokens"])
    row.image()
    row.line(13)
    row.box("patch embedding", 112, second="+ positions")
    row.tap("embed", cut=True)
    row.box("block 0", 76)
    row.tap("block.0")
    row.dots()
    row.box("block 11", 76)
    row.tap("block.11", cut=True)
    row.box("norm", 56)
    row.tap("norm")
    row.box("head", 56)
    row.tap("logits", last=True)
    row.module("embed", "image", "module embed")
    row.module("block.11", "embed", "module block.11: twelve blocks")
    return row.parts


def swin(top):
    row = Row(top, "Swin", ["four resolutions,", "no prefix tokens"])
    row.image()
    row.line(13)
    row.box("patches", 62)
    row.tap("embed", cut=True)
    for stage, blocks in enumerate([2, 2, 18, 2]):
        row.box(f"stage {stage}", 106 if stage else 72, second=f"{'merging, ' if stage else ''}{blocks} blocks")
        row.tap(f"stage.{stage}", cut=True)
    row.box("norm", 50)
    row.tap("norm")
    row.box("head", 50)
    row.tap("logits", last=True)
    row.module("embed", "image", "embed")
    for stage in range(4):
        row.module(f"stage.{stage}", f"stage.{stage - 1}" if stage else "embed", f"stage.{stage}")
    return row.parts


def detr(top):
    row = Row(top, "DETR", ["a CNN, tokens,", "then queries"])
    row.image()
    row.line(13)
    row.box("ResNet", 96, second="layer1 to layer4")
    row.line(8)
    row.box("1×1", 40)
    row.tap("projection", cut=True)
    row.box("encoder", 96, second="layers 0 to 5")
    row.tap("encoder.5", cut=True)
    row.box("decoder", 96, second="layers 0 to 5")
    row.tap("decoder.5", cut=True)
    fork = row.x
    for name, offset in [("logits", -34), ("boxes", 34)]:
        y = row.y + offset
        row.parts.append(f'<path d="M{fork:g} {row.y:g}C{fork + 24:g} {row.y:g} {fork + 12:g} {y:g} {fork + 38:g} {y:g}" '
                         f'fill="none" stroke="{GREY}" stroke-width="1.5"/>')
        row.parts.append(f'<rect x="{fork + 38:g}" y="{y - 15:g}" width="92" height="30" rx="4" fill="{FORWARD}" '
                         f'stroke="{GREY}" stroke-width="1"/>')
        row.parts.append(text(fork + 84, y + 4.5, "class head" if name == "logits" else "box head", 12.5))
        row.parts.append(f'<path d="M{fork + 130:g} {y:g}h13" stroke="{GREY}" stroke-width="1.5"/>')
        row.parts.append(f'<circle cx="{fork + 148:g}" cy="{y:g}" r="5.5" fill="{CUT if name == "boxes" else "#ffffff"}" '
                         f'stroke="{CUT}" stroke-width="1.8"/>')
        row.parts.append(text(fork + 160, y + 4.5, name, 12, "start", CUT, ' font-family="monospace"'))
    row.cuts["boxes"] = fork + 148
    row.module("projection", "image", "module projection")
    row.module("encoder.5", "projection", "module encoder.5")
    row.module("decoder.5", "encoder.5", "module decoder.5")
    # The arrow of the boxes begins at its own dot, below the row.
    y = row.y + 74
    row.parts.append(f'<path d="M{fork + 148:g} {row.y + 42:g}V{y:g}H{row.cuts["decoder.5"] + 6:g}V{row.y + 12:g}" fill="none" '
                     f'stroke="{INVERSE}" stroke-width="1.8" marker-end="url(#arrow)"/>')
    row.parts.append(text(fork + 70, y + 16, "module boxes: from class and box", 12, fill=INVERSE))
    return row.parts


def key(y):
    parts, x = [], LEFT
    parts.append(f'<rect x="{x}" y="{y - 12}" width="26" height="20" rx="3" fill="{FORWARD}" stroke="{GREY}"/>')
    parts.append(text(x + 34, y + 4, "part of the frozen model", 13, "start"))
    parts.append(f'<circle cx="{x + 218}" cy="{y}" r="5.5" fill="#ffffff" stroke="{CUT}" stroke-width="1.8"/>')
    parts.append(text(x + 231, y + 4, "tap", 13, "start"))
    parts.append(f'<circle cx="{x + 278}" cy="{y}" r="5.5" fill="{CUT}" stroke="{CUT}" stroke-width="1.8"/>')
    parts.append(text(x + 291, y + 4, "tap where inverses are cut by default", 13, "start"))
    parts.append(f'<path d="M{x + 28} {y + 26}h-27" stroke="{INVERSE}" stroke-width="1.8" marker-end="url(#arrow)"/>')
    parts.append(text(x + 34, y + 30, "inverse module, trained; a chain of them gives the image", 13, "start"))
    return parts


def main():
    parts = vit(0) + swin(ROW - 56) + detr(2 * ROW - 104) + key(2 * ROW + 62)
    height = 2 * ROW + 108
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
          f'font-family="Liberation Sans, Arial, Helvetica, sans-serif" role="img" aria-labelledby="title">')
    print('<title id="title">Taps, cuts and inverse modules of ViT and DeiT, Swin and DETR</title>')
    print(f'<defs><marker id="arrow" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
          f'<path d="M0 0L10 5L0 10z" fill="{INVERSE}"/></marker></defs>')
    print(f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>')
    print("\n".join(parts))
    print("</svg>")


if __name__ == "__main__":
    main()
