import Activations
import Backbones
import Formats
import Foundation
import Imaging
import Inversion
import NeuralNet
import Torch

/// Inverse networks of a frozen model, trained on images or on a store. A training of networks that was interrupted goes on where
/// it stopped and ends with the same weights.
public struct TrainingJob: Sendable {
  /// What is trained on, and perhaps what is validated on.
  public enum Source: Sendable, Equatable {
    /// Folders of images; of each the same part.
    case images(String, validation: String? = nil, taking: Subset = .all)
    /// Stores that an extraction wrote: the model is not run.
    case stores(String, validation: String?)
  }

  /// The learning rate of one module, or of all of them where none is named.
  public struct ModuleRate: Sendable, Equatable {
    public var module: String?
    public var rate: Double

    public init(module: String? = nil, rate: Double) {
      self.module = module
      self.rate = rate
    }
  }

  public var model: ModelSource
  public var source: Source
  /// A folder or store, as ``source`` is, of images that are measured with the best weights at the end: they neither train nor choose.
  public var test: String?
  /// The folder for plan, history, state and weights.
  public var out: String
  public var inverse = InverseKind.network
  public var mode = TrainingMode.modular
  public var profile = InverseProfile.standard
  /// Taps from shallow to deep at which the model is cut; nil for the family's own.
  public var cuts: [String]?
  /// Of least squares, as a share of the mean variance of an input; nil to choose it on the validation images.
  public var ridge: Double?
  /// Tokens along a side of the square around a token that its least-squares map takes, an odd number; nil for
  /// ``InverseKind/defaultNeighbourhood``.
  public var neighbourhood: Int?
  /// Undo the patch embedding of a ViT or DeiT by the inverse of its own matrix.
  public var hasExactEmbedding = false
  /// By what modules that give activations are trained; nil for ``InverseKind/defaultLoss``.
  public var loss: ModuleLoss?
  /// How much of the loss by the image is the plain error of the activation, between 0 and 1; nil for ``defaultFeatureShare``.
  public var featureShare: Double?
  public static let defaultFeatureShare = 0.1
  /// By what the best weights are chosen; nil for the images.
  public var best: BestWeights?
  /// Train the module that ends in pixels on inputs with errors such as the module before it makes.
  public var hasInputNoise = false
  public var epochs = 10
  /// Epochs of polishing after them; nil for a fifth, at least 1.
  public var polishEpochs: Int?
  /// Factor of the learning rates while polishing.
  public var polishFactor = 0.1
  /// Stop a module after so many epochs without a lower validation loss; 0: never.
  public var patience = 0
  /// Draw validation images with their reconstructions after every so many epochs; 0: never.
  public var evaluationInterval = 0
  public var batchSize = 8
  /// How many batches make one step.
  public var accumulation = 1
  /// Applied in order, over the rates of the paper's code.
  public var rates: [ModuleRate] = []
  public var schedule = LearningRateSchedule.constant
  /// Over how many steps the rates rise at first.
  public var warmupSteps = 0
  public var optimizer = Adam.Settings()
  /// The share of the images, drawn by the seed, that validates; unused where the source names what validates.
  public var validationShare = 0.1
  /// Draws weights, split and order, and the weights of ``ModelControl/randomWeights``.
  public var seed = 0
  public var device = Device.cpu

  public init(model: ModelSource, source: Source, out: String) {
    self.model = model
    self.source = source
    self.out = out
  }

  /// Checks what can be checked before there are images: the cuts and the modules of the rates.
  ///
  /// - Returns: the cuts, shallow to deep.
  public func cuts(of loaded: LoadedModel) throws -> [String] {
    let chain = try InversionChain(for: loaded.backbone, cuts: cuts, profile: profile)
    _ = try rates(for: chain)
    return chain.cuts
  }

  /// The rate of every module, as asked for, or the default of the kind of inverse.
  func rates(for chain: InversionChain) throws -> [TrainingPlan.Rate] {
    var all = chain.cuts.map {
      TrainingPlan.Rate(module: $0, rate: inverse.defaultLearningRate ?? chain.learningRate(of: $0))
    }
    for asked in rates {
      guard let module = asked.module else {
        for index in all.indices { all[index].rate = asked.rate }
        continue
      }
      guard let index = all.firstIndex(where: { $0.module == module }) else {
        throw BadInput(
          "--learning-rate: there is no module '\(module)'; there are \(chain.cuts.joined(separator: ", "))")
      }
      all[index].rate = asked.rate
    }
    return all
  }

