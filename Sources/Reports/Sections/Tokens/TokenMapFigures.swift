import Figures
import Formats
import Results

/// Images as their tokens see them, by depth: coloured by principal components, and by their norms.
struct TokenMapFigures {
  let maps: TokenMapTable
  let components: TokenComponentTable
  /// `tokens.csv`.
  let estimates: EstimateTable
  let prefix: String
  let style: FigureStyle
  let study: Study
  let tree: TapTree
  /// The stores, for the images themselves and their classes; empty where they are not at hand.
  let stores: [ReconstructionStores.Store]

  static let colorKind = "token-map"
  static let normKind = "norm-map"
  /// So many standard deviations of a component on both sides of 0 have colours of their own.
  static let spread = 2.5
  private static let inputName = "input"

  /// A model's images by its taps.
  private struct Panel {
    let entry: Study.Choice.Entry
    let taps: [String]
  }

  /// What a figure shows, in order.
  private struct Content {
    let panels: [Panel]
    let paths: [String]
    /// What was asked for and is not there.
    let unknown: [String]
  }

  private func content(_ kind: String) -> Content {
    let choice = study.choice(maps.stores, kind: kind)
    let panels = choice.entries.map { entry in
      let course = tree.course(of: maps.taps[entry.store] ?? [], in: entry.store).all
      return Panel(entry: entry, taps: study.chosen(course, by: .taps, kind: kind))
    }.filter { !$0.taps.isEmpty }
    let rows = Array(maps.paths.indices)
    guard let names = study.settings.list(.shownImages, of: kind) else {
      let count =
        study.settings.number(.imageCount, of: kind).map { Int($0) } ?? (panels.count > 1 ? 1 : maps.paths.count)
      return Content(panels: panels, paths: Array(maps.paths.prefix(count)), unknown: [])
    }
    var (found, unknown) = ([Int](), [String]())
    for name in names {
      let row = ImageChoice.row(
        named: name, among: rows, paths: maps.paths, className: { className(maps.paths[$0]) }, besides: found)
      if let row { found.append(row) } else { unknown.append(name) }
    }
    return Content(panels: panels, paths: found.map { maps.paths[$0] }, unknown: unknown)
  }

  /// Both kinds.
  /// - Parameter warnings: gets what was asked for and is not there.
  func all(_ warnings: inout [String]) throws -> [ReportFigure] {
    var figures: [ReportFigure] = []
    for kind in [Self.colorKind, Self.normKind] {
      let content = content(kind)
      if !content.unknown.isEmpty {
        warnings.append(
          "images: \(Sentences.list(content.unknown.map { "'\($0)'" })) \(content.unknown.count == 1 ? "has" : "have") no map of tokens; "
            + "maps are of \(Sentences.list(maps.paths)).")
      }
      guard !content.panels.isEmpty, !content.paths.isEmpty else { continue }
      figures.append(try kind == Self.colorKind ? colorFigure(content) : normFigure(content))
    }
    return figures
  }

  // MARK: Components

  private func colorFigure(_ content: Content) throws -> ReportFigure {
    let kind = Self.colorKind
    let panels = try content.panels.map { panel in
      try grid(panel, content, kind) { tap, map in
        let basis = components[panel.entry.store, tap]
        return ImageGridFigure.Tile(try picture(of: map) { Self.color(of: $0, shares: basis?.shares ?? []) })
      }
    }
    let several = components.count > 1
    return figure(
      kind, title: "Tokens by depth", panels: panels,
      caption:
        "\(subject(content)) as the tokens see it, by depth: red, green and blue are the first three principal components of the tokens, "
        + "each token at its place. A tap's tokens are taken less their mean and over their spread; a component runs from dark to bright over "
        + "\(Numbers.fixed(Self.spread, digits: 1)) standard deviations on both sides of 0, so that grey is what these components do not tell. "
        + sharing(content)
        + (several ? " Wider gaps part sets: colours of different sets cannot be compared." : ""),
      alternativeText:
        "Grid of \(content.paths.count == 1 ? "one image" : "\(content.paths.count) images") by depth for "
        + "\(Sentences.list(content.panels.map(\.entry.label))): colours of tokens by their principal components.",
      data: data(content, kind, columns: [.firstComponent, .secondComponent, .thirdComponent]) { token in
        (0..<3).map { token.components.indices.contains($0) ? "\(token.components[$0])" : "" }
      })
  }

