import Backbones
import NeuralNet
import Torch

/// The inverses of a frozen model as one ordered list, shallow to deep: each maps the activations at its cut to those
/// at the cut before, the first one to the image.
public final class InversionChain: Module {
  public let modules: [InverseModule]
  public let profile: InverseProfile
  private let backbone: any Backbone
  private let defaultRates: [String: Double]

  /// - Parameters:
  ///   - cuts: taps in order of depth, one module each; the default modules where nil.
  /// - Throws: ``InversionError`` where a name is no cut of this model, or the order is not that of depth.
  public init(for backbone: any Backbone, cuts: [String]? = nil, profile: InverseProfile = .standard) throws {
    let design = try InverseDesign(backbone, profile: profile)
    var modules: [InverseModule] = []
    var depth = 0
    for name in cuts ?? design.defaults {
      guard let cut = design.cuts.first(where: { $0.tap == name }) else {
        throw InversionError(
          .badInput,
          "--modules: a chain cannot be cut at '\(name)'; this model can be cut at "
            + design.cuts.map(\.tap).joined(separator: ", "))
      }
      guard cut.depth > depth else {
        throw InversionError(
          .badInput,
          "--modules: '\(name)' is not deeper than '\(modules.last?.name ?? "the image")' before it; "
            + "name taps from shallow to deep, each place once")
      }
      modules.append(
        InverseModule(name: name, target: modules.last?.name, layers: design.layers(depth..<cut.depth)))
      depth = cut.depth
    }
    guard !modules.isEmpty else { throw InversionError(.badInput, "--modules is empty; name at least one tap") }
    self.modules = modules
    self.backbone = backbone
    self.profile = profile
    defaultRates = Dictionary(
      design.cuts.map { ($0.tap, design.learningRate($0.tap)) }, uniquingKeysWith: { first, _ in first })
  }

  public var contents: [ModuleEntry] { modules.map { .child($0.name, $0) } }

  /// The names of the cuts, shallow to deep.
  public var cuts: [String] { modules.map(\.name) }

  /// The taps whose values the cuts need.
  public var taps: [String] { cuts.flatMap(InversionChain.taps(of:)) }

  /// The taps whose values make up the activation at a cut.
  public static func taps(of cut: String) -> [String] { cut == "boxes" ? ["logits", "boxes"] : [cut] }

  /// The learning rate that the paper's code uses for the module at a cut.
  public func learningRate(of cut: String) -> Double { defaultRates[cut] ?? 1e-3 }

  /// The activation at a cut: the tap's value, or for DETR's predictions the likeliest class as one-hot beside the box.
  public static func activation(at cut: String, from features: [String: Tensor]) throws -> Tensor {
    let values = try taps(of: cut).map { name in
      guard let value = features[name] else {
        throw InversionError(.badInput, "the activations of '\(name)' are needed, but not given")
      }
      return value
    }
    guard values.count == 2 else { return values[0] }
    let shape = values[0].shape
    let classes = try values[0].argmax(-1).flattened()
    let oneHot = try Tensor.eye(shape[2], device: values[0].device).indexed(0, by: classes).reshaped(shape)
    return try Tensor.concatenate([oneHot, values[1]], axis: 2)
  }

  /// What inverses know of a batch of inputs of one size.
  public func context(
    height: Int, width: Int, validSizes: [(height: Int, width: Int)]? = nil, scale: PixelScale, isTraining: Bool
  ) throws -> InverseContext {
    try InverseContext(
      backbone: backbone, height: height, width: width, validSizes: validSizes, scale: scale, isTraining: isTraining)
  }

  /// The modules that lead from `cut` down to `target` (nil: the image), deep to shallow.
  public func modules(from cut: String, to target: String? = nil) throws -> [InverseModule] {
    let start = modules.firstIndex { $0.name == cut }
    let end = target.map { name in modules.firstIndex { $0.name == name }.map { $0 + 1 } } ?? 0
    guard let start, let end, end <= start else {
      throw InversionError(
        .badInput,
        "no inverses lead from '\(cut)' to \(target.map { "'\($0)'" } ?? "the image"); the chain is cut at "
          + cuts.joined(separator: ", "))
    }
    return modules[end...start].reversed()
  }

  /// Takes the activation at a cut back to a shallower cut, or to the image `[B, 3, H, W]`, normalised as the model's
  /// input.
  public func invert(_ activation: Tensor, from cut: String, to target: String? = nil, context: InverseContext) throws
    -> Tensor
  {
    try modules(from: cut, to: target).reduce(activation) { try $1($0, context: context) }
  }
}
