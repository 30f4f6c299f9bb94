import ArgumentParser
import Experiments
import Foundation
import Imaging
import Inversion
import NeuralNet
import Pipelines
import Results

/// What is trained, on what, and how.
struct TrainingOptions: ParsableArguments {
  /// Which of Adam's two kinds.
  enum Optimizer: String, CaseIterable, ExpressibleByArgument { case adam, adamw }

  @Option(
    help: ArgumentHelp("A folder of pictures: \(PictureFormat.listed("and")) files.", valueName: "dir"),
    completion: .directory)
  var images: String?

  @Option(
    help: ArgumentHelp("A store that extract wrote, instead of images: the model is not run.", valueName: "store.h5"),
    completion: .file(extensions: ["h5"]))
  var features: String?

  @OptionGroup var subset: SubsetOptions

  @Option(
    help: ArgumentHelp("Images to validate on, instead of a share of --images.", valueName: "dir"),
    completion: .directory)
  var validationImages: String?

  @Option(
    help: ArgumentHelp("A store to validate on, instead of a share of --features.", valueName: "store.h5"),
    completion: .file(extensions: ["h5"]))
  var validationFeatures: String?

  @Option(
    help: ArgumentHelp("Images to measure at the end, which do not train or choose.", valueName: "dir"),
    completion: .directory)
  var testImages: String?

  @Option(
    help: ArgumentHelp("A store of such images, with --features.", valueName: "store.h5"),
    completion: .file(extensions: ["h5"]))
  var testFeatures: String?

  @Option(
    help: """
      modular: an inverse a component; end-to-end: a chain a depth, on the image error; modular-then-polish: chains that \
      begin with the modules.
      """)
  var mode = TrainingMode.modular

  @Option(
    help: """
      network: trained; ridge: least squares in closed form, a lower bound; residual: networks on top of least squares, \
      which learn what it leaves out; mean-image and nearest-image: controls.
      """)
  var inverse = InverseKind.network

  @Option(
    help: """
      Of --inverse ridge and residual, as a share of the mean variance of an input; auto chooses on the validation images.
      """)
  var ridge = "auto"

  @Option(
    help: ArgumentHelp(
      "Of --inverse ridge and residual: a token's map also takes those around it, in a square of so many a side (default: 1, of residual 3).",
      valueName: "tokens"))
  var neighbourhood: Int?

  @Flag(help: "Undo the patch embedding of a ViT or DeiT by the inverse of its own matrix.")
  var exactEmbedding = false

  @Option(
    help: ArgumentHelp("Taps from shallow to deep at which the model is cut.", valueName: "taps"))
  var modules: String?

  @Option(help: "Whose architectures the inverses have: paper for those of the paper's code.")
  var profile = InverseProfile.standard

  @Option(
    help: """
      By what modules that give activations are trained: image, the error that follows in the image by a least-squares map; \
      whitened, every direction by its own variance; feature, the paper's (default: feature, with --inverse residual image).
      """)
  var loss: ModuleLoss?

  @Option(
    help: ArgumentHelp(
      "Of --loss image: how much of it is the plain error of the activation (default: \(TrainingJob.defaultFeatureShare)).",
      valueName: "share"))
  var featureShare: Double?

  @Option(
    help: "By what the best weights are chosen: the validation images, or a module's own loss (default: image).")
  var best: BestWeights?

  @Flag(
    help: "Train the module that ends in pixels on inputs with errors such as the module before makes.")
  var inputNoise = false

  @Option(help: "How often every training image is seen.")
  var epochs = 10

  @Option(
    help: ArgumentHelp("Epochs of polishing after them (default: a fifth, at least 1).", valueName: "epochs"))
  var polishEpochs: Int?

  @Option(help: "Factor of the learning rates while polishing.")
  var polishFactor = 0.1

  @Option(
    help: ArgumentHelp(
      "Stop a module after so many epochs without a lower validation loss; 0: never.", valueName: "epochs"))
  var patience = 0

  @Option(
    help: ArgumentHelp(
      "Draw validation images with their reconstructions into evaluation/ after every so many epochs; 0: never.",
      valueName: "epochs"))
  var evaluateEvery = 0