  /// Loads the model, opens the data and settles the plan.
  ///
  /// - Throws: ``BadInput`` where the folder holds a training on other images, among the rest.
  func prepare(_ reporter: JobReporter = .silent) throws -> PreparedTraining {
    let stores: [FeatureStore]
    let folders: [[ImageFolder.Entry]]
    switch source {
    case .images(let images, let validation, let subset):
      stores = []
      let listings = try [images, validation, test].compactMap { $0 }.map {
        try ImageFolder.listing(of: $0, taking: subset)
      }
      for sentence in listings.flatMap(\.sentences) { reporter.note(sentence) }
      folders = listings.map(\.entries)
    case .stores(let features, let validation):
      guard model.size == .checkpoint, model.profile == .native else {
        throw BadInput(
          "--limit, --sample, --size and --preprocess belong to --images; a store has its own images and sizes")
      }
      stores = try [features, validation, test].compactMap { $0 }.map { try FeatureStore(path: $0) }
      folders = []
    }
    let loaded = try model.load(device: device, seed: seed, reporter)
    for note in loaded.notes { reporter.note("\(loaded.name): \(note)") }
    if stores.isEmpty, let note = loaded.preprocessingNote { reporter.note(note) }
    let chain = try InversionChain(for: loaded.backbone, cuts: cuts, profile: profile)
    var parts =
      try stores.isEmpty
      ? open(folders, loaded, taps: chain.taps, reporter) : stores.map { try open($0, loaded, taps: chain.taps) }
    let tested = test == nil ? nil : parts.removeLast()
    let (training, validation) = (parts[0], parts.dropFirst().first)
    for (option, part) in [("--validation-features", validation), ("--test-features", tested)] {
      guard let part, part.input.size != training.input.size || part.input.preprocessing != training.input.preprocessing
      else { continue }
      throw BadInput(
        "\(option): its inputs are \(part.input.size.width)x\(part.input.size.height) or prepared "
          + "otherwise than those of --features; extract both alike")
    }
    let images = TrainingImages(training: training.images, validation: validation?.images)
    let test = tested.map { TestMeasurement(data: $0.data, images: $0.images, device: device) }
    try test?.requireUnseen(images)
    let plan = try begin(images, with: plan(loaded, chain, training, validation), reporter)
    // What the plan asks of the model is found out before any work.
    for note in try InversionChain(for: loaded.backbone, plan: plan).notes { reporter.note(note) }
    return PreparedTraining(
      job: self, model: loaded, plan: plan,
      data: validation.map { JoinedData(training: training.data, validation: $0.data) } ?? training.data,
      images: (parts + [tested].compactMap { $0 }).compactMap { $0.data as? ImageTrainingData }, test: test)
  }

  // MARK: Data

  /// Images or a store, and what is known of them.
  private struct Part {
    let data: any TrainingData
    let input: ModelInput
    let images: TrainingImages.Part
  }

  /// The store must hold what this model computes.
  private func open(_ store: FeatureStore, _ loaded: LoadedModel, taps: [String]) throws -> Part {
    let name = "--features \(store.path)"
    func refuse(_ sha256: String) -> BadInput {
      BadInput(
        "\(name) holds the activations of \(store.model) with the weights \(sha256.prefix(12))…, "
          + "but --model has \(loaded.checkpointSHA256.prefix(12))…; give the model it was extracted with")
    }
    switch StoreOrigin(store).difference(sha256: loaded.checkpointSHA256, control: model.controlName, seed: seed) {
    case nil: break
    case .unknownWeights: throw refuse("unknown")
    case .weights(let sha256): throw refuse(sha256)
    case .control(let control):
      throw BadInput("\(name) was extracted with --control \(control); train with the same")
    case .seed(let seed):
      throw BadInput(
        "\(name): its random weights were drawn with --seed \(seed ?? "unknown"); train with the same")
    }
    let data = try StoreTrainingData(store, taps: taps, device: device)
    return Part(
      data: data, input: data.input,
      images: .init(place: store.path, paths: store.imagePaths, contents: store.imageContents))
  }

  /// Folders of images, all brought to one size.
  private func open(
    _ folders: [[ImageFolder.Entry]], _ loaded: LoadedModel, taps: [String], _ reporter: JobReporter
  ) throws -> [Part] {
    let input = try ModelInput(model.preprocessing(of: loaded), holding: folders.flatMap { $0 }, name: "--images")
    let (height, width) = (input.size.height, input.size.width)
    _ = try loaded.taps(height: height, width: width)
    try loaded.backbone.prepare(batchSize: batchSize, height: height, width: width)
    let places: [String] =
      if case .images(let images, let validation, _) = source { [images, validation, test].compactMap { $0 } } else {
        []
      }
    return try zip(folders, places).map { entries, place in
      let data = try ImageTrainingData(
        entries: entries, input: input, backbone: loaded.backbone, taps: taps, device: device)
      let contents = try ImageContents(place: place, entries: entries, threads: Runtime.threads).all(reporter)
      return Part(
        data: data, input: input,
        images: .init(place: place, paths: entries.map(\.relativePath), contents: contents))
    }
  }

