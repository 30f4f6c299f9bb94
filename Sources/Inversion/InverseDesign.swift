import Backbones
import Formats
import NeuralNet
import Torch

/// Which architecture inverses have where Palimpsest's default and the paper's code differ.
public enum InverseProfile: String, Codable, Sendable, CaseIterable {
  case standard = "default"
  case paper
}

/// A backbone for which there is a design of inverse networks: its own file in `Families`.
public protocol InvertibleBackbone: Backbone {
  /// How its steps are undone.
  func inverseDesign(_ profile: InverseProfile) -> InverseDesign
  /// Its patch embedding, where that is a linear map of each patch with an offset for each position; else nil.
  var linearEmbedding: LinearEmbedding? { get }
}

extension InvertibleBackbone {
  public var linearEmbedding: LinearEmbedding? { nil }
}

/// A patch embedding that is a linear map of each patch.
public struct LinearEmbedding {
  /// The tap that it gives.
  public let tap: String
  /// The size of a patch in pixels.
  public let patch: ImageSize
  /// The matrix, `[C, 3, patch height, patch width]`.
  public let weight: Parameter

  public init(tap: String, patch: ImageSize, weight: Parameter) {
    self.tap = tap
    self.patch = patch
    self.weight = weight
  }
}

/// How a family's steps are undone: the list of steps, the taps between them, and inverse layers for any run of steps.
public struct InverseDesign {
  /// A tap where a chain may be cut.
  public struct Cut {
    public let tap: String
    /// How many steps come before it. A stage and its last block have the same.
    public let depth: Int
    /// The taps whose values make up the activation.
    public let taps: [String]
    /// Puts the activation `[B, T, C]` together from the values of `taps`.
    private let combine: ([Tensor]) throws -> Tensor

    /// A cut whose activation is the tap's value.
    public init(_ tap: String, depth: Int) { self.init(tap, depth: depth, taps: [tap], combine: { $0[0] }) }

    /// A cut whose activation is put together from several taps, the channels one after the other.
    public init(_ tap: String, depth: Int, taps: [String], combine: @escaping ([Tensor]) throws -> Tensor) {
      self.tap = tap
      self.depth = depth
      self.taps = taps
      self.combine = combine
    }

    /// The activation `[B, T, C]` at the cut, from the values of taps.
    ///
    /// - Throws: ``InversionError`` where one is missing.
    public func activation(from features: [String: Tensor]) throws -> Tensor {
      try combine(
        taps.map { name in
          guard let value = features[name] else {
            throw InversionError(.badInput, "the activations of '\(name)' are needed, but not given")
          }
          return value
        })
    }

    /// The shape of the activation: of several taps the channels together.
    func shape(among known: [Tap]) throws -> Tap {
      let parts = taps.compactMap { name in known.first { $0.name == name } }
      guard let last = parts.last, parts.count == taps.count else {
        throw InversionError(.badInput, "the model has no tap '\(tap)'")
      }
      return Tap(
        name: tap, tokens: last.tokens, channels: parts.reduce(0) { $0 + $1.channels }, grid: last.grid,
        prefixTokens: last.prefixTokens)
    }
  }

  /// Where a chain may be cut, shallow to deep. Several may have the same depth.
  let cuts: [Cut]
  /// The cuts of the default modules, shallow to deep.
  let defaults: [String]
  /// Inverse layers, in the order they are applied, for the steps in a range.
  let layers: (Range<Int>) -> [any InverseLayer]
  /// The learning rate of the default modules, by the paper's code.
  let learningRate: (_ cut: String) -> Double

  /// - Parameters:
  ///   - cuts: shallow to deep.
  ///   - defaults: the cuts of the default modules, shallow to deep.
  ///   - learningRate: of the module at a cut, where the user gives none.
  ///   - layers: inverse layers, in the order they are applied, for the steps in a range; step 0 is the one before the first
  ///     cut, and its inverse ends in pixels.
  public init(
    cuts: [Cut], defaults: [String], learningRate: @escaping (_ cut: String) -> Double,
    layers: @escaping (Range<Int>) -> [any InverseLayer]
  ) {
    self.cuts = cuts
    self.defaults = defaults
    self.learningRate = learningRate
    self.layers = layers
  }

  /// - Throws: ``InversionError`` for a model without a design.
  init(_ backbone: any Backbone, profile: InverseProfile) throws {
    guard let model = backbone as? any InvertibleBackbone else {
      throw InversionError(.badInput, "no inverse architecture is known for \(backbone.family) models")
    }
    self = model.inverseDesign(profile)
  }

  /// The cut at a tap; nil where none is.
  func cut(_ tap: String) -> Cut? { cuts.first { $0.tap == tap } }

  /// The taps whose values make up the activation at a tap; of one that is not a cut itself.
  func taps(of tap: String) -> [String] { cut(tap)?.taps ?? [tap] }

  /// The activation at a tap; of one that is not a cut the tap's value.
  func activation(at tap: String, from features: [String: Tensor]) throws -> Tensor {
    try (cut(tap) ?? Cut(tap, depth: 0)).activation(from: features)
  }

  /// One module for each cut, shallow to deep.
  ///
  /// - Parameters:
  ///   - names: the cuts; the default ones where nil.
  ///   - layers: what undoes the steps in a range.
  /// - Throws: ``InversionError`` where a name is not a cut of this model, or the order is not that of depth.
  func modules(_ names: [String]?, layers: (Range<Int>) -> [any InverseLayer]) throws -> [InverseModule] {
    var modules: [InverseModule] = []
    var previous: Cut?
    for name in names ?? defaults {
      guard let cut = cut(name) else {
        if let (block, _) = BlockPart.split(name) {
          throw InversionError(
            .badInput,
            "--modules: '\(name)' is inside a block, and inverses go from the output of one block to that of another; this model can "
              + "be cut at \(cuts.map(\.tap).joined(separator: ", "))\(self.cut(block) == nil ? "" : ", and \(block) is the nearest")"
          )
        }
        throw InversionError(
          .badInput,
          "--modules: a chain cannot be cut at '\(name)'; this model can be cut at "
            + cuts.map(\.tap).joined(separator: ", "))
      }
      let depth = previous?.depth ?? 0
      guard cut.depth > depth else {
        throw InversionError(
          .badInput,
          "--modules: '\(name)' is not deeper than '\(modules.last?.name ?? "the image")' before it; "
            + "name taps from shallow to deep, each place once")
      }
      modules.append(InverseModule(cut, target: previous, layers: layers(depth..<cut.depth)))
      previous = cut
    }
    guard !modules.isEmpty else { throw InversionError(.badInput, "--modules is empty; name at least one tap") }
    return modules
  }
}
