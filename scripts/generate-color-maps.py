#!/usr/bin/env python3
"""Writes Sources/Figures/Colors/ColorMapTables.swift from matplotlib's own tables (256 colours each).

Run with any Python that has matplotlib:  scripts/generate-color-maps.py > Sources/Figures/Colors/ColorMapTables.swift
viridis, magma: Stefan van der Walt and Nathaniel Smith, CC0. cividis: Nunez, Anderton and Renslow 2018, CC0.
coolwarm: Kenneth Moreland 2009, in the public domain as published, table from matplotlib (BSD-compatible).
"""
import matplotlib
from matplotlib import colormaps

print(f"// Made by scripts/generate-color-maps.py from matplotlib {matplotlib.__version__}: 256 colours each, as RRGGBB.")
print("// viridis and magma: van der Walt and Smith, CC0. cividis: Nunez, Anderton and Renslow 2018, CC0.")
print("// coolwarm: Moreland 2009, \"Diverging color maps for scientific visualization\".")
print()
print("enum ColorMapTables {")
for index, name in enumerate(["viridis", "cividis", "magma", "coolwarm"]):
    table = "".join("%02x%02x%02x" % tuple(round(c * 255) for c in colormaps[name](i)[:3]) for i in range(256))
    if index:
        print()
    print(f"  static let {name} = \"\"\"")
    for start in range(0, len(table), 96):
        print(f"    {table[start:start + 96]}" + ("\\" if start + 96 < len(table) else ""))
    print("    \"\"\"")
print("}")
