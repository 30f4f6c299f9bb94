import Figures
import Foundation

/// The functions in Python that draw the numbers of a figure with matplotlib: those of an exported script and of a bundle's `replay.py`.
/// They need Python 3.9 and matplotlib 3.5.
enum PythonDrawing {
  /// Curves, points, bars: `rows` as dictionaries of ``FigureNumbers/seriesColumns``.
  static let series = #"""
    def draw_series(rows, facts, folder):
        panels, names = ([*dict.fromkeys(row[key] for row in rows)] for key in ("panel", "series"))
        columns, polar, bars = min(3, len(panels)), facts["form"] == "polar", facts["form"] == "bars"
        figure, axes = plt.subplots(-(-len(panels) // columns), columns, figsize=(max(5, 2.6 * columns), 2.5 * -(-len(panels) // columns)),
                                    squeeze=False, sharey=True, subplot_kw={"projection": "polar"} if polar else {}, constrained_layout=True)
        known = {}
        for panel, axis in zip(panels, axes.flat):
            if not polar:
                axis.set_xscale("log" if facts["x_is_logarithmic"] else "linear")
                axis.set_yscale("log" if facts["y_is_logarithmic"] else "linear")
            for index, name in enumerate(names):
                points = [row for row in rows if (row["panel"], row["series"]) == (panel, name)]
                x, y, low, high = (numpy.array([float(row[key] or "nan") for row in points]) for key in ("x", "y", "low", "high"))
                x = numpy.radians(x) if polar else x + (index - (len(names) - 1) / 2) * 0.8 / len(names) if bars else x
                style = {"color": f"C{index % 10}", "linestyle": ("-", "--", ":")[index // 10 % 3]}
                if bars:
                    known[name] = axis.bar(x, y, 0.8 / len(names), color=style["color"])
                starts = [place for place, row in enumerate(points) if row["joined"] == "0"] + [len(points)]
                for start, end in zip(starts, starts[1:] if facts["form"] in ("line", "polar") else []):
                    line = [*range(start, end)] + ([start] if polar else [])
                    axis.plot(x[line], y[line], linewidth=1, **style)
                reach = numpy.nan_to_num(numpy.abs([y - low, high - y]))
                known.setdefault(name, axis.errorbar(x, y, reach, fmt="none" if bars else "." if len(points) > 40 else "o", markersize=3,
                                                     elinewidth=0.7, ecolor="black" if bars else style["color"], color=style["color"]))
            ticks = {float(row["x"]): row["x_name"] for row in rows if row["panel"] == panel and row["x_name"] and row["x"]}
            if ticks and facts["form"] in ("line", "bars") and not facts["x"]:
                axis.set_xticks(list(ticks))
                axis.set_xticklabels(list(ticks.values()), rotation=45, ha="right", fontsize=6)
            for level in facts["levels"]:
                axis.axhline(level, color="gray", linestyle="--", linewidth=0.8)
            axis.set_title(panel, fontsize=8)
        for axis in [*axes.flat][len(panels):]:
            axis.remove()
        figure.supxlabel(facts["x"], fontsize=8)
        figure.supylabel(facts["y"], fontsize=8)
        if len(names) > 1:
            axes.flat[0].legend(known.values(), known.keys(), fontsize=6)
        return figure
    """#

  /// Matrices: `rows` as dictionaries of ``FigureNumbers/matrixColumns``.
  static let matrix = #"""
    def draw_matrix(rows, facts, folder):
        panels = [*dict.fromkeys(row["panel"] for row in rows)]
        columns = min(3, len(panels))
        figure, axes = plt.subplots(-(-len(panels) // columns), columns, figsize=(max(5, 3 * columns), 3 * -(-len(panels) // columns)),
                                    squeeze=False, constrained_layout=True)
        for panel, axis in zip(panels, axes.flat):
            mine = [row for row in rows if row["panel"] == panel]
            down = [*dict.fromkeys((row["row_group"], row["row"]) for row in mine)]
            across = [*dict.fromkeys((row["column_group"], row["column"]) for row in mine)]
            grid = numpy.full((len(down), len(across)), numpy.nan)
            for row in mine:
                place = down.index((row["row_group"], row["row"])), across.index((row["column_group"], row["column"]))
                grid[place] = float(row["value"] or "nan")
            image = axis.imshow(grid, cmap=facts["color_map"], vmin=facts["range"][0], vmax=facts["range"][1])
            axis.set_xticks(range(len(across)))
            axis.set_xticklabels([" ".join(names) for names in across], rotation=90, fontsize=4)
            axis.set_yticks(range(len(down)))
            axis.set_yticklabels([" ".join(names) for names in down], fontsize=4)
            axis.set_title(panel, fontsize=8)
        for axis in [*axes.flat][len(panels):]:
            axis.remove()
        figure.colorbar(image, ax=[axis for axis in axes.flat if axis.figure], label=facts["y"])
        return figure
    """#

  /// Grids of pictures: `rows` as dictionaries of ``FigureNumbers/pictureColumns``; the files of pictures are named from `folder`.
  static let pictures = #"""
    def draw_pictures(rows, facts, folder):
        lines = {}
        for row in rows:
            lines.setdefault((row["panel"], row["row"]), []).append(row)
        columns = max(map(len, lines.values()))
        figure, axes = plt.subplots(len(lines), columns, figsize=(max(3, 1.1 * columns), 1.3 * len(lines)), squeeze=False, constrained_layout=True)
        for axis in axes.flat:
            axis.set_axis_off()
        for ((panel, name), tiles), beside in zip(lines.items(), axes):
            beside[0].text(-0.05, 0.5, name, transform=beside[0].transAxes, ha="right", va="center", fontsize=5)
            for axis, tile in zip(beside, tiles):
                axis.set_title("\n".join(part for part in (tile["column"], tile["text"]) if part), fontsize=5, pad=2)
                if tile["picture"] and (folder / tile["picture"]).exists():
                    axis.imshow(plt.imread(folder / tile["picture"]))
        return figure
    """#

  /// The function that draws a form: its name and its text.
  static func function(_ form: FigureNumbers.Form) -> (name: String, text: String) {
    switch form {
    case .matrix: ("draw_matrix", matrix)
    case .pictures: ("draw_pictures", pictures)
    case .points, .line, .bars, .polar: ("draw_series", series)
    }
  }

  /// What of a figure is not in its table, as a dictionary of Python in one line.
  static func facts(_ facts: FigureNumbers.Facts) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // JSON is a literal of Python but for these words, which stand behind a colon alone.
    return String(decoding: try encoder.encode(facts), as: UTF8.self)
      .replacing("\":true", with: "\": True").replacing("\":false", with: "\": False")
  }
}
