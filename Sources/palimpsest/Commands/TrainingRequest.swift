import Activations
import Backbones
import Crypto
import Foundation
import Imaging
import Inversion
import Torch

/// What the user asked `train` for.
struct TrainingRequest {
  let model: ModelOptions
  let options: TrainingOptions
  let device: Device

  /// Everything a training needs, checked.
  struct Setup {
    let model: LoadedModel
    let plan: TrainingPlan
    let data: any TrainingData
    /// The images' own reasons not to be read, while there are images.
    let images: TrainingImages?
  }

  /// Checks every option, cheap ones first, loads the model and opens the data.
  func settle() throws -> Setup {
    let mode = try options.trainingMode
    let profile = try options.inverseProfile
    let schedule = try options.learningRateSchedule
    let optimizer = try options.optimizerSettings
    let store = try options.features.map(openStore)
    let entries = try options.images.map { try ImageFolder.list(URL(fileURLWithPath: $0), limit: options.limit) }
    let loaded = try model.load(device: device, seed: options.seed)
    let chain = try InversionChain(for: loaded.backbone, cuts: options.cuts, profile: profile)

    let data: any TrainingData
    var images: TrainingImages?
    let (preprocessing, size, paths): (Preprocessing, (height: Int, width: Int), [String])
    if let store {
      try check(store, against: loaded)
      let features = try TrainingFeatures(store, taps: chain.taps, device: device)
      (preprocessing, size, paths) = (features.preprocessing, features.size, store.imagePaths)
      data = features
    } else {
      let entries = entries ?? []
      preprocessing = try model.preprocessing(of: loaded)
      size = try inputSize(preprocessing, entries)
      paths = entries.map(\.relativePath)
      _ = try loaded.backbone.taps(height: size.height, width: size.width)
      try loaded.backbone.prepare(batchSize: options.batchSize, height: size.height, width: size.width)
      let made = TrainingImages(
        entries: entries, preprocessing: preprocessing, size: size, backbone: loaded.backbone, taps: chain.taps,
        device: device)
      images = made
      data = made
    }

    var plan = TrainingPlan(
      model: loaded.name, family: loaded.backbone.family.rawValue, checkpointSHA256: loaded.checkpointSHA256,
      control: model.control ?? "none", preprocessing: try ModelOptions.text(of: preprocessing),
      scale: PixelScale(
        rescaleFactor: preprocessing.rescaleFactor, mean: preprocessing.mean, deviation: preprocessing.std),
      height: size.height, width: size.width, mode: mode, profile: profile, cuts: chain.cuts, imageCount: data.count,
      imagesSHA256: TrainingRequest.digest(of: paths), source: store == nil ? "images" : "features",
      threads: Runtime.threads, device: device.kind.rawValue)
    plan.validationShare = options.validationShare
    plan.seed = options.seed
    plan.epochs = options.epochs
    plan.batchSize = options.batchSize
    plan.accumulation = options.accumulate
    plan.rates = try options.rates(for: chain)
    plan.schedule = schedule
    plan.warmupSteps = options.warmup
    plan.optimizer = optimizer
    return Setup(model: loaded, plan: plan, data: data, images: images)
  }

  private func openStore(_ path: String) throws -> FeatureStore {
    guard options.limit == nil, model.size == nil, model.preprocess == "native" else {
      throw BadInput("--limit, --size and --preprocess belong to --images; a store has its own images and sizes")
    }
    return try FeatureStore(path: path)
  }

  /// The store must hold what this model computes.
  private func check(_ store: FeatureStore, against loaded: LoadedModel) throws {
    let sha256 = store.attribute("checkpoint_sha256") ?? "unknown"
    guard sha256 == loaded.checkpointSHA256 else {
      throw BadInput(
        "--features \(store.path) holds the activations of \(store.model) with the weights \(sha256.prefix(12))…, "
          + "but --model has \(loaded.checkpointSHA256.prefix(12))…; give the model it was extracted with")
    }
    let control = store.attribute("control") ?? "none"
    guard control == model.control ?? "none" else {
      throw BadInput("--features \(store.path) was extracted with --control \(control); train with the same")
    }
    guard control == "none" || store.attribute("seed") == "\(options.seed)" else {
      throw BadInput(
        "--features \(store.path): its random weights were drawn with --seed \(store.attribute("seed") ?? "unknown"); "
          + "train with the same")
    }
  }

  /// The recipe's size, or where it depends on the image the smallest that holds every image.
  private func inputSize(_ preprocessing: Preprocessing, _ entries: [ImageFolder.Entry]) throws -> (
    height: Int, width: Int
  ) {
    if let size = preprocessing.inputSize { return (size.height, size.width) }
    let sizes = entries.compactMap { entry in
      (try? PixelImage.size(of: entry.url)).flatMap {
        try? preprocessing.outputSize(width: $0.width, height: $0.height)
      }
    }
    guard let height = sizes.map(\.height).max(), let width = sizes.map(\.width).max() else {
      throw BadInput("--images: none of the images can be read")
    }
    return (height, width)
  }

  private static func digest(of paths: [String]) -> String {
    SHA256.hash(data: Data(paths.joined(separator: "\n").utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      .joined()
  }
}
