import Formats
import Results

/// The tokens of images at their places: their principal components, shared by taps of one width, their norms, and those whose
/// norm stands out. Definitions: docs/definitions.md, "Tokens".
public enum Tokens {
  public struct Settings: Sendable {
    /// Which condition, taps and images, and whether means have intervals.
    public var selection = MeasureSelection(bootstrap: 1)
    /// What components are shared over.
    public var components = ComponentSharing.models
    /// How many images get maps.
    public var maps = 3
    /// The most memory that features, their moments and norms may take, in bytes.
    public var memoryLimit = 1280 << 20

    public init() {}

    func validate() throws {
      try selection.validateOne(for: AnalysisDefinition.tokens.name)
      guard maps >= 1 else {
        throw AnalysisError(.badInput, "maps of \(maps) images are not possible; expected 1 or more")
      }
    }
  }

  /// Most components.
  public static let components = 3
  /// An outlier's norm is above the upper quartile by more than so many distances of the quartiles.
  public static let fence = 3.0
  /// Most tokens that maps may have, of all images and taps together.
  static let mostMapped = 5_000_000

  /// A token that is mapped.
  public struct MappedToken: Sendable, Equatable {
    public let row: Int
    public let column: Int
    public let norm: Double
    public let isOutlier: Bool
    /// As many as the tokens have numbers, at most ``Tokens/components``.
    public let components: [Double]
  }

  /// All that is said of a tap.
  public struct Tap: Sendable {
    public let name: Similarity.TapName
    public let channels: Int
    /// Which set of components it is coloured by, from 0.
    public let basis: Int
    /// For each component the share of the variance in it: mean over the taps of the set, and of this tap.
    public let shares: [(basis: Double, tap: Double)]
    /// The norm above which a token is an outlier.
    public let outlierNorm: Double
    /// By image: the mean norm of its tokens, and the share of them that are outliers.
    public let norms: [Double]
    public let outlierShares: [Double]
    /// By mapped image, tokens row after row.
    public let maps: [[MappedToken]]
  }

  /// Measures all tokens of all taps that lie on a grid.
  ///
  /// - Parameter progress: called with the tokens' share of the work, in thousandths; may throw to stop it.
  /// - Throws: ``AnalysisError`` for settings, images or features that cannot be used, or work that needs more than
  ///   ``Settings/memoryLimit``; what reading throws.
  public static func analyze(
    _ sources: [NamedSource], settings: Settings = Settings(),
    progress: (_ done: Int, _ total: Int) throws -> Void = { _, _ in }
  ) throws -> Result {
    try settings.validate()
    let images = try ImageSelection(sources, taking: settings.selection.images)
    try images.require(1, for: AnalysisDefinition.tokens.name)
    let choice = try TokenTaps(sources, settings.selection.taps)
    let shown = (0..<min(settings.maps, images.rows.count)).map { place in
      (place * 2 + 1) * images.rows.count / (2 * min(settings.maps, images.rows.count))
    }
    try TokenBasis.requireMemory(choice.taps, images: images.rows.count, maps: shown.count, settings)
    let groups = choice.groups(settings.components)
    let total = 2 * images.rows.count * choice.taps.count
    var (done, found, notes) = (0, [(place: Int, tap: Tap)](), choice.notes)
    for (number, group) in groups.enumerated() {
      let basis = TokenBasis(
        number: number, taps: group.map { choice.taps[$0] }, images: images, memoryLimit: settings.memoryLimit)
      let measured = try basis.measure(shown: shown) {
        done += $0
        try progress(done, total)
      }
      notes += measured.notes
      found += zip(group, measured.taps).compactMap { place, tap in tap.map { (place, $0) } }
    }
    return Result(
      taps: found.sorted { $0.place < $1.place }.map(\.tap), condition: settings.selection.condition,
      images: images.paths, mapped: shown.map { images.paths[$0] }, leftOut: images.leftOut,
      notes: images.notes + StoreNote.sentences(notes), hasIntervals: settings.selection.hasIntervals)
  }
}

/// A tap whose tokens lie on a grid, and where they are read.
struct TokenTap {
  let source: NamedSource
  /// Of the source, among those that are compared.
  let store: Int
  /// Of the tap, among the source's.
  let place: Int
  let shape: TapShape
  let grid: ImageSize

  var name: Similarity.TapName { Similarity.TapName(store: source.name, tap: shape.name) }
}

/// The taps that can be mapped, and which of them share their components.
struct TokenTaps {
  private(set) var taps: [TokenTap] = []
  private(set) var notes: [StoreNote] = []

  /// - Parameter wanted: names of taps; nil for all.
  /// - Throws: ``AnalysisError`` where a name is unknown, or no tap has a grid.
  init(_ sources: [NamedSource], _ wanted: [String]?) throws {
    for name in wanted ?? [] where !sources.contains(where: { $0.source.taps.contains { $0.name == name } }) {
      let known = sources.flatMap { $0.source.taps.map(\.name) }.reduce(into: [String]()) {
        if !$0.contains($1) { $0.append($1) }
      }
      throw AnalysisError(.badInput, "no store has a tap '\(name)'; there are \(known.joined(separator: ", "))")
    }
    for (store, source) in sources.enumerated() {
      var (without, aliases) = ([String](), [String]())
      for (place, shape) in source.source.taps.enumerated() where wanted?.contains(shape.name) ?? true {
        if shape.isAlias, wanted == nil {
          aliases.append(shape.name)
        } else if let grid = shape.grid, grid.area == shape.tokens - shape.prefixTokens {
          taps.append(TokenTap(source: source, store: store, place: place, shape: shape, grid: grid))
        } else {
          without.append(shape.name)
        }
      }
      if !without.isEmpty {
        let verb = without.count == 1 ? "is" : "are"
        notes.append(
          StoreNote("\(without.joined(separator: ", ")) of ", source.name, " \(verb) left out: no tokens on a grid"))
      }
      if !aliases.isEmpty {
        let verb = aliases.count == 1 ? "is another name of a tap" : "are other names of taps"
        notes.append(StoreNote("\(aliases.joined(separator: ", ")) of ", source.name, " \(verb), and left out"))
      }
    }
    guard !taps.isEmpty else {
      throw AnalysisError(
        .badInput,
        "\(sources.map(\.name).joined(separator: ", ")): no tap has tokens on a grid; extract with --tokens all, and name taps "
          + "that have one")
    }
  }

  /// Indices of taps that share their components, in the order of the first of each.
  func groups(_ sharing: ComponentSharing) -> [[Int]] {
    var groups: [(key: [Int], places: [Int])] = []
    for (place, tap) in taps.enumerated() {
      let key =
        switch sharing {
        case .models: [tap.shape.channels]
        case .depths: [tap.store, tap.shape.channels]
        case .taps: [place]
        }
      if let known = groups.firstIndex(where: { $0.key == key }) {
        groups[known].places.append(place)
      } else {
        groups.append((key, [place]))
      }
    }
    return groups.map(\.places)
  }
}
