import Backbones
import Formats
import NeuralNet
import Torch

/// The inverses of a frozen model as one ordered list, shallow to deep: each maps the activations at its cut to those
/// at the cut before, the first one to the image.
public final class InversionChain: Module {
  public let modules: [InverseModule]
  public let profile: InverseProfile
  /// Whether every module leads straight to the image, not to the cut before.
  public let leadsDirectly: Bool
  /// What the plan asks for and a module cannot do, as sentences for the user.
  public private(set) var notes: [String] = []
  private let backbone: any Backbone
  private let design: InverseDesign

  /// - Parameters:
  ///   - cuts: taps in order of depth, one module each; the default modules where nil.
  /// - Throws: ``InversionError`` where a name is not a cut of this model, or the order is not that of depth.
  public init(for backbone: any Backbone, cuts: [String]? = nil, profile: InverseProfile = .standard) throws {
    let design = try InverseDesign(backbone, profile: profile)
    self.design = design
    self.backbone = backbone
    self.profile = profile
    leadsDirectly = false
    modules = try design.modules(cuts) { design.layers($0) }
  }

  /// The chain that a plan describes, its inverses networks or not.
  ///
  /// - Throws: ``InversionError`` also where the model's patch embedding has no exact inverse but is to have one.
  public init(for backbone: any Backbone, plan: TrainingPlan) throws {
    let design = try InverseDesign(backbone, profile: plan.profile)
    self.design = design
    self.backbone = backbone
    profile = plan.profile
    // A least-squares map trained end to end is one map from the cut to the image.
    let isDirect = plan.inverse.leadsDirectly || (plan.inverse == .ridge && plan.mode.trainsChains)
    leadsDirectly = isDirect
    let exact =
      plan.hasExactEmbedding ? try ExactPatchPixels(backbone, height: plan.height, width: plan.width) : nil
    let named = try design.modules(plan.cuts) { steps -> [any InverseLayer] in
      guard plan.inverse.isTrained else { return [] }
      guard let exact, steps.lowerBound == 0 else { return design.layers(steps) }
      return (steps.count > 1 ? design.layers(1..<steps.upperBound) : []) + [exact]
    }
    guard plan.inverse != .network else {
      modules = named
      return
    }
    let taps = try backbone.taps(height: plan.height, width: plan.width)
    var notes: [String] = []
    modules = try named.map { module in
      let target = isDirect ? nil : module.targetCut
      if let exact, module.targetCut == nil, module.name == exact.tap {
        return InverseModule(module.cut, target: nil, layers: [exact])
      }
      let source = try module.cut.shape(among: taps)
      let goal = try target?.shape(among: taps)
      if plan.inverse.hasRidge,
        let problem = CellLayout.widthProblem(of: source, neighbourhood: plan.neighbourhood ?? 1)
      {
        notes.append(problem)
      }
      let layer =
        plan.inverse == .residual
        ? ResidualInverse(
          baseline: InversionChain.leastSquares(plan, source, goal, keepsErrors: plan.isPreconditioned),
          layers: module.layers, goal: goal, isPreconditioned: plan.isPreconditioned)
        : InversionChain.closedForm(plan, source: source, target: goal)
      return InverseModule(module.cut, target: target, layers: [layer])
    }
    self.notes = notes
  }

  private static func closedForm(_ plan: TrainingPlan, source: Tap, target: Tap?) -> any InverseLayer {
    switch plan.inverse {
    case .meanImage: MeanImage(height: plan.height, width: plan.width)
    case .nearestImage:
      NearestImage(
        source: source, height: plan.height, width: plan.width,
        images: DataSplit.trainingCount(plan), cuts: plan.cuts.count)
    case .network, .residual, .ridge: leastSquares(plan, source, target)
    }
  }

  private static func leastSquares(
    _ plan: TrainingPlan, _ source: Tap, _ target: Tap?, keepsErrors: Bool = false
  ) -> LinearInverse {
    LinearInverse(
      CellLayout(source: source, target: target, image: plan.size, neighbourhood: plan.neighbourhood ?? 1),
      ridge: plan.ridge, keepsErrors: keepsErrors)
  }

  /// How a plan measures the error of a module; nil where it is plain, or the module ends in pixels.
  func errorMetric(of module: InverseModule, plan: TrainingPlan) throws -> ErrorMetric? {
    guard plan.mode == .modular, plan.moduleLoss != .feature, let target = module.targetCut else { return nil }
    return ErrorMetric(
      leadsToImage: plan.moduleLoss == .image,
      target: try target.shape(among: backbone.taps(height: plan.height, width: plan.width)),
      image: plan.size, featureShare: plan.featureShare ?? 0, ridge: plan.ridge)
  }

  /// What measures how the errors of chains lie at a cut that they pass; nil where none does.
  package func jointSpectrum(at cut: String, plan: TrainingPlan) throws -> JointSpectrum? {
    guard !leadsDirectly, let joint = modules.compactMap(\.targetCut).first(where: { $0.tap == cut }) else {
      return nil
    }
    return try JointSpectrum(
      joint.shape(among: backbone.taps(height: plan.height, width: plan.width)), image: plan.size, ridge: plan.ridge,
      seed: plan.seed)
  }

  /// The errors that a module is trained with; nil where it takes true activations alone.
  func inputNoise(of module: InverseModule, plan: TrainingPlan) throws -> InputNoise? {
    guard plan.mode == .modular, plan.hasInputNoise == true, !plan.hasExactEmbedding, module.target == nil,
      module.name != modules.last?.name
    else { return nil }
    return InputNoise(
      try module.cut.shape(among: backbone.taps(height: plan.height, width: plan.width)), seed: plan.seed)
  }

  public var contents: [ModuleEntry] { modules.map { .child($0.name, $0) } }

  /// The names of the cuts, shallow to deep.
  public var cuts: [String] { modules.map(\.name) }

  /// The taps whose values the cuts need.
  public var taps: [String] { modules.flatMap(\.cut.taps) }

  /// The taps whose values make up the activation at a tap where the model can be cut; of any other tap itself.
  public func taps(of cut: String) -> [String] { design.taps(of: cut) }

  /// The taps whose values make up the activation at a tap where a model can be cut.
  ///
  /// - Throws: ``InversionError`` for a model without inverses.
  public static func taps(of cut: String, in backbone: any Backbone) throws -> [String] {
    try InverseDesign(backbone, profile: .standard).taps(of: cut)
  }

  /// The learning rate that the paper's code uses for the module at a cut.
  public func learningRate(of cut: String) -> Double { design.cut(cut) == nil ? 1e-3 : design.learningRate(cut) }

  /// The activation at a tap where the model can be cut: the tap's value, or for DETR's predictions the likeliest class as
  /// one-hot beside the box.
  ///
  /// - Throws: ``InversionError`` where the value of a tap is missing.
  public func activation(at cut: String, from features: [String: Tensor]) throws -> Tensor {
    try design.activation(at: cut, from: features)
  }

  /// What inverses know of a batch of inputs of one size.
  public func context(
    height: Int, width: Int, validSizes: [ImageSize]? = nil, scale: PixelScale, isTraining: Bool
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
    return leadsDirectly ? [modules[start]] : modules[end...start].reversed()
  }

  /// Takes the activation at a cut back to a shallower cut, or to the image `[B, 3, H, W]`, normalised as the model's
  /// input.
  public func invert(_ activation: Tensor, from cut: String, to target: String? = nil, context: InverseContext) throws
    -> Tensor
  {
    try modules(from: cut, to: target).reduce(activation) { try $1($0, context: context) }
  }
}
