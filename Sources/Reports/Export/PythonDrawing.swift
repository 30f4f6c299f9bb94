import Figures
import Foundation

/// The functions in Python that draw the numbers of a figure with matplotlib: those of an exported script and of a bundle's `replay.py`.
/// They need Python 3.9 and matplotlib 3.5.
enum PythonDrawing {
  /// What the functions below share: how series look, as `facts` has it, and the legend.
  static let looks = #"""
    def look_of(facts, panel, name, index):
        """The look of a series of a panel; one by its index where the record does not say it."""
        for look in facts.get("traces") or []:
            if (look["panel"], look["name"]) == (panel, name):
                return look
        return {"color": f"C{index % 10}", "dash": [], "marker": "o", "filling": "full"}


    def strokes(look):
        color, dash = look["color"], look["dash"]
        face = {"hollow": "white", "tinted": (*matplotlib.colors.to_rgb(color), 0.4)}.get(look["filling"], color)
        return {"color": color, "linestyle": (0, tuple(dash)) if dash else "-", "linewidth": 1, "marker": look["marker"],
                "markersize": 3, "markerfacecolor": face, "markeredgewidth": 0.7}


    def add_legend(figure, facts):
        looks = facts.get("traces_legend") or [*{look["name"]: look for look in facts.get("traces") or []}.values()]
        if len(looks) > 1:
            handles = [matplotlib.lines.Line2D([], [], label=look["name"], **strokes(look)) for look in looks]
            figure.axes[0].legend(handles=handles, fontsize=6)
    """#

  /// Curves, points, bars: `rows` as dictionaries of ``FigureNumbers/seriesColumns``.
  static let series = #"""
    def draw_series(rows, facts, folder):
        panels, names = ([*dict.fromkeys(row[key] for row in rows)] for key in ("panel", "series"))
        columns, polar, bars = min(3, len(panels)), facts["form"] == "polar", facts["form"] == "bars"
        figure, axes = plt.subplots(-(-len(panels) // columns), columns, figsize=(max(5, 2.6 * columns), 2.5 * -(-len(panels) // columns)),
                                    squeeze=False, sharey=facts["shares_scale"], subplot_kw={"projection": "polar"} if polar else {}, constrained_layout=True)
        for panel, axis in zip(panels, axes.flat):
            if not polar:
                axis.set_xscale("log" if facts["x_is_logarithmic"] else "linear")
                axis.set_yscale("log" if facts["y_is_logarithmic"] else "linear")
            for index, name in enumerate(names):
                points = [row for row in rows if (row["panel"], row["series"]) == (panel, name)]
                if not points:
                    continue
                x, y, low, high = (numpy.array([float(row[key] or "nan") for row in points]) for key in ("x", "y", "low", "high"))
                x = numpy.radians(x) if polar else x + (index - (len(names) - 1) / 2) * 0.8 / len(names) if bars else x
                style = strokes(look_of(facts, panel, name, index))
                line = {key: style[key] for key in ("color", "linestyle")}
                if bars:
                    axis.bar(x, y, 0.8 / len(names), color=style["markerfacecolor"], edgecolor=style["color"])
                starts = [place for place, row in enumerate(points) if row["joined"] != "1"] + [len(points)]
                for start, end in zip(starts, starts[1:] if facts["form"] in ("line", "polar") else []):
                    run = [*range(start, end)] + ([start] if polar else [])
                    axis.plot(x[run], y[run], linewidth=1, **line)
                    if points[start]["joined"] == "2":  # over what was not measured
                        axis.plot(x[start - 1:start + 1], y[start - 1:start + 1], linewidth=0.6, alpha=0.65, **line)
                reach = numpy.nan_to_num(numpy.abs([y - low, high - y]))
                axis.errorbar(x, y, reach, fmt="none", elinewidth=0.7, ecolor="black" if bars else style["color"])
                if not bars and len(points) <= 40:
                    axis.plot(x, y, **{**style, "linestyle": "none"})
            mine = [row for row in rows if row["panel"] == panel and row["x"]]
            ticks = {float(row["x"]): row["x_name"] for row in mine if row["x_name"] and facts["form"] in ("line", "bars")}
            if ticks and all(row["x_name"] for row in mine):
                axis.set_xticks(list(ticks))
                axis.set_xticklabels(list(ticks.values()), rotation=45, ha="right", fontsize=6)
            for x, name in ticks.items() if not all(row["x_name"] for row in mine) else []:
                axis.text(x, 0.02, name, rotation=90, fontsize=6, ha="right", transform=axis.get_xaxis_transform())
            for level in facts["levels"]:
                axis.axhline(level, color="gray", linestyle="--", linewidth=0.8)
            axis.set_title(panel, fontsize=8)
        for axis in [*axes.flat][len(panels):]:
            axis.remove()
        figure.supxlabel(facts["x"], fontsize=8)
        figure.supylabel(facts["y"], fontsize=8)
        add_legend(figure, facts)
        return figure
    """#

  /// Values of single images, as outlines of their densities.
  static let distributions = #"""
    def draw_distributions(rows, facts, folder):
        panels, names = ([*dict.fromkeys(row[key] for row in rows)] for key in ("panel", "series"))
        columns = min(3, len(panels))
        figure, axes = plt.subplots(-(-len(panels) // columns), columns, figsize=(max(5, 2.6 * columns), 2.5 * -(-len(panels) // columns)),
                                    squeeze=False, sharey=True, constrained_layout=True)
        for panel, axis in zip(panels, axes.flat):
            own = [name for name in names if any((row["panel"], row["series"]) == (panel, name) for row in rows)]
            ticks = {}
            axis.set_yscale("log" if facts["y_is_logarithmic"] else "linear")
            for index, name in enumerate(own):
                groups = {}
                for row in rows:
                    if (row["panel"], row["series"]) == (panel, name):
                        ticks[float(row["x"])] = row["x_name"]
                        groups.setdefault(float(row["x"]), []).append(float(row["y"]))
                places = [x + (index - (len(own) - 1) / 2) * 0.8 / len(own) for x in groups]
                style = look_of(facts, panel, name, index)
                parts = axis.violinplot([*groups.values()], places, widths=0.7 / len(own), showmedians=True, showextrema=False)
                for body in parts["bodies"]:
                    body.set(facecolor="white" if style["filling"] == "hollow" else style["color"], edgecolor=style["color"], alpha=0.8)
                parts["cmedians"].set(color="black", linewidth=1)
            axis.set_xticks(list(ticks))
            axis.set_xticklabels(list(ticks.values()), rotation=45, ha="right", fontsize=6)
            axis.set_title(panel, fontsize=8)
        for axis in [*axes.flat][len(panels):]:
            axis.remove()
        figure.supylabel(facts["y"], fontsize=8)
        add_legend(figure, facts)
        return figure
    """#

  /// Estimates along the horizontal axis, a line each.
  static let forest = #"""
    def draw_forest(rows, facts, folder):
        panels = [*dict.fromkeys(row["panel"] for row in rows)]
        lines = 1 + max(int(float(row["x"])) for row in rows)
        figure, axes = plt.subplots(1, len(panels), figsize=(max(5, 2.6 * len(panels)), 1 + 0.2 * lines), squeeze=False, sharey=True,
                                    constrained_layout=True)
        for panel, axis in zip(panels, axes.flat):
            mine = [row for row in rows if row["panel"] == panel]
            axis.set_xscale("log" if facts["y_is_logarithmic"] and not facts["shares_scale"] and panel == panels[-1] else "linear")
            for row in mine:
                if row["y"]:
                    style = look_of(facts, panel, row["series"], 0)
                    value, low, high = (float(row[key] or row["y"]) for key in ("y", "low", "high"))
                    axis.errorbar(value, float(row["x"]), xerr=[[abs(value - low)], [abs(high - value)]], fmt="o", markersize=3,
                                  elinewidth=0.8, color=style["color"])
            axis.set_yticks([float(row["x"]) for row in mine])
            axis.set_yticklabels([": ".join(part for part in (row["series"], row["x_name"]) if part) for row in mine], fontsize=6)
            axis.set_xlabel(panel or facts["y"], fontsize=8)
            for level in facts["levels"]:
                axis.axvline(level, color="black", linewidth=0.8)
        axes[0][0].set_ylim(lines - 0.5, -0.5)
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

  /// The function that draws a form: its name, and the texts that it needs. A composition is drawn part by part.
  static func function(_ form: FigureNumbers.Form) -> (name: String, texts: [String]) {
    switch form {
    case .matrix: ("draw_matrix", [matrix])
    case .pictures: ("draw_pictures", [pictures])
    case .distributions: ("draw_distributions", [looks, distributions])
    case .forest: ("draw_forest", [looks, forest])
    case .points, .line, .bars, .polar, .composition: ("draw_series", [looks, series])
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
