import Activations
import Backbones
import Formats
import Inversion
import Torch

/// What images are reconstructed from in the activations of a batch, and what is measured on the way.
struct Reconstructor {
  /// Cuts that images are reconstructed from, shallow to deep.
  let cuts: [String]
  /// Layers inside components, pushed through the inverses of the components' ends.
  let intermediates: [IntermediateTap]
  /// Layers that no inverse fits, and layers whose activations are missing.
  let unfitting: [String]
  let absent: [String]
  private let splicing: Splicing?
  private let inverses: TrainedInverses
  private let device: Device

  /// - Parameters:
  ///   - available: the taps whose activations are known.
  ///   - hasPixels: whether the model's input is known.
  ///   - job: what is wanted.
  /// - Throws: ``BadInput`` where no joint can be judged.
  init(
    _ inverses: TrainedInverses, backbone: any Backbone, available: Set<String>, hasPixels: Bool,
    job: ReconstructionJob
  ) throws {
    let plan = inverses.plan
    self.inverses = inverses
    device = job.device
    cuts = plan.cuts.filter { inverses.taps(of: $0).allSatisfy(available.contains) }
    var layers = IntermediateTaps.none
    if job.includesIntermediate {
      layers = try IntermediateTaps(
        of: backbone, cuts: plan.cuts, profile: plan.profile, height: plan.height, width: plan.width)
    }
    intermediates = layers.fitting.filter { available.contains($0.tap) }
    unfitting = layers.others.map(\.name)
    absent = layers.fitting.filter { !available.contains($0.tap) }.map(\.name)
    guard job.measuresJoints else {
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

  /// Reports which layers are left out.
  func note(to reporter: JobReporter) {
    if !unfitting.isEmpty {
      reporter.note("left out, because no inverse fits them: \(unfitting.joined(separator: ", "))")
    }
    if !absent.isEmpty {
      reporter.note("left out, because the store does not contain them: \(absent.joined(separator: ", "))")
    }
  }

  /// - Parameters:
  ///   - features: `[B, T, C]` by tap, on the CPU.
  ///   - pixels: `[B, H, W, 3]` bytes, where they are known.
  ///   - validSizes: height and width of each image's valid part; nil where nothing is padded.
  /// - Returns: on the CPU `[B, H, W, 3]` bytes for each of `names`, and `[B, starts, joints]` float32.
  func callAsFunction(
    _ features: [String: Tensor], pixels: Tensor?, validSizes: [ImageSize]?
  ) throws -> (images: [Tensor], joints: Tensor?) {
    let plan = inverses.plan
    return try withoutGradients {
      let features = try features.mapValues { try $0.to(device) }
      let context = try inverses.chain(from: plan.cuts[0]).context(
        height: plan.height, width: plan.width, validSizes: validSizes, scale: plan.scale, isTraining: false)
      let input =
        try splicing == nil
        ? nil : pixels.map { try plan.scale.batch($0, validSizes: validSizes, device: device).pixels }
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
