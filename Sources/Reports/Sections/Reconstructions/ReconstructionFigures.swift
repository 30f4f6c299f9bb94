import Figures
import Formats
import Results

/// Image grids of one model: images by depth with every method, errors by depth of one image, conditions by depth of one image.
struct ReconstructionFigures {
  /// The stores of a model, a method each, with equal images and sizes.
  struct Member {
    let store: ReconstructionStores.Store
    let method: String
  }

  let members: [Member]
  let model: String
  /// Ends the names of the figures.
  let identifier: String
  let study: Study
  let style: FigureStyle
  let tree: TapTree
  /// Of single images, where the analysis wrote them.
  let values: ImageValues?
  let choice: ImageChoice

  static let kind = "reconstructions"
  static let errorKind = "errors"
  static let conditionKind = "conditions"
  /// What the column of inputs is called.
  private static let inputName = "input"

  private var source: any ReconstructionSource { members[0].store.source }
  private var metric: MetricDefinition? { values.flatMap { QualityMetric(rawValue: $0.metric)?.definition } }

  func all() throws -> (figures: [ReportFigure], further: [ReportFigure]) {
    guard let condition = conditions(Self.kind).first else { return ([], []) }
    let figures = [try imagesByDepth(condition)].compactMap { $0 }
    var further = [try errorsByDepth(condition)].compactMap { $0 }
    for member in members { further += [try conditionsByDepth(member)].compactMap { $0 } }
    return (figures, further)
  }

  // MARK: What is shown

  private func conditions(_ kind: String) -> [String] {
    study.chosen(source.conditions, by: .conditions, kind: kind)
  }

  /// Taps of some stores in order of depth.
  private func taps(_ members: [Member], _ conditions: [String], _ kind: String) -> [String] {
    let all = members.flatMap { member in
      tree.course(of: conditions.flatMap(member.store.source.taps(of:)).unique, in: member.store.name).all
    }.unique
    return study.chosen(all, by: .taps, kind: kind)
  }

  private func label(_ row: Int) -> String { ImageChoice.label(row, among: choice.rows, in: source) }

  /// "frog (000024.png)", or the file alone.
  private func fullName(_ row: Int) -> String {
    source.className(row).map { "\($0) (\(source.imagePaths[row]))" } ?? source.imagePaths[row]
  }

  private func methodName(_ method: String, _ kind: String) -> String {
    method.isEmpty ? "no method" : study.name(method, kind: kind)
  }

  private func picture(_ pixels: [UInt8]) throws -> Picture {
    try Picture(width: source.size.width, height: source.size.height, rgb: pixels)
  }

  private func value(_ member: Member, _ row: Int, _ condition: String, _ tap: String) -> Double? {
    values?[member.store.name, condition, tap]?[source.imagePaths[row]]
  }

  private func pixels(_ member: Member, _ row: Int, _ condition: String, _ tap: String) throws -> [UInt8]? {
    let source = member.store.source
    guard source.taps(of: condition).contains(tap), source.isComplete(row, condition: condition) else { return nil }
    return try source.reconstruction(row, condition: condition, tap: tap)
  }

  private func tile(
    _ member: Member, _ row: Int, _ condition: String, _ tap: String, inset: ImageGridFigure.Area?
  ) throws -> ImageGridFigure.Tile {
    guard let pixels = try pixels(member, row, condition, tap) else { return .init(nil) }
    let text = value(member, row, condition, tap).flatMap { value in metric.map { Self.text(value, of: $0) } }
    return .init(try picture(pixels), text: text ?? "", inset: inset)
  }

  /// "20.1 dB", "0.83".
  private static func text(_ value: Double, of metric: MetricDefinition) -> String {
    metric.unit == "dB" ? Numbers.fixed(value, digits: 1) + " dB" : Numbers.fixed(value, digits: min(2, metric.digits))
  }

  private func input(
    _ row: Int, _ condition: String, _ kind: String, inset: ImageGridFigure.Area? = nil
  ) throws -> ImageGridFigure.Tile {
    guard let pixels = try source.input(row, condition: condition) else { return .init(nil) }
    let objects = try showsBoxes(kind) ? source.objects(row, condition: condition) : []
    return .init(
      try picture(pixels), frames: objects.map { ImageGridFigure.Frame($0.area, label: $0.name) }, inset: inset)
  }

  /// Beside the frame of what is enlarged, boxes would be mistaken for such.
  private func showsBoxes(_ kind: String) -> Bool {
    study.settings.truth(.boxes, of: kind) ?? (kind != Self.errorKind)
  }

  /// The part of an image that is enlarged, where that is wanted.
  private func inset(_ row: Int, _ condition: String, _ kind: String, otherwise: Bool) throws -> ImageGridFigure.Area? {
    guard study.settings.truth(.zoom, of: kind) ?? otherwise,
      let pixels = try source.input(row, condition: condition)
    else { return nil }
    return PictureDetail.richest(pixels, width: source.size.width, height: source.size.height)
  }

