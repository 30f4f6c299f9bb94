import Activations
import Backbones
import Formats
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
    var plan: TrainingPlan
    let data: any TrainingData
    /// The images, with their own reasons not to be read, where there are images.
    let images: [TrainingImages]
  }

  /// Images or a store, and what is known of them.
  private struct Source {
    let data: any TrainingData
    let preprocessing: Preprocessing
    let size: (height: Int, width: Int)
    let paths: [String]
    var images: TrainingImages?
  }

  /// Checks what can be checked before there are images: the options, and the taps at which a model is cut.
  func check(against loaded: LoadedModel) throws -> InversionChain {
    _ = try (options.trainingMode, options.learningRateSchedule, options.optimizerSettings, options.ridgeValue)
    let chain = try InversionChain(for: loaded.backbone, cuts: options.cuts, profile: options.inverseProfile)
    _ = try options.rates(for: chain)
    return chain
  }

  /// Checks every option, cheap ones first, loads the model and opens the data.
  func settle() throws -> Setup {
    let mode = try options.trainingMode
    let profile = try options.inverseProfile
    let schedule = try options.learningRateSchedule
    let optimizer = try options.optimizerSettings
    let inverse = try options.inverseKind
    let ridge = try options.ridgeValue
    let stores = try [options.features, options.validationFeatures].compactMap { $0 }.map(openStore)
    let folders = try [options.images, options.validationImages].compactMap { $0 }.map {
      try ImageFolder.list(URL(fileURLWithPath: $0), limit: options.limit)
    }
    let loaded = try model.load(device: device, seed: options.seed)
    let chain = try InversionChain(for: loaded.backbone, cuts: options.cuts, profile: profile)
    let sources =
      try stores.isEmpty
      ? open(folders, loaded, taps: chain.taps) : stores.map { try open($0, loaded, taps: chain.taps) }
    let (training, validation) = (sources[0], sources.dropFirst().first)
    if let validation {
      guard validation.size == training.size, validation.preprocessing == training.preprocessing else {
        throw BadInput(
          "--validation-features: its inputs are \(validation.size.width)x\(validation.size.height) or prepared otherwise "
            + "than those of --features; extract both alike")
      }
    }
    var plan = TrainingPlan(
      model: loaded.name, family: loaded.backbone.family.rawValue, checkpointSHA256: loaded.checkpointSHA256,
      control: model.control ?? "none", preprocessing: try ModelOptions.text(of: training.preprocessing),
      scale: PixelScale(
        rescaleFactor: training.preprocessing.rescaleFactor, mean: training.preprocessing.mean,
        deviation: training.preprocessing.std),
      height: training.size.height, width: training.size.width, mode: mode, profile: profile, cuts: chain.cuts,
      imageCount: training.data.count, imagesSHA256: TrainingRequest.digest(of: training.paths),
      source: stores.isEmpty ? "images" : "features", threads: Runtime.threads, device: device.kind.rawValue)
    plan.architecture = BackboneArchitecture(of: loaded.backbone)
    plan.inverse = inverse
    plan.ridge = ridge
    plan.hasExactEmbedding = options.exactEmbedding
    plan.validationShare = options.validationShare
    plan.validationCount = validation?.data.count
    plan.validationSHA256 = validation.map { TrainingRequest.digest(of: $0.paths) }
    plan.seed = options.seed
    plan.epochs = inverse.isClosedForm ? 1 : options.epochs
    plan.batchSize = options.batchSize
    plan.accumulation = options.accumulate
    plan.rates = try options.rates(for: chain)
    plan.schedule = schedule
    plan.warmupSteps = options.warmup
    plan.optimizer = optimizer
    plan.patience = options.patience
    // What the plan asks of the model is found out before any work.
    _ = try InversionChain(for: loaded.backbone, plan: plan)
    return Setup(
      model: loaded, plan: plan,
      data: validation.map { JoinedData(training: training.data, validation: $0.data) } ?? training.data,
      images: sources.compactMap(\.images))
  }

  private func open(_ store: FeatureStore, _ loaded: LoadedModel, taps: [String]) throws -> Source {
    try check(store, against: loaded)
    let features = try TrainingFeatures(store, taps: taps, device: device)
    return Source(
      data: features, preprocessing: features.preprocessing, size: features.size, paths: store.imagePaths)
  }

  /// Folders of images, all brought to one size.
  private func open(_ folders: [[ImageFolder.Entry]], _ loaded: LoadedModel, taps: [String]) throws -> [Source] {
    let preprocessing = try model.preprocessing(of: loaded)
    let size = try inputSize(preprocessing, folders.flatMap { $0 })
    _ = try loaded.backbone.taps(height: size.height, width: size.width)
    try loaded.backbone.prepare(batchSize: options.batchSize, height: size.height, width: size.width)
    return folders.map { entries in
      let images = TrainingImages(
        entries: entries, preprocessing: preprocessing, size: size, backbone: loaded.backbone, taps: taps,
        device: device)
      return Source(
        data: images, preprocessing: preprocessing, size: size, paths: entries.map(\.relativePath), images: images)
    }
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
    ContentDigest(paths.joined(separator: "\n")).hexadecimal
  }
}