  @Option(help: "How many images are computed at once.")
  var batchSize = 8

  @Option(help: "How many batches make one step.")
  var accumulate = 1

  @Option(
    help: ArgumentHelp(
      "One for all modules, or TAP=RATE,… (default: the paper's, 1e-3 or 1e-4 by module; of --inverse residual 1e-3).",
      valueName: "rates"))
  var learningRate: String?

  @Option(help: "cosine goes down to zero at the last step.")
  var schedule = LearningRateSchedule.constant

  @Option(help: ArgumentHelp("Over how many steps the rates rise at first.", valueName: "steps"))
  var warmup = 0

  @Option(help: "adamw decays the weights apart from the gradients.")
  var optimizer = Optimizer.adam

  @Option(help: "How strongly weights are drawn to zero.")
  var weightDecay = 0.0

  @Option(help: "The share of the images, drawn by --seed, that validates.")
  var validationShare = 0.1

  @Option(help: "Draws weights, split, order, --sample and the weights of --control random-weights.")
  var seed = 0

  func validate() throws {
    guard (images == nil) != (features == nil) else {
      throw ValidationError("give either --images, a folder, or --features, a store")
    }
    try CountOptions.require(
      [
        ("epochs", epochs), ("batch-size", batchSize), ("accumulate", accumulate), ("polish-epochs", polishEpochs),
        ("patience", patience), ("evaluate-every", evaluateEvery), ("warmup", warmup),
      ], of: StepSettings.inverses)
    for (part, folder, store) in [
      ("validation", validationImages, validationFeatures), ("test", testImages, testFeatures),
    ] where (folder != nil && images == nil) || (store != nil && features == nil) {
      throw ValidationError("--\(part)-images goes with --images, --\(part)-features with --features")
    }
    if let featureShare, !(0...1).contains(featureShare) {
      throw ValidationError("--feature-share is \(featureShare); give a share between 0 and 1")
    }
    guard polishFactor > 0, polishFactor.isFinite else {
      throw ValidationError("--polish-factor is \(polishFactor); give more than 0")
    }
    guard weightDecay >= 0, weightDecay.isFinite else {
      throw ValidationError("--weight-decay is \(weightDecay); give 0 or more")
    }
    guard validationShare > 0, validationShare < 1 else {
      throw ValidationError("--validation-share is \(validationShare); give a share between 0 and 1")
    }
  }
}

// MARK: As the job takes them

extension TrainingOptions {
  /// What the options ask for, on the CPU.
  ///
  /// - Throws: ``BadInput`` where options do not go together.
  func job(_ model: ModelSource, out: String) throws -> TrainingJob {
    var job = TrainingJob(model: model, source: try source(), out: out)
    job.test = testImages ?? testFeatures
    job.inverse = inverse
    job.mode = mode
    job.profile = profile
    job.cuts = modules.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
    job.ridge = try TrainingJob.ridge(ridge)
    job.neighbourhood = neighbourhood
    job.hasExactEmbedding = exactEmbedding
    job.loss = loss
    job.featureShare = featureShare
    job.best = best
    job.hasInputNoise = inputNoise
    job.epochs = epochs
    job.polishEpochs = polishEpochs
    job.polishFactor = polishFactor
    job.patience = patience
    job.evaluationInterval = evaluateEvery
    job.batchSize = batchSize
    job.accumulation = accumulate
    job.rates = try TrainingJob.ModuleRate.list(learningRate ?? "")
    job.schedule = schedule
    job.warmupSteps = warmup
    job.optimizer.weightDecay = weightDecay
    job.optimizer.decaysWeights = optimizer == .adamw
    job.validationShare = validationShare
    job.seed = seed
    try job.requireUse()
    return job
  }

  private func source() throws -> TrainingJob.Source {
    guard let features else {
      return .images(images ?? "", validation: validationImages, taking: subset.subset(seed: seed))
    }
    guard !subset.isGiven else {
      throw BadInput(
        "--limit, --sample, --size and --preprocess belong to --images; a store has its own images and sizes")
    }
    return .stores(features, validation: validationFeatures)
  }
}
