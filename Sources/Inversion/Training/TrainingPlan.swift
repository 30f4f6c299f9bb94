import Backbones
import Formats
import Foundation
import NeuralNet

/// What inverses are trained for.
public enum TrainingMode: String, Codable, Sendable, CaseIterable {
  /// One inverse for each component, each trained on its own to give the component's input.
  case modular
  /// A chain for each depth, trained on the image error alone.
  case endToEnd = "end-to-end"
  /// Chains as in end-to-end, which begin with the weights that modular training ended with.
  case polish = "modular-then-polish"

  /// Whether what is trained for a depth is a whole chain down to the image.
  public var trainsChains: Bool { self != .modular }
}

/// How the learning rate changes from the first step to the last.
public enum LearningRateSchedule: String, Codable, Sendable, CaseIterable {
  case constant
  /// Half a cosine wave, from the full rate to zero.
  case cosine

  /// The factor of the rate at a step, counted from 0, after a linear rise over `warmup` steps.
  public func factor(step: Int, of total: Int, warmup: Int) -> Double {
    if step < warmup { return Double(step + 1) / Double(warmup) }
    switch self {
    case .constant: return 1
    case .cosine:
      let passed = Double(step - warmup) / Double(max(1, total - warmup))
      return 0.5 * (1 + cos(.pi * min(1, passed)))
    }
  }
}

/// Everything that decides what a training ends with. It is saved with the run, and a run goes on only with the same.
public struct TrainingPlan: Codable, Equatable, Sendable {
  /// The learning rate of the module at a cut.
  public struct Rate: Codable, Equatable, Sendable {
    public var module: String
    public var rate: Double

    public init(module: String, rate: Double) {
      self.module = module
      self.rate = rate
    }
  }

  public static let currentFormat = "palimpsest.inverse"
  public var format = TrainingPlan.currentFormat
  public var version = 1

  // The frozen model and its input.
  public var model: String
  public var family: String
  public var checkpointSHA256: String
  /// `ORG/NAME@COMMIT` of a model that was fetched from the Hub; nil of others, and in plans of earlier versions.
  public var modelSource: String?
  /// `none`, or `random-weights`.
  public var control: String
  /// The recipe from files to pixels, as JSON.
  public var preprocessing: String
  public var scale: PixelScale
  public var height: Int
  public var width: Int
  public var size: ImageSize { ImageSize(height: height, width: width) }
  /// What builds the model's architecture without its weights; nil in plans that say nothing of it.
  public var architecture: BackboneArchitecture?

  // The inverses.
  public var mode: TrainingMode
  public var profile: InverseProfile
  public var cuts: [String]
  public var inverse = InverseKind.network
  /// The ridge of least squares, as a share of the mean variance of an input channel; nil: chosen on the validation images.
  public var ridge: Double?
  /// Tokens along a side of the square around a token that its least-squares map takes, an odd number; nil: the token alone.
  public var neighbourhood: Int?
  /// Whether the patch embedding is undone by its own inverse instead of a trained one.
  public var hasExactEmbedding = false
  /// By what modules that give activations are trained; nil in plans of earlier versions, which had ``ModuleLoss/feature`` alone.
  public var loss: ModuleLoss?
  /// How much of the loss by the image is the plain error of the activation, between 0 and 1.
  public var featureShare: Double?
  /// What the weights kept as the best ones are chosen by; nil in plans of earlier versions, which chose by the loss.
  public var best: BestWeights?
  /// Whether the corrections of ``InverseKind/residual`` are along the directions of the map's error; nil in plans of earlier versions.
  public var hasDirectedCorrections: Bool?
  /// Whether the module that ends in pixels is trained on inputs with errors such as the module before it makes; nil: no.
  public var hasInputNoise: Bool?
  /// SHA-256 over the weights that polishing begins with.
  public var startSHA256: String?

  // The data.
  /// Images for training, and for validation too where these have no folder of their own.
  public var imageCount: Int
  /// SHA-256 over the images' paths and the SHA-256 of their files; over the paths alone where ``imagePathsSHA256`` is nil.
  public var imagesSHA256: String
  /// SHA-256 over the images' paths; nil in plans of earlier versions, and of stores that do not record what images hold.
  public var imagePathsSHA256: String?
  /// `images`, or `features` where a store took the frozen model's place.
  public var source: String
  /// The share of the images that is kept for validation, where they have no folder of their own.
  public var validationShare = 0.1
  /// Images of the validation's own folder or store, and the two checksums of them.
  public var validationCount: Int?
  public var validationSHA256: String?
  public var validationPathsSHA256: String?

  // The course.
  public var seed = 0
  public var epochs = 10
  public var batchSize = 8
  /// How many batches make one step.
  public var accumulation = 1
  public var rates: [Rate] = []
  public var schedule = LearningRateSchedule.constant
  public var warmupSteps = 0
  public var optimizer = Adam.Settings()
  public var clippingNorm = 1.0
  /// Training of a module or chain stops after so many epochs without a lower validation loss; 0: never.
  public var patience = 0
  /// CPU threads and kind of device: other ones round otherwise.
  public var threads: Int
  public var device: String

  public init(
    model: String, family: String, checkpointSHA256: String, control: String, preprocessing: String,
    scale: PixelScale, height: Int, width: Int, mode: TrainingMode, profile: InverseProfile, cuts: [String],
    imageCount: Int, imagesSHA256: String, source: String, threads: Int, device: String
  ) {
    self.model = model
    self.family = family
    self.checkpointSHA256 = checkpointSHA256
    self.control = control
    self.preprocessing = preprocessing
    self.scale = scale
    self.height = height
    self.width = width
    self.mode = mode
    self.profile = profile
    self.cuts = cuts
    self.imageCount = imageCount
    self.imagesSHA256 = imagesSHA256
    self.source = source
    self.threads = threads
    self.device = device
  }

  /// By what modules that give activations are trained.
  public var moduleLoss: ModuleLoss { loss ?? .feature }
  /// Whether corrections are along the directions of the map's error.
  var isPreconditioned: Bool { hasDirectedCorrections ?? false }

  public func rate(of module: String) -> Double { rates.first { $0.module == module }?.rate ?? 0 }

  /// JSON with sorted keys.
  public func encoded(pretty: Bool = true) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty
      ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self)
  }

  /// The first setting that another plan has otherwise, as `name is …, there it is …`; nil where all are the same.
  public func difference(from other: TrainingPlan) throws -> String? {
    guard self != other else { return nil }
    func fields(_ plan: TrainingPlan) throws -> [String: String] {
      let object = try JSONSerialization.jsonObject(with: plan.encoded()) as? [String: Any] ?? [:]
      return try object.mapValues { value in
        let options: JSONSerialization.WritingOptions = [.sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed]
        return String(decoding: try JSONSerialization.data(withJSONObject: value, options: options), as: UTF8.self)
      }
    }
    let (fields, others) = (try fields(self), try fields(other))
    return fields.keys.sorted().first { fields[$0] != others[$0] }.map { name in
      "\(name) is \(fields[name] ?? "absent"), there it is \(others[name] ?? "absent")"
    }
  }
}
