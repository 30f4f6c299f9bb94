import Backbones

/// A layer inside a component, whose activations are treated as if they stood at one of the component's ends.
public struct IntermediateTap: Equatable, Sendable {
  /// The layer, `block.5`.
  public let tap: String
  /// The end, `block.11` or `embed`, from which the chain of inverses goes down.
  public let cut: String

  public init(tap: String, cut: String) {
    self.tap = tap
    self.cut = cut
  }

  /// `block.5@block.11`.
  public var name: String { "\(tap)@\(cut)" }
}

/// The layers inside the components that a chain's cuts bound, shallow to deep: each pushed through the inverses of its
/// component's output and of its input, which shows how interchangeable neighbouring layers are.
public struct IntermediateTaps: Equatable, Sendable {
  /// For each layer first the component's output, then its input.
  public private(set) var fitting: [IntermediateTap] = []
  /// Those whose tokens, channels, prefix tokens or grid are not those of the end.
  public private(set) var others: [IntermediateTap] = []

  /// No layers at all.
  public static let none = IntermediateTaps()

  private init() {}

  /// - Parameters:
  ///   - cuts: of the chain, shallow to deep.
  ///   - height, width: of the model's input; grids depend on them.
  /// - Throws: ``InversionError`` for a model without inverses, `BackboneError` for sizes that it cannot take.
  public init(of backbone: any Backbone, cuts: [String], profile: InverseProfile, height: Int, width: Int) throws {
    let design = try InverseDesign(backbone, profile: profile)
    let taps = Dictionary(
      uniqueKeysWithValues: try backbone.taps(height: height, width: width).map { ($0.name, $0) })
    let depths = Dictionary(design.cuts.map { ($0.tap, $0.depth) }, uniquingKeysWith: { first, _ in first })
    var low: (cut: String?, depth: Int) = (nil, 0)
    for high in cuts {
      let depth = depths[high] ?? 0
      let inside = design.cuts.enumerated().filter { index, place in
        // Of several names for one place, such as a stage and its last block, the last.
        place.depth > low.depth && place.depth < depth
          && (index + 1 == design.cuts.count || design.cuts[index + 1].depth != place.depth)
      }
      for (_, place) in inside {
        for end in [high, low.cut].compactMap({ $0 }) {
          let candidate = IntermediateTap(tap: place.tap, cut: end)
          if IntermediateTaps.fits(taps[place.tap], taps[end]), InversionChain.taps(of: end) == [end] {
            fitting.append(candidate)
          } else {
            others.append(candidate)
          }
        }
      }
      low = (high, depth)
    }
  }

  private static func fits(_ tap: Tap?, _ end: Tap?) -> Bool {
    guard let tap, let end else { return false }
    return tap.tokens == end.tokens && tap.channels == end.channels && tap.grid == end.grid
      && tap.prefixTokens == end.prefixTokens
  }
}