  /// "Components are shared by …".
  private func sharing(_ content: Content) -> String {
    var sets: [(number: Int, labels: [String])] = []
    for panel in content.panels {
      var own: [(number: Int, taps: [String])] = []
      for tap in panel.taps {
        guard let number = components[panel.entry.store, tap]?.number else { continue }
        if let known = own.firstIndex(where: { $0.number == number }) {
          own[known].taps.append(tap)
        } else {
          own.append((number, [tap]))
        }
      }
      for (number, taps) in own {
        let ends = taps.count == 1 ? taps[0] : "\(taps[0]) to \(taps[taps.count - 1])"
        let label = own.count == 1 ? panel.entry.label : "\(panel.entry.label) (\(ends))"
        if let known = sets.firstIndex(where: { $0.number == number }) {
          sets[known].labels.append(label)
        } else {
          sets.append((number, [label]))
        }
      }
    }
    if sets.count == 1 {
      return "The components are shared over all depths\(content.panels.count > 1 ? " and models" : "")."
    }
    return "Components are shared within each set: " + sets.map { Sentences.list($0.labels) }.joined(separator: "; ")
      + "."
  }

  /// - Parameter shares: the variance of each component.
  private static func color(of token: TokenMapTable.Token, shares: [Double]) -> [UInt8] {
    (0..<3).map { place in
      guard token.components.indices.contains(place), shares.indices.contains(place), shares[place] > 0 else {
        return 128
      }
      let fraction = 0.5 + token.components[place] / (2 * spread * shares[place].squareRoot())
      return UInt8((min(max(fraction, 0), 1) * 255).rounded())
    }
  }

  // MARK: Norms

  private func normFigure(_ content: Content) throws -> ReportFigure {
    let kind = Self.normKind
    let means = EstimateIndex(estimates, by: [Column.store, .tap, .metric])
    func mean(_ store: String, _ tap: String) -> Double? {
      means.row([store, tap, TokenMetric.norm.rawValue])?.value.flatMap { $0 > 0 ? $0 : nil }
    }
    var ratios: [Double] = []
    var hasOutliers = false
    for panel in content.panels {
      for tap in panel.taps {
        guard let mean = mean(panel.entry.store, tap) else { continue }
        for map in content.paths.compactMap({ maps[panel.entry.store, tap, $0] }) {
          hasOutliers = hasOutliers || map.tokens.contains(where: \.isOutlier)
          ratios += map.tokens.filter { !$0.isOutlier }.map { $0.norm / mean }
        }
      }
    }
    // All but the least and the largest hundredth, to the next tenth.
    let (least, largest) = (Quantile.linear(ratios, 0.01) ?? 0, Quantile.linear(ratios, 0.99) ?? 1)
    let found = (
      low: (least * 10).rounded(.down) / 10, high: (largest * 10).rounded(.up) / 10
    )
    let range = study.settings.range(.range, of: kind) ?? found.low...max(found.high, found.low + 0.1)
    let map = try ColorMap.named(study.settings.value(.colorMap, of: kind) ?? style.sequential)
    let panels = try content.panels.map { panel in
      try grid(panel, content, kind) { tap, tokens in
        let mean = mean(panel.entry.store, tap) ?? 1
        let picture = try picture(of: tokens) { token in
          Array(
            map.color(at: (token.norm / mean - range.lowerBound) / (range.upperBound - range.lowerBound)).bytes.prefix(
              3))
        }
        let (height, width) = (Double(tokens.height), Double(tokens.width))
        let rings = tokens.tokens.filter(\.isOutlier).map { token in
          ImageGridFigure.Frame(
            .init(x: Double(token.column) / width, y: Double(token.row) / height, width: 1 / width, height: 1 / height),
            label: "outlier, norm \(Self.text(token.norm))")
        }
        return ImageGridFigure.Tile(picture, text: Self.text(mean), rings: rings)
      }
    }
    let label = study.settings.value(.valueLabel, of: kind) ?? "Token norm / mean of the tap"
    return figure(
      kind, title: "Norms of tokens by depth", panels: panels,
      scale: ImageGridFigure.Scale(
        low: range.lowerBound, high: range.upperBound, colorMap: map.name, label: label),
      ringMeaning: hasOutliers ? "outlier token" : nil,
      caption:
        "\(subject(content)): the norm of every token at its place, by depth, over the mean norm of the tap's tokens of all images, which is the "
        + "number below; the least and the largest hundredth have the colours of the ends. "
        + (hasOutliers
          ? "Rings: outliers, whose norm is above the tap's upper quartile by more than three times the distance of the quartiles."
          : "No token here is an outlier (above the tap's upper quartile by more than three times the distance of the quartiles)."),
      alternativeText:
        "Grid of \(content.paths.count == 1 ? "one image" : "\(content.paths.count) images") by depth for "
        + "\(Sentences.list(content.panels.map(\.entry.label))): norms of tokens\(hasOutliers ? ", outliers in rings" : "").",
      data: data(content, kind, columns: [.norm, .isOutlier]) { ["\($0.norm)", $0.isOutlier ? "1" : "0"] })
  }

