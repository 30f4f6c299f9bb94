/// Every setting, in the order of the documentation. Nothing else lists them.
extension FigureSetting {
  /// Figures whose curves run over depth.
  private static let depth = ["depth", "along-depth", "differences"]
  private static let maps = ["all-models", "within-models", "across-models", "null"]
  private static let plots = depth + ["scatter", "spectra", "efficiency", "training", "joint-spectra"]
  private static let bars = ["equal", "shares", "distribution"]
  /// Estimates along a horizontal axis, one line each.
  private static let lines = ["forest", "joints", "calibrated"]
  /// What a figure shows of stores that are models and methods.
  private static let ofStores = ["spectra", "forest", "distribution", "joints", "joint-spectra"]
  /// Pictures of images by depth, and all grids of pictures.
  private static let images = ["reconstructions", "errors", "conditions"]
  private static let grids = images + ["prototypes", "places"] + tokens
  /// Maps of tokens at their places.
  private static let tokens = ["token-map", "norm-map"]

  /// Those with numbers along the horizontal axis.
  private static let numbered = ["scatter", "spectra", "efficiency", "training", "joint-spectra"]

  public static let names = FigureSetting(
    "names", .text, .content, isNamed: true,
    "What a model, method, store, tap, metric or condition is called: `names.vit=ViT-B/16`")
  public static let models = FigureSetting(
    "models", .list, .content, figures: depth + maps + ["calibrated", "scatter", "shares"] + ofStores + grids,
    "Which models, in this order; a model is what a legend names by its colour")
  public static let methods = FigureSetting(
    "methods", .list, .content, figures: depth + ["scatter", "shares"] + ofStores + images,
    "Which methods (inverses), in this order")
  public static let taps = FigureSetting(
    "taps", .list, .content, figures: depth + maps + ["scatter"] + ofStores + images + ["prototypes"] + tokens,
    "Which taps")
  public static let metrics = FigureSetting(
    "metrics", .list, .content, figures: ["depth", "differences", "spectra", "forest"] + images,
    "Which metrics; a figure over depth shows several of them as panels (a), (b), (c), a forest plot beside each other, one of "
      + "images writes the first under the pictures")
  public static let conditions = FigureSetting(
    "conditions", .list, .content,
    figures: ["depth", "differences", "shares", "spectra", "forest", "distribution"] + images,
    "Which colour conditions, in this order")
  public static let shownImages = FigureSetting(
    "images", .list, .content, figures: grids,
    "Which images, in this order: their names, their numbers in the store (from 0), or names of classes; unset, some that look different"
  )
  public static let imageCount = FigureSetting(
    "image-count", .count(1...200), .content, figures: images + tokens, "How many images, where none are named")
  public static let imageSeed = FigureSetting(
    "image-seed", .count(0...1_000_000_000), .content, figures: images,
    "The seed by which images are chosen, where none are named")
  public static let zoom = FigureSetting(
    "zoom", .yesOrNo, .content, figures: images,
    "Whether a corner of every picture enlarges the part with most detail; unset, in `errors` alone")
  public static let boxes = FigureSetting(
    "boxes", .yesOrNo, .content, figures: images + ["places"],
    "Whether what a detector finds is framed on the inputs; unset, yes but in `errors`")
  public static let panels = FigureSetting(
    "panels", .choice(["metric", "model", "method"]), .content, figures: ["depth"],
    "What has a panel of its own beside each metric, condition and region; unset, `method` for more than twelve curves")
  public static let intervals = FigureSetting(
    "intervals", .choice(["whiskers", "bands", "none"]), .content, figures: depth, "How intervals are drawn")

  public static let depthAxis = FigureSetting(
    "depth-axis", .choice(["auto", "blocks", "relative"]), .axes, figures: depth,
    "Depth in blocks or as a share of the model's; `auto` takes blocks where all models have the same taps")
  public static let range = FigureSetting(
    "range", .range, .axes, figures: plots + bars + maps + lines + ["norm-map"],
    "What the axis of values, or the colours of a heat map, run from and to; what lies outside is cut off, in a heat map marked"
  )
  public static let scale = FigureSetting(
    "scale", .choice(["linear", "logarithmic"]), .axes, figures: plots + ["distribution"], "The vertical axis")
  public static let horizontalRange = FigureSetting(
    "horizontal-range", .range, .axes, figures: numbered,
    "What the horizontal axis runs from and to")
  public static let horizontalScale = FigureSetting(
    "horizontal-scale", .choice(["linear", "logarithmic"]), .axes, figures: numbered,
    "The horizontal axis")
  public static let valueLabel = FigureSetting(
    "value-label", .text, .axes, figures: plots + bars + maps + ["forest", "norm-map"],
    "What is written beside the axis of values or the colour bar")
  public static let axisLabel = FigureSetting(
    "axis-label", .text, .axes, figures: plots, "What is written below the horizontal axis")

