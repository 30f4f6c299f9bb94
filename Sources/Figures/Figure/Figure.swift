/// A drawn figure: the scene, what it says in words, and where its cells are.
public struct Figure: Sendable {
  public var scene: Scene
  public var description: FigureDescription
  /// One region a heat map, for whatever wants to find the cell under a pointer.
  public var regions: [HeatMapRegion]
  /// What had to give way in the layout, one sentence each; empty as a rule.
  public var warnings: [String]

  public init(scene: Scene, description: FigureDescription, regions: [HeatMapRegion] = [], warnings: [String] = []) {
    self.scene = scene
    self.description = description
    self.regions = regions
    self.warnings = warnings
  }

  /// That labels are cut short, as `lint` will find, in a sentence; nil where none is.
  public var shortened: String? {
    let labels = SceneNode.shortenedTexts(scene.nodes).reduce(into: [String]()) {
      if !$0.contains($1) { $0.append($1) }
    }
    guard let first = labels.first else { return nil }
    return "\(labels.count == 1 ? "a label is" : "\(labels.count) labels are") cut short, "
      + "\(labels.count == 1 ? "" : "the first ")'\(first)'; give shorter names (--set names.NAME=TEXT) or more width"
  }
}

/// What stands beside a figure: the words for people who read it and for people who cannot see it, and the settings.
public struct FigureDescription: Codable, Sendable, Equatable {
  public struct Setting: Codable, Sendable, Equatable {
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public var kind: String
  public var title: String
  public var caption: String
  public var alternativeText: String
  /// In a fixed order.
  public var settings: [Setting]

  public init(kind: String, title: String, caption: String, alternativeText: String, settings: [Setting] = []) {
    self.kind = kind
    self.title = title
    self.caption = caption
    self.alternativeText = alternativeText
    self.settings = settings
  }
}

/// Where the cells of one heat map lie on the page, in points.
public struct HeatMapRegion: Codable, Sendable, Equatable {
  /// Index of the panel in its figure.
  public let panel: Int
  /// Width of a cell.
  public let cell: Double
  public let height: Double
  /// Left edge of every column, top edge of every row.
  public let columns: [Double]
  public let rows: [Double]
}
