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
  ///   - height: of the model's input; likewise `width`. Grids depend on them.
  /// - Throws: ``InversionError`` for a model without inverses, `BackboneError` for sizes that it cannot take.
  public init(of backbone: any Backbone, cuts: [String], profile: InverseProfile, height: Int, width: Int) throws {
    let design = try InverseDesign(backbone, profile: profile)
    let taps = Dictionary(
      uniqueKeysWithValues: try backbone.taps(height: height, width: width).map { ($0.name, $0) })
    var lower: InverseDesign.Cut?
    for name in cuts {
      let upper = design.cut(name)
      let (shallow, deep) = (lower?.depth ?? 0, upper?.depth ?? 0)
      let inside = design.cuts.enumerated().filter { index, cut in
        // Of several names of one depth, such as a stage and its last block, the last.
        cut.depth > shallow && cut.depth < deep
          && (index + 1 == design.cuts.count || design.cuts[index + 1].depth != cut.depth)
      }
      for (_, cut) in inside {
        for end in [upper, lower].compactMap({ $0 }) {
          let candidate = IntermediateTap(tap: cut.tap, cut: end.tap)
          if IntermediateTaps.fits(taps[cut.tap], taps[end.tap]), end.taps == [end.tap] {
            fitting.append(candidate)
          } else {
            others.append(candidate)
          }
        }
      }
      lower = upper
    }
  }

  private static func fits(_ tap: Tap?, _ end: Tap?) -> Bool {
    guard let tap, let end else { return false }
    return tap.tokens == end.tokens && tap.channels == end.channels && tap.grid == end.grid
      && tap.prefixTokens == end.prefixTokens
  }
}
