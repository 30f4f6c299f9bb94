#!/usr/bin/env python3
"""Checks that the PDF, the SVG and the PNG of figures are one picture, as poppler, librsvg and Chromium draw them.

    scripts/check_figure_formats.py reports/example/figures
    scripts/check_figure_formats.py /tmp/hard/* --chromium-every 6 --out /tmp/differences

Each PDF (pdftoppm) and SVG (rsvg-convert, and every N-th in Chromium) is drawn at the resolution of its PNG and blurred by
0.36 points. Programs differ at the edges of letters and lines, and Chromium by half a pixel of the screen over a page: a
pixel is off where no pixel within 0.75 points of it in the other picture comes near it, by more than a tenth of the range.
Reported is the area of the largest connected region that is off, edges of one pixel aside (or a twentieth of the area of the
largest that is off by half as much, which is how a missing hairline is found); more than `--area` square points (a letter of 6
points has about 10) is a problem; with --out the pictures stand side by side there. Written with poppler 22.12, librsvg
2.54, Chromium 156, Pillow 13.0, numpy 2.4 and scipy 1.17. Exit status 1 where anything differs.
"""
import argparse
import base64
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
from PIL import Image
from scipy import ndimage

Image.MAX_IMAGE_PIXELS = None  # a poster is large

# How far off a pixel is, and how large a region of such pixels counts, in parts of `--area`: a letter is dark and small, a
# hairline of the grid pale and long.
LEVELS = ((255 / 10, 1), (255 / 20, 20))
REACH = 0.75


def from_pdf(file, resolution, folder):
    # Finer, and brought down: poppler moves lines to whole pixels.
    finer = max(2, round(600 / resolution))
    subprocess.run(
        ["pdftoppm", "-singlefile", "-r", str(resolution * finer), str(file), str(folder / "pdf")], check=True)
    return Image.open(folder / "pdf.ppm").reduce(finer)


def from_svg(file, resolution, folder):
    out = folder / "svg.png"
    subprocess.run(
        ["rsvg-convert", "-b", "white", "-d", str(resolution), "-p", str(resolution), "-o", str(out), str(file)], check=True)
    return Image.open(out).convert("RGB")


def from_chromium(browser, file, resolution, size, folder):
    """The SVG as a browser shows it on a screen of that resolution; `size` is in points."""
    scale = resolution / 96
    width, height = (-int(-side * 96 // 72) for side in size)
    browser.events.clear()
    browser.call("Page.enable")
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False)
    browser.call("Page.navigate", url=file.resolve().as_uri())
    browser.wait("Page.loadEventFired")
    picture = browser.call("Page.captureScreenshot")
    out = folder / "chromium.png"
    out.write_bytes(base64.b64decode(picture["data"]))
    # The window has whole pixels of its own.
    picture = Image.open(out).convert("RGB")
    return picture.crop((0, 0, *(min(one, round(side * resolution / 72)) for one, side in zip(picture.size, size))))


def compared(drawn, reference, resolution):
    """The largest region that is off, in square points, and its middle in points."""
    if any(abs(one - other) > 2 for one, other in zip(drawn.size, reference.size)):
        return float("inf"), (0, 0)
    width, height = (min(one, other) for one, other in zip(drawn.size, reference.size))
    reach = 2 * round(resolution * REACH / 72) + 1
    # A hairline is one dark row of pixels or two grey ones: blurred, they are the same.
    blur = resolution / 200
    pictures = [
        ndimage.gaussian_filter(numpy.asarray(one, dtype=numpy.float32)[:height, :width], (blur, blur, 0))
        for one in (drawn, reference)]
    off = numpy.zeros((height, width), dtype=numpy.float32)
    for one, other in (pictures, pictures[::-1]):
        above = one - ndimage.maximum_filter(other, (reach, reach, 1))
        below = ndimage.minimum_filter(other, (reach, reach, 1)) - one
        off = numpy.maximum(off, numpy.maximum(above, below).max(axis=2))
    # The last row and column of a PNG may be less than a whole pixel of the page; what is one pixel thin is an edge.
    off[-1:], off[:, -1:] = 0, 0
    worst = 0.0, (0, 0)
    for level, share in LEVELS:
        regions, count = ndimage.label(ndimage.binary_opening(off > level, numpy.ones((2, 2))))
        if not count:
            continue
        areas = numpy.bincount(regions.ravel())
        areas[0] = 0
        y, x = ndimage.center_of_mass(regions == areas.argmax())
        area = float(areas.max()) * (72 / resolution) ** 2 / share
        worst = max(worst, (area, (round(x * 72 / resolution), round(y * 72 / resolution))))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", help="folders with NAME.png, NAME.pdf and NAME.svg")
    parser.add_argument("--area", type=float, default=2.0, help="square points that a region may cover")
    parser.add_argument("--chromium-every", type=int, default=0, metavar="N", help="draws every N-th SVG in Chromium too")
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("google-chrome") or "chromium")
    parser.add_argument("--all", action="store_true", help="a line for every comparison")
    parser.add_argument("--out", type=Path, help="where pictures that differ are put side by side")
    options = parser.parse_args()
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
    browser = None
    if options.chromium_every:
        from check_report import Browser
        browser = Browser(options.chromium)
    counts, problems = {}, 0
    try:
        for number, png in enumerate(sorted(file for folder in options.folders for file in folder.glob("*.png"))):
            reference = Image.open(png)
            resolution = round(reference.info["dpi"][0])
            reference = reference.convert("RGB")
            points = [side * 72 / resolution for side in reference.size]
            with tempfile.TemporaryDirectory() as folder:
                drawn = []
                if png.with_suffix(".pdf").exists():
                    drawn.append(("PDF", from_pdf(png.with_suffix(".pdf"), resolution, Path(folder))))
                if png.with_suffix(".svg").exists():
                    svg = png.with_suffix(".svg")
                    drawn.append(("SVG", from_svg(svg, resolution, Path(folder))))
                    if browser and number % options.chromium_every == 0:
                        picture = from_chromium(browser, svg, resolution, points, Path(folder))
                        drawn.append(("SVG in Chromium", picture))
                for what, picture in drawn:
                    area, place = compared(picture, reference, resolution)
                    counts[what] = counts.get(what, 0) + 1
                    differs = area > options.area
                    problems += differs
                    if differs or options.all:
                        print(f"{'differs' if differs else 'same'}: {png.parent.name}/{png.stem}: {what}: "
                              f"{area:.2f} square points around {place}")
                    if differs and options.out:
                        both = Image.new("RGB", (reference.width + picture.width + 20,
                                                 max(reference.height, picture.height)), "#888888")
                        both.paste(reference, (0, 0))
                        both.paste(picture, (reference.width + 20, 0))
                        both.save(options.out / f"{png.parent.name}-{png.stem}-{what.replace(' ', '-')}.png")
    finally:
        if browser:
            browser.close()
    print(", ".join(f"{count} {what}" for what, count in counts.items()) + f" compared with PNG; {problems} differ")
    sys.exit(1 if problems or not counts else 0)


if __name__ == "__main__":
    main()