  // MARK: Plan

  /// Writes down which images they are, or compares them with those of the training that is there already.
  ///
  /// - Returns: the plan, as the folder's is recorded.
  /// - Throws: ``BadInput`` where that training has other images.
  private func begin(_ images: TrainingImages, with plan: TrainingPlan, _ reporter: JobReporter) throws -> TrainingPlan
  {
    var plan = plan
    images.record(in: &plan)
    let folder = InverseFolder(URL(fileURLWithPath: out))
    guard let saved = try folder.plan() else {
      try images.write(to: folder)
      return plan
    }
    if saved.imagePathsSHA256 == nil, plan.imagePathsSHA256 != nil {
      reporter.note(
        "\(folder.planURL.path) does not record what the images hold: they are taken for these because of their names")
    }
    plan = completed(plan.recorded(as: saved), like: saved)
    guard plan.imageCount == saved.imageCount, plan.validationCount == saved.validationCount,
      !plan.hasImages(of: saved)
    else { return plan }
    let first = images.firstDifference(from: folder)
    throw ImageContents.refusal(
      first?.place ?? images.training.place, "the training in \(out)", first: first?.path ?? "not recorded",
      repair: "choose another --out, or give the images of that training to go on")
  }

  private func plan(_ loaded: LoadedModel, _ chain: InversionChain, _ training: Part, _ validation: Part?) throws
    -> TrainingPlan
  {
    let isFromImages = if case .images = source { true } else { false }
    var plan = TrainingPlan(
      model: loaded.name, family: loaded.backbone.family.rawValue, checkpointSHA256: loaded.checkpointSHA256,
      control: model.controlName, preprocessing: try training.input.preprocessing.recorded(),
      scale: training.input.preprocessing.scale, height: training.input.size.height, width: training.input.size.width,
      mode: mode, profile: profile, cuts: chain.cuts, imageCount: training.data.count, imagesSHA256: "",
      source: isFromImages ? "images" : "features", threads: Runtime.threads, device: device.kind.rawValue)
    plan.modelSource = loaded.origin
    plan.architecture = BackboneArchitecture(of: loaded.backbone)
    plan.inverse = inverse
    plan.ridge = ridge
    let side = neighbourhood ?? inverse.defaultNeighbourhood
    if side > 1 { plan.neighbourhood = side }
    plan.hasExactEmbedding = hasExactEmbedding
    plan.validationShare = validationShare
    plan.validationCount = validation?.data.count
    plan.seed = seed
    plan.epochs = inverse.isClosedForm ? 1 : epochs
    plan.batchSize = batchSize
    plan.accumulation = accumulation
    plan.rates = try rates(for: chain)
    plan.schedule = schedule
    plan.warmupSteps = warmupSteps
    plan.optimizer = optimizer
    plan.patience = patience
    guard !inverse.isClosedForm else { return plan }
    plan.best = best ?? .image
    if inverse == .residual { plan.hasDirectedCorrections = true }
    // Chains are trained on the image itself.
    guard mode != .endToEnd else { return plan }
    plan.loss = loss ?? inverse.defaultLoss
    if plan.loss == .image { plan.featureShare = featureShare ?? TrainingJob.defaultFeatureShare }
    // One module alone gives pixels and has none before it.
    if chain.cuts.count == 1, loss != nil || featureShare != nil || hasInputNoise {
      throw BadInput(
        "\(loss != nil ? "--loss" : hasInputNoise ? "--input-noise" : "--feature-share") is for a chain of modules, and there is "
          + "only '\(chain.cuts[0])'; name more taps in --modules, or leave it out")
    }
    if hasInputNoise {
      guard !hasExactEmbedding else {
        throw BadInput(
          "--input-noise trains the module that ends in pixels, which --exact-embedding replaces; give one of them")
      }
      plan.hasInputNoise = true
    }
    return plan
  }

  /// A plan with what the job leaves open as a plan of an earlier version has it, so that its training can go on.
  private func completed(_ plan: TrainingPlan, like saved: TrainingPlan) -> TrainingPlan {
    var plan = plan
    if loss == nil { (plan.loss, plan.featureShare) = (saved.loss, saved.featureShare) }
    if best == nil { plan.best = saved.best }
    if neighbourhood == nil { plan.neighbourhood = saved.neighbourhood }
    // Versions before directed corrections had the paper's rates for residual modules too.
    if rates.isEmpty, inverse == .residual, saved.hasDirectedCorrections == nil { plan.rates = saved.rates }
    plan.hasDirectedCorrections = saved.hasDirectedCorrections
    return plan
  }
}