  public static let letters = FigureSetting(
    "letters", .yesOrNo, .page, figures: plots + bars, "Whether panels are lettered (a), (b), (c)")
  public static let titles = FigureSetting(
    "titles", .yesOrNo, .page, figures: plots + bars + maps + grids, "Whether panels have titles")
  public static let legend = FigureSetting(
    "legend", .choice(["above", "below", "right", "none"]), .page, figures: plots + bars + lines,
    "Where the legend stands; of lines below each other above or nowhere")
  public static let columns = FigureSetting(
    "columns", .count(1...20), .page, figures: plots + bars + maps + grids,
    "How many panels stand beside each other; of pictures, how many blocks of rows")
  public static let width = FigureSetting(
    "width", .number(0.5...100), .page, figures: plots + bars + maps + lines + grids, "Width of the figure in inches")
  public static let height = FigureSetting(
    "height", .number(0.5...100), .page, figures: plots + bars, "Height of the figure in inches")

  public static let shape = FigureSetting(
    "shape", .choice(["automatic", "points", "violins"]), .page, figures: ["distribution"],
    "A point for every image, or the outline of their density; `automatic` takes points up to 150 images, and so does `points` up to 1000"
  )

  public static let triangle = FigureSetting(
    "triangle", .choice(["both", "lower", "upper"]), .maps, figures: maps,
    "Which half is shown of a map that is the same on both sides of its diagonal")
  public static let numbers = FigureSetting(
    "numbers", .choice(["automatic", "always", "never"]), .maps, figures: maps, "Whether numbers stand in the cells")
  public static let order = FigureSetting(
    "order", .choice(["given", "likeness"]), .maps, figures: ["all-models", "null"],
    "The order of models: as given, or alike ones side by side (so from ten models on, unless set)")

  public static let font = FigureSetting(
    "font", .text, .style, isShared: true,
    "A font family that is installed: Times New Roman, CMU Serif, STIX Two Text, Liberation Sans"
  )
  public static let fontSize = FigureSetting(
    "font-size", .number(6.5...40), .style, isShared: true,
    "Size of labels in points; other type keeps its distance to it")
  public static let colors = FigureSetting(
    "colors", .color, .style, isNamed: true, "The colour of a model: `colors.vit=#0072b2`")
  public static let palette = FigureSetting(
    "palette", .colors, .style, isShared: true, "The colours of models, in their order")
  public static let colorMap = FigureSetting(
    "color-map", .choice(["viridis", "cividis", "magma", "coolwarm"]), .style, figures: maps + ["norm-map"],
    "The colours of heat maps and of norms")

  public static let all = [
    names, models, methods, taps, metrics, conditions, shownImages, imageCount, imageSeed, zoom, boxes, panels,
    intervals, depthAxis, range, scale,
    horizontalRange, horizontalScale, valueLabel, axisLabel, letters, titles, legend, columns, width, height, shape,
    triangle,
    numbers, order, font, fontSize, colors, palette, colorMap,
  ]

  /// The setting of a key, in which a name may follow; nil where there is none.
  public static func of(_ key: String) -> FigureSetting? {
    all.first { setting in
      setting.isNamed ? key.hasPrefix(setting.key + ".") && key.count > setting.key.count + 1 : key == setting.key
    }
  }

  /// A key without the kind of figures that it is limited to: `depth.range` is `range` of `depth`.
  public static func parts(
    of key: String, kinds: [String] = AnalysisDefinition.all.figures
  ) -> (figure: String?, key: String) {
    guard let dot = key.firstIndex(of: "."), kinds.contains(String(key[..<dot])) else { return (nil, key) }
    return (String(key[..<dot]), String(key[key.index(after: dot)...]))
  }

  /// docs/figure-settings.md.
  public static var markdown: String {
    """
    # Settings of figures

    `palimpsest figure KIND RESULTS --set KEY=VALUE`, as often as wanted, sets what is below; so does `palimpsest report`, and the
    section `figures:` of an experiment, where a key that names follow is a mapping. A key may be limited to one kind of figures by
    its name before it: `depth.range=10..40`, in an experiment `figures: {depth: {range: 10..40}}`; that wins over the key alone, and is
    refused where the key changes nothing of that kind.
    What was set is recorded in the figure's data and its description, and `palimpsest replay` draws it the same. An unknown key is
    refused, and one that changes nothing of the figure that is drawn is named.

    This page is made from `Sources/Results/Figures`; a test fails where the two differ.

    """
      + Group.allCases.map { group in
        "\n## \(group.rawValue)\n\n| Key | Value | What it does | Figures |\n|---|---|---|---|\n"
          + all.filter { $0.group == group }.map { setting in
            "| `\(setting.key)\(setting.isNamed ? ".NAME" : "")` | \(setting.kind.form) | \(setting.meaning) | "
              + setting.scope + " |\n"
          }.joined()
      }.joined()
  }
}
