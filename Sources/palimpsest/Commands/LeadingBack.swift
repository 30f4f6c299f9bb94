import Activations
import Backbones
import Inversion
import Torch

/// What is led back to pixels from the activations of a batch, and what is measured on the way.
struct LeadingBack {
  /// Cuts that are led back, shallow to deep.
  let cuts: [String]
  /// Layers inside components, pushed through the inverses of the components' ends.
  let intermediates: [IntermediateTap]
  /// Layers that no inverse fits, and layers whose activations there are not.
  let unfitting: [String]
  let absent: [String]
  private let splicing: Splicing?
  private let inverses: TrainedInverses
  private let device: Device

  /// - Parameters:
  ///   - available: the taps there are activations of.
  ///   - hasPixels: whether the model's input is known.
  /// - Throws: `BadInput` where nothing can be led back, or no joint be judged.
  init(
    _ inverses: TrainedInverses, backbone: any Backbone, available: Set<String>, hasPixels: Bool,
    options: ReconstructionOptions, device: Device
  ) throws {
    let plan = inverses.plan
    self.inverses = inverses
    self.device = device
    cuts = plan.cuts.filter { inverses.taps(of: $0).allSatisfy(available.contains) }
    var layers = IntermediateTaps.none
    if options.intermediate {
      layers = try IntermediateTaps(
        of: backbone, cuts: plan.cuts, profile: plan.profile, height: plan.height, width: plan.width)
    }
    intermediates = layers.fitting.filter { available.contains($0.tap) }
    unfitting = layers.others.map(\.name)
    absent = layers.fitting.filter { !available.contains($0.tap) }.map(\.name)
    guard options.teacherForced else {
      splicing = nil
      return
    }
    splicing = Splicing(cuts: plan.cuts, known: cuts, hasPixels: hasPixels)
    if splicing == nil {
      throw BadInput(
        "--teacher-forced: there are neither pixels nor a second cut to judge the chain by; "
          + "give a store with /inputs or with more of \(plan.cuts.joined(separator: ", "))")
    }
  }

  /// Of ``init(_:backbone:available:hasPixels:options:device:)``: what the plan alone forbids.
  static func check(_ options: ReconstructionOptions, against plan: TrainingPlan) throws {
    guard options.teacherForced else { return }
    guard !plan.mode.trainsChains else {
      throw BadInput(
        "--teacher-forced needs inverses of --mode modular: of --mode \(plan.mode.rawValue) each depth has a chain of its "
          + "own, trained on the image error alone, whose joints stand for no activation; leave --teacher-forced out")
    }
    guard !plan.inverse.leadsDirectly else {
      throw BadInput(
        "--teacher-forced: --inverse \(plan.inverse.rawValue) leads from every depth straight to the image, without joints; "
          + "leave --teacher-forced out")
    }
  }

  /// Names of the reconstructions: the cuts, then the layers inside the components, each shallow to deep.
  var names: [String] { cuts + intermediates.map(\.name) }

  /// Taps whose activations are needed.
  var taps: [String] {
    var taps: [String] = []
    for tap in cuts.flatMap(inverses.taps(of:)) + intermediates.map(\.tap) where !taps.contains(tap) {
      taps.append(tap)
    }
    return taps
  }

  var joints: StoreJoints? { splicing.map { StoreJoints(starts: $0.starts, joints: $0.joints) } }

  /// - Parameters:
  ///   - features: `[B, T, C]` by tap, on the CPU.
  ///   - pixels: `[B, H, W, 3]` bytes, where they are known.
  ///   - validSizes: height and width of each image's valid part; nil where nothing is padded.
  /// - Returns: on the CPU `[B, H, W, 3]` bytes for each of `names`, and `[B, starts, joints]` float32.
  func callAsFunction(
    _ features: [String: Tensor], pixels: Tensor?, validSizes: [(height: Int, width: Int)]?
  ) throws -> (images: [Tensor], joints: Tensor?) {
    let plan = inverses.plan
    return try withoutGradients {
      let features = try features.mapValues { try $0.to(device) }
      let context = try inverses.chain(from: plan.cuts[0]).context(
        height: plan.height, width: plan.width, validSizes: validSizes, scale: plan.scale, isTraining: false)
      let input =
        try splicing == nil
        ? nil
        : pixels.map {
          try ImageBatch(
            bytes: $0.to(device), rescaleFactor: plan.scale.rescaleFactor, mean: plan.scale.mean,
            deviation: plan.scale.deviation, validSizes: validSizes
          ).pixels
        }
      func truth(_ cut: String?) throws -> Tensor {
        if let cut { return try inverses.activation(at: cut, from: features) }
        guard let input else { preconditionFailure("the image is a joint only where there are pixels") }
        return input
      }
      func bytes(_ image: Tensor) throws -> Tensor { try plan.scale.bytes(image).to(.cpu).contiguous() }
      var rows: [Tensor] = []
      var images = try cuts.map { cut in
        let chain = try inverses.chain(from: cut)
        guard let splicing, splicing.starts.contains(cut) else {
          return try bytes(chain.invert(truth(cut), from: cut, context: context))
        }
        let (image, errors) = try splicing.row(from: cut, chain: chain, truth: truth, context: context)
        rows.append(errors)
        return try bytes(image)
      }
      images += try intermediates.map { layer in
        let chain = try inverses.chain(from: layer.cut)
        return try bytes(chain.invert(truth(layer.tap), from: layer.cut, context: context))
      }
      let joints = try rows.isEmpty ? nil : Tensor.stack(rows, axis: 1).to(.cpu).contiguous()
      return (images, joints)
    }
  }
}