  /// Three digits.
  private static func text(_ value: Double) -> String {
    Numbers.fixed(value, digits: value.magnitude >= 100 ? 0 : value.magnitude >= 10 ? 1 : 2)
  }

  // MARK: Parts

  /// A panel: an image a row, the input and every tap beside each other.
  private func grid(
    _ panel: Panel, _ content: Content, _ kind: String,
    tile: (_ tap: String, _ map: TokenMapTable.Map) throws -> ImageGridFigure.Tile
  ) throws -> ImageGridFigure.Panel {
    let store = panel.entry.store
    let source = stores.first { $0.name == store }?.source
    let rows = try content.paths.map { path in
      let input = try source.flatMap { source in
        try source.imagePaths.firstIndex(of: path).flatMap { row in
          try source.input(row, condition: maps.condition).map {
            try Picture(width: source.size.width, height: source.size.height, rgb: $0)
          }
        }
      }
      return ImageGridFigure.Row(
        label: content.paths.count == 1 ? "" : className(path) ?? path,
        tiles: (source == nil ? [] : [.init(input)])
          + (try panel.taps.map { tap in try maps[store, tap, path].map { try tile(tap, $0) } ?? .init(nil) }))
    }
    // Behind the inputs, and where the next tap has other components.
    let first = source == nil ? 0 : 1
    let sets = panel.taps.map { kind == Self.colorKind ? components[store, $0]?.number : nil }
    let gaps =
      (first == 1 ? [0] : [])
      + zip(sets, sets.dropFirst()).enumerated().filter { $1.0 != $1.1 }.map {
        $0.offset + first
      }
    return ImageGridFigure.Panel(
      title: content.panels.count > 1 ? panel.entry.label : nil,
      columns: (source == nil ? [] : [Self.inputName]) + panel.taps.map { study.name($0, kind: kind) }, rows: rows,
      gapsBehind: gaps)
  }

  /// A token a pixel.
  private func picture(of map: TokenMapTable.Map, _ color: (TokenMapTable.Token) -> [UInt8]) throws -> Picture {
    var pixels = [UInt8](repeating: 128, count: map.height * map.width * 3)
    for token in map.tokens {
      let start = (token.row * map.width + token.column) * 3
      pixels.replaceSubrange(start..<start + 3, with: color(token))
    }
    return try Picture(width: map.width, height: map.height, rgb: pixels)
  }

  private func className(_ path: String) -> String? {
    stores.lazy.compactMap { store in
      store.source.imagePaths.firstIndex(of: path).flatMap { store.source.className($0) }
    }.first
  }

  // MARK: Words

  /// "An image (frog, 000024.png)".
  private func subject(_ content: Content) -> String {
    let names = content.paths.map { path in className(path).map { "\($0), \(path)" } ?? path }
    let condition = maps.condition == ConditionName.original.text ? "" : " under the condition \(maps.condition)"
    let isPart = content.paths.count < maps.paths.count
    let count = content.paths.count
    return
      "\(count == 1 ? "One image" : "\(count) images") (\(names.joined(separator: "; ")))\(condition)"
      + (isPart ? ", of \(maps.paths.count) that have maps," : "")
  }

  private func data(
    _ content: Content, _ kind: String, columns: [Column], values: (TokenMapTable.Token) -> [String]
  ) -> String {
    CommaSeparatedValues.line(
      [Column.store, .tap, .path, .gridRow, .gridColumn].map(\.name) + columns.map(\.name))
      + content.panels.flatMap { panel in
        panel.taps.flatMap { tap in
          content.paths.flatMap { path in
            (maps[panel.entry.store, tap, path]?.tokens ?? []).map { token in
              CommaSeparatedValues.line(
                [panel.entry.store, tap, path, "\(token.row)", "\(token.column)"] + values(token))
            }
          }
        }
      }.joined()
  }

  private func figure(
    _ kind: String, title: String, panels: [ImageGridFigure.Panel], scale: ImageGridFigure.Scale? = nil,
    ringMeaning: String? = nil, caption: String, alternativeText: String, data: String
  ) -> ReportFigure {
    ReportFigure(
      name: "\(prefix)-\(kind)", kind: kind, heading: title,
      content: ImageGridFigure(
        panels: panels, scale: scale, ringMeaning: ringMeaning,
        description: FigureDescription(
          kind: "image grid", title: title, caption: caption, alternativeText: alternativeText,
          settings: [
            .init("kind", "image grid"), .init("condition", maps.condition),
            .init("pixels", "a token each, not resampled in PDF and SVG"), .init("style", style.name),
            .init("font", style.fontFamilies[0]),
          ])), data: data)
  }
}
