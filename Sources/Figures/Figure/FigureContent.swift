/// A figure of any kind as data: its kind, and what it is laid out from. What is read draws what was written.
public struct FigureContent: Sendable, Codable {
  public var figure: any LaidOutFigure

  public init(_ figure: any LaidOutFigure) { self.figure = figure }

  private enum CodingKeys: String, CodingKey { case sort, content }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let sort = try container.decode(String.self, forKey: .sort)
    switch sort {
    case HeatMapFigure.sort: figure = try container.decode(HeatMapFigure.self, forKey: .content)
    case LineFigure.sort: figure = try container.decode(LineFigure.self, forKey: .content)
    case ImageGridFigure.sort: figure = try container.decode(ImageGridFigure.self, forKey: .content)
    case BarFigure.sort: figure = try container.decode(BarFigure.self, forKey: .content)
    case PlotFigure.sort: figure = try container.decode(PlotFigure.self, forKey: .content)
    case PolarFigure.sort: figure = try container.decode(PolarFigure.self, forKey: .content)
    case ForestFigure.sort: figure = try container.decode(ForestFigure.self, forKey: .content)
    case DistributionFigure.sort: figure = try container.decode(DistributionFigure.self, forKey: .content)
    case ComposedFigure.sort: figure = try container.decode(ComposedFigure.self, forKey: .content)
    default:
      throw DecodingError.dataCorruptedError(
        forKey: .sort, in: container, debugDescription: "'\(sort)' is not a kind of figure known here")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(type(of: figure).sort, forKey: .sort)
    try figure.encode(to: container.superEncoder(forKey: .content))
  }
}

/// The colour map by its name; what needs a word in the legend follows from the maps.
extension HeatMapFigure: Codable {
  private enum CodingKeys: String, CodingKey { case maps, colorMap, valueLabel, description, layout, panelsAreEqual }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let name = try container.decode(String.self, forKey: .colorMap)
    guard let colorMap = try? ColorMap.named(name) else {
      throw DecodingError.dataCorruptedError(
        forKey: .colorMap, in: container,
        debugDescription: "no colour map '\(name)'; there are \(ColorMap.names.joined(separator: ", "))")
    }
    self.init(
      maps: try container.decode([HeatMap].self, forKey: .maps), colorMap: colorMap,
      valueLabel: try container.decode(String.self, forKey: .valueLabel),
      description: try container.decode(FigureDescription.self, forKey: .description),
      layout: try container.decodeIfPresent(FigureLayout.self, forKey: .layout),
      panelsAreEqual: try container.decodeIfPresent(Bool.self, forKey: .panelsAreEqual) ?? false)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(maps, forKey: .maps)
    try container.encode(colorMap.name, forKey: .colorMap)
    try container.encode(valueLabel, forKey: .valueLabel)
    try container.encode(description, forKey: .description)
    try container.encodeIfPresent(layout, forKey: .layout)
    if panelsAreEqual { try container.encode(true, forKey: .panelsAreEqual) }
  }
}