  // MARK: Figures

  private func imagesByDepth(_ condition: String) throws -> ReportFigure? {
    let kind = Self.kind
    let taps = taps(members, [condition], kind)
    let rows = choice.rows
    guard !rows.isEmpty, !taps.isEmpty else { return nil }
    let hasMethods = members.count > 1
    let isZoomed = study.settings.truth(.zoom, of: kind) ?? false
    let boxes = try boxes(rows, condition, kind)
    let lines = try rows.flatMap { row -> [ImageGridFigure.Row] in
      let inset = try inset(row, condition, kind, otherwise: false)
      return try members.enumerated().map { index, member in
        ImageGridFigure.Row(
          label: hasMethods ? methodName(member.method, kind) : label(row),
          tiles: [index == 0 ? try input(row, condition, kind, inset: inset) : .empty]
            + (try taps.map { try tile(member, row, condition, $0, inset: inset) }),
          group: hasMethods ? label(row) : nil)
      }
    }
    let name = study.name(ofModel: model, kind: kind)
    let images = rows.count == 1 ? "One image" : "\(rows.count) images"
    return figure(
      kind, name: "reconstructions-\(identifier)", heading: "\(name): images by depth",
      title: "Reconstructions of \(name) by depth",
      caption:
        "\(images)\(under(condition)) and what is reconstructed of \(rows.count == 1 ? "it" : "them") from increasing depth of "
        + "\(name)\(methods(kind)).\(numbers)\(boxes)\(isZoomed ? zoomed : "") From top to bottom: "
        + "\(Sentences.list(rows.map(fullName))). \(choice.rule)",
      alternativeText: "Grid of \(images.lowercased()) by \(taps.count) taps of \(name), from \(taps[0]) to "
        + "\(taps[taps.count - 1]), the inputs at the left\(hasMethods ? ", a row for each of \(Sentences.list(members.map { methodName($0.method, kind) }))" : "").",
      condition: condition,
      panel: ImageGridFigure.Panel(
        columns: [Self.inputName] + taps.map { study.name($0, kind: kind) }, rows: lines, gapsBehind: [0]),
      data: data(rows.flatMap { row in members.flatMap { member in taps.map { (member, row, condition, $0) } } }))
  }

  /// Reconstructions of one image with an enlarged part, and where they are wrong.
  private func errorsByDepth(_ condition: String) throws -> ReportFigure? {
    let kind = Self.errorKind
    let taps = taps(members, [condition], kind)
    guard let row = choice.rows.first, !taps.isEmpty, let original = try source.input(row, condition: condition) else {
      return nil
    }
    let inset = try inset(row, condition, kind, otherwise: true)
    let maps = try members.map { member in
      try taps.map { tap in try pixels(member, row, condition, tap).map { PictureDetail.errors($0, original) } }
    }
    // All but the largest hundredth, up to the next twentieth.
    let sorted = maps.flatMap { $0 }.compactMap { $0 }.flatMap { $0 }.sorted()
    guard let largest = sorted.isEmpty ? nil : sorted[(sorted.count - 1) * 99 / 100] else { return nil }
    let most = max(0.05, (largest * 20).rounded(.up) / 20)
    let map = ColorMap.magma
    let hasMethods = members.count > 1
    let boxes = try boxes([row], condition, kind)
    let lines = try zip(members, maps).enumerated().flatMap { index, pair -> [ImageGridFigure.Row] in
      let (member, errors) = pair
      let method = hasMethods ? methodName(member.method, kind) : nil
      return [
        ImageGridFigure.Row(
          label: "image",
          tiles: [index == 0 ? try input(row, condition, kind, inset: inset) : .empty]
            + (try taps.map { try tile(member, row, condition, $0, inset: inset) }), group: method),
        ImageGridFigure.Row(
          label: "error",
          tiles: [.empty]
            + (try errors.map { errors in
              .init(
                try errors.map {
                  try PictureDetail.colored(
                    $0, most: most, map: map, width: source.size.width, height: source.size.height)
                })
            }), group: method),
      ]
    }
    let name = study.name(ofModel: model, kind: kind)
    return figure(
      kind, name: "errors-\(identifier)", heading: "\(name): errors by depth", title: "Errors of \(name) by depth",
      caption:
        "Where reconstructions of one image, \(fullName(row))\(under(condition)), are wrong, from increasing depth of \(name)"
        + "\(methods(kind)): under each the mean absolute difference of red, green and blue from the input, as a share of their range "
        + "(larger ones than \(Numbers.fixed(most, digits: 2)) have the last colour).\(numbers)\(boxes)"
        + (inset == nil ? "" : zoomed),
      alternativeText: "Reconstructions of one image from \(taps.count) taps of \(name), and maps of their errors.",
      condition: condition,
      panel: ImageGridFigure.Panel(
        columns: [Self.inputName] + taps.map { study.name($0, kind: kind) }, rows: lines, gapsBehind: [0]),
      scale: ImageGridFigure.Scale(low: 0, high: most, colorMap: map.name, label: "Absolute error"),
      data: data(members.flatMap { member in taps.map { (member, row, condition, $0) } }))
  }

