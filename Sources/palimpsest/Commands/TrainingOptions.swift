import ArgumentParser
import Foundation
import Inversion
import NeuralNet

/// What is trained, on what, and how.
struct TrainingOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("A folder of JPEG and PNG files.", valueName: "dir"))
  var images: String?

  @Option(
    name: .long,
    help: ArgumentHelp("A store that extract wrote, instead of images: the model is not run.", valueName: "store.h5"))
  var features: String?

  @Option(name: .long, help: ArgumentHelp("Take the first so many images only.", valueName: "n"))
  var limit: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("Images to validate on, instead of a share of --images.", valueName: "dir"))
  var validationImages: String?

  @Option(
    name: .long,
    help: ArgumentHelp("A store to validate on, instead of a share of --features.", valueName: "store.h5"))
  var validationFeatures: String?

  @Option(
    name: .long,
    help: """
      modular (an inverse a component), end-to-end (a chain a depth, on the image error) or modular-then-polish \
      (chains that begin with the modules).
      """)
  var mode = TrainingMode.modular.rawValue

  @Option(
    name: .long,
    help: """
      network (trained), ridge (least squares in closed form, the floor), residual (networks on top of the floor, which \
      learn what it leaves out), or the controls mean-image and nearest-image.
      """)
  var inverse = InverseKind.network.rawValue

  @Option(
    name: .long,
    help: """
      Of --inverse ridge and residual, as a share of the mean variance of an input; auto chooses on the validation images.
      """)
  var ridge = "auto"

  @Flag(name: .long, help: "Undo the patch embedding of a ViT or DeiT by the inverse of its own matrix.")
  var exactEmbedding = false

  @Option(
    name: .long,
    help: ArgumentHelp("Taps from shallow to deep at which the model is cut.", valueName: "taps"))
  var modules: String?

  @Option(name: .long, help: "default, or paper for the architectures of the paper's code.")
  var profile = InverseProfile.standard.rawValue

  @Option(name: .long, help: "How often every training image is seen.")
  var epochs = 10

  @Option(
    name: .long,
    help: ArgumentHelp("Epochs of polishing after them (default: a fifth, at least 1).", valueName: "epochs"))
  var polishEpochs: Int?

  @Option(name: .long, help: "What polishing multiplies the learning rates by.")
  var polishFactor = 0.1

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Stop a module after so many epochs without a lower validation loss; 0: never.", valueName: "epochs"))
  var patience = 0

  @Option(
    name: .long,
    help: ArgumentHelp(
      "After every so many epochs draw some validation images as they come back, into evaluation/; 0: never.",
      valueName: "epochs"))
  var evaluateEvery = 0

  @Option(name: .long, help: "How many images are computed at once.")
  var batchSize = 8

  @Option(name: .long, help: "How many batches make one step.")
  var accumulate = 1

  @Option(
    name: .long,
    help: ArgumentHelp(
      "One for all modules, or TAP=RATE,… (default: the paper's, 1e-3 or 1e-4 by module).", valueName: "rates"))
  var learningRate: String?

  @Option(name: .long, help: "constant or cosine (down to zero at the last step).")
  var schedule = LearningRateSchedule.constant.rawValue

  @Option(name: .long, help: ArgumentHelp("Over how many steps the rates rise at first.", valueName: "steps"))
  var warmup = 0

  @Option(name: .long, help: "adam or adamw.")
  var optimizer = "adam"

  @Option(name: .long, help: "How strongly weights are drawn to zero.")
  var weightDecay = 0.0

  @Option(name: .long, help: "The share of the images, drawn by --seed, that validates.")
  var validationShare = 0.1

  @Option(name: .long, help: "Draws weights, split and order, and the weights of --control random-weights.")
  var seed = 0

  func validate() throws {
    guard (images == nil) != (features == nil) else {
      throw ValidationError("give either --images, a folder, or --features, a store")
    }
    let counts = [
      ("--limit", limit ?? 1), ("--epochs", epochs), ("--batch-size", batchSize), ("--accumulate", accumulate),
    ]
    for (flag, value) in counts where value < 1 { throw ValidationError("\(flag) is \(value); give at least 1") }
    guard validationImages == nil || images != nil, validationFeatures == nil || features != nil else {
      throw ValidationError("--validation-images goes with --images, --validation-features with --features")
    }
    if let polishEpochs, polishEpochs < 1 {
      throw ValidationError("--polish-epochs is \(polishEpochs); give at least 1")
    }
    guard polishFactor > 0, polishFactor.isFinite else {
      throw ValidationError("--polish-factor is \(polishFactor); give more than 0")
    }
    for (flag, value) in [("--patience", patience), ("--evaluate-every", evaluateEvery)] where value < 0 {
      throw ValidationError("\(flag) is \(value); give 0 or more epochs")
    }
    guard warmup >= 0 else { throw ValidationError("--warmup is \(warmup); give 0 or more steps") }
    guard weightDecay >= 0, weightDecay.isFinite else {
      throw ValidationError("--weight-decay is \(weightDecay); give 0 or more")
    }
    guard validationShare > 0, validationShare < 1 else {
      throw ValidationError("--validation-share is \(validationShare); give a share between 0 and 1")
    }
  }

  /// The names of `--modules`; nil for the default ones.
  var cuts: [String]? {
    modules.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }
  }

  var trainingMode: TrainingMode {
    get throws {
      guard let value = TrainingMode(rawValue: mode) else {
        throw BadInput("--mode is '\(mode)'; give modular, end-to-end or modular-then-polish")
      }
      return value
    }
  }

  var inverseKind: InverseKind {
    get throws {
      guard let value = InverseKind(rawValue: inverse) else {
        throw BadInput("--inverse is '\(inverse)'; give network, residual, ridge, mean-image or nearest-image")
      }
      if try value.isClosedForm && trainingMode == .polish {
        throw BadInput("--mode modular-then-polish is for networks; --inverse \(inverse) is made in closed form")
      }
      if value.isClosedForm, let flag = courseFlags.first(where: \.isGiven)?.name {
        throw BadInput("\(flag) is for networks; --inverse \(inverse) is made in one pass, without steps")
      }
      guard !exactEmbedding || value == .network || value.hasRidge else {
        throw BadInput(
          "--exact-embedding is for --inverse network, residual and ridge; \(inverse) does not undo the embedding")
      }
      return value
    }
  }

  /// Flags that only a course of steps has a use for, and whether they say anything but the default.
  private var courseFlags: [(name: String, isGiven: Bool)] {
    [
      ("--epochs", epochs != 10), ("--accumulate", accumulate != 1), ("--learning-rate", learningRate != nil),
      ("--schedule", schedule != LearningRateSchedule.constant.rawValue), ("--warmup", warmup != 0),
      ("--optimizer", optimizer != "adam"), ("--weight-decay", weightDecay != 0), ("--patience", patience != 0),
      ("--polish-epochs", polishEpochs != nil),
    ]
  }

  /// The ridge asked for; nil to choose it.
  var ridgeValue: Double? {
    get throws {
      guard try inverseKind.hasRidge || ridge == "auto" else {
        throw BadInput("--ridge belongs to --inverse ridge and residual")
      }
      guard ridge != "auto" else { return nil }
      guard let value = Double(ridge), value >= 0, value.isFinite else {
        throw BadInput("--ridge is '\(ridge)'; give auto or a number of 0 or more")
      }
      return value
    }
  }

  var inverseProfile: InverseProfile {
    get throws {
      guard let value = InverseProfile(rawValue: profile) else {
        throw BadInput("--profile is '\(profile)'; give default or paper")
      }
      return value
    }
  }

  var learningRateSchedule: LearningRateSchedule {
    get throws {
      guard let value = LearningRateSchedule(rawValue: schedule) else {
        throw BadInput("--schedule is '\(schedule)'; give constant or cosine")
      }
      return value
    }
  }

  var optimizerSettings: Adam.Settings {
    get throws {
      guard ["adam", "adamw"].contains(optimizer) else {
        throw BadInput("--optimizer is '\(optimizer)'; give adam or adamw")
      }
      var settings = Adam.Settings()
      settings.weightDecay = weightDecay
      settings.decaysWeights = optimizer == "adamw"
      return settings
    }
  }

  /// The rate of every module, as asked for or as in the paper's code.
  func rates(for chain: InversionChain) throws -> [TrainingPlan.Rate] {
    var rates = chain.cuts.map { TrainingPlan.Rate(module: $0, rate: chain.learningRate(of: $0)) }
    for part in (learningRate ?? "").split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
      guard let text = pair.last, let rate = Double(text), rate > 0, rate.isFinite else {
        throw BadInput("--learning-rate is '\(part)'; give a positive number, or TAP=NUMBER for a module")
      }
      guard pair.count == 2 else {
        for index in rates.indices { rates[index].rate = rate }
        continue
      }
      guard let index = rates.firstIndex(where: { $0.module == pair[0] }) else {
        throw BadInput(
          "--learning-rate: there is no module '\(pair[0])'; there are \(chain.cuts.joined(separator: ", "))")
      }
      rates[index].rate = rate
    }
    return rates
  }
}