  private func conditionsByDepth(_ member: Member) throws -> ReportFigure? {
    let kind = Self.conditionKind
    let conditions = study.chosen(member.store.source.conditions, by: .conditions, kind: kind)
    guard conditions.count > 1 || study.settings.list(.conditions, of: kind) != nil, let row = choice.rows.first,
      let first = conditions.first
    else { return nil }
    let taps = taps([member], conditions, kind)
    guard !taps.isEmpty else { return nil }
    let inset = try inset(row, first, kind, otherwise: false)
    let lines = try conditions.map { condition in
      ImageGridFigure.Row(
        label: study.name(condition, kind: kind),
        tiles: [try input(row, condition, kind, inset: inset)]
          + (try taps.map { try tile(member, row, condition, $0, inset: inset) }))
    }
    let model = study.name(ofModel: model, kind: kind)
    let name = member.method.isEmpty ? model : "\(model) (\(methodName(member.method, kind)))"
    return figure(
      kind, name: "conditions-of-\(Escaping.fileName(member.store.name))", heading: "\(name): conditions by depth",
      title: "Conditions of \(name) by depth",
      caption:
        "The image \(fullName(row)) under \(conditions.count) conditions (rows), as \(name) saw it and as it is reconstructed "
        + "from each tap.\(numbers)\(inset == nil ? "" : zoomed)",
      alternativeText: "Grid of \(conditions.count) colour conditions by \(taps.count) taps of \(name) for one image.",
      condition: nil,
      panel: ImageGridFigure.Panel(
        columns: [Self.inputName] + taps.map { study.name($0, kind: kind) }, rows: lines, gapsBehind: [0]),
      data: data(conditions.flatMap { condition in taps.map { (member, row, condition, $0) } }))
  }

  // MARK: Words

  private func under(_ condition: String) -> String {
    condition == ConditionName.original.text ? "" : " under the condition \(condition)"
  }

  private func methods(_ kind: String) -> String {
    let names = members.map(\.method).filter { !$0.isEmpty }.map { study.name($0, kind: kind) }
    return names.isEmpty ? "" : " by \(names.count == 1 ? "the method" : "the methods") \(Sentences.list(names))"
  }

  private var numbers: String { metric.map { " Numbers: \($0.title) against the input." } ?? "" }

  private var zoomed: String {
    " Corners enlarge the part in the frame, the one with most detail in the input."
  }

  private func boxes(_ rows: [Int], _ condition: String, _ kind: String) throws -> String {
    guard showsBoxes(kind) else { return "" }
    let names = try rows.flatMap { try source.objects($0, condition: condition) }.map(\.name).unique
    return names.isEmpty ? "" : " Boxes on the inputs: what the model finds there (\(Sentences.list(names)))."
  }

  private func data(_ entries: [(member: Member, row: Int, condition: String, tap: String)]) -> String {
    CommaSeparatedValues.line(
      [Column.store, .condition, .tap, .path].map(\.name) + [values?.metric ?? QualityMetric.psnr.rawValue])
      + entries.map { entry in
        let value = value(entry.member, entry.row, entry.condition, entry.tap)
        return CommaSeparatedValues.line([
          entry.member.store.name, entry.condition, entry.tap, source.imagePaths[entry.row],
          value.map { "\($0)" } ?? "",
        ])
      }.joined()
  }

  private func figure(
    _ kind: String, name: String, heading: String, title: String, caption: String, alternativeText: String,
    condition: String?, panel: ImageGridFigure.Panel, scale: ImageGridFigure.Scale? = nil, data: String
  ) -> ReportFigure {
    var settings = [FigureDescription.Setting("kind", "image grid")]
    settings.append(.init("store", members.map(\.store.name).joined(separator: ", ")))
    if let condition { settings.append(.init("condition", condition)) }
    settings += [
      .init("pixels", "\(source.size.width)×\(source.size.height), not resampled in PDF and SVG"),
      .init("style", style.name), .init("font", style.fontFamilies[0]),
    ]
    return ReportFigure(
      name: name, kind: kind, heading: heading,
      content: ImageGridFigure(
        panels: [panel], scale: scale,
        description: FigureDescription(
          kind: "image grid", title: title, caption: caption, alternativeText: alternativeText, settings: settings)),
      data: data)
  }
}
