import Activations
import Backbones
import Formats
import Imaging
import Inversion

/// Whether inverses can take inputs and stores. Whatever a store records is compared with the training; what it does not record,
/// as one written by a user's own script need not, is taken to fit.
struct StoreCompatibility {
  /// The folder of the inverses in messages.
  let inverse: String
  let plan: TrainingPlan

  /// How images become pixels for the inverses: as the plan says. What is asked for beside it must say the same.
  ///
  /// - Parameters:
  ///   - source: the model, perhaps with a size and a profile that were asked for.
  ///   - givesProfile: whether the profile was asked for.
  /// - Throws: ``BadInput`` with both values where they contradict each other.
  func input(of source: ModelSource, givesProfile: Bool, _ loaded: LoadedModel) throws -> ModelInput {
    guard let recipe = Preprocessing(recorded: plan.preprocessing) else {
      throw BadInput("--inverse \(inverse): its plan has no preprocessing that can be read; train again")
    }
    let isNative = recipe.inputSize == nil
    switch source.size {
    case .fixed(let size) where isNative || size != plan.size:
      throw BadInput(
        "--size \(size): --inverse \(inverse) was trained for inputs of "
          + "\(isNative ? "the size of each image, in \(plan.size)" : "\(plan.size)"); leave --size out")
    case .native where !isNative:
      throw BadInput(
        "--size native: --inverse \(inverse) was trained for inputs of \(plan.size); leave --size out")
    default: break
    }
    if givesProfile || source.profile != .native {
      let own = try loaded.preprocessing()
      let sizes: [Preprocessing.InputSize] = isNative ? [.native] : [.fixed(plan.size), .checkpoint]
      let asked = try sizes.map { try own.resolved(profile: source.profile, size: $0) }
      guard asked.contains(recipe) else {
        throw BadInput(
          "--preprocess \(source.profile.rawValue) is \(asked[0].summary); --inverse \(inverse) was trained with "
            + "\(recipe.summary); leave --preprocess out")
      }
    }
    return ModelInput(recipe, size: plan.size)
  }

  /// The weights, control, tokens and preprocessing that the store records.
  func requireOrigin(of store: FeatureStore, _ reporter: JobReporter) throws {
    let name = "--features \(store.path)"
    let origin = StoreOrigin(store)
    switch origin.difference(sha256: plan.checkpointSHA256, control: plan.control, seed: plan.seed) {
    case nil: break
    case .unknownWeights:
      reporter.note("\(store.path) does not say which weights made it: it is taken for \(plan.model)")
    case .weights(let sha256):
      throw BadInput(
        "\(name) holds the activations of \(store.model) with the weights \(sha256.prefix(12))…, but --inverse "
          + "\(inverse) was trained for \(plan.model) with \(plan.checkpointSHA256.prefix(12))…; "
          + "give the inverses of that model")
    case .control(let control):
      throw BadInput(
        "\(name) was extracted with --control \(control), but --inverse \(inverse) was trained with \(plan.control); "
          + "give inverses of the same model")
    case .seed:
      throw BadInput(
        "\(name) was extracted with --control \(plan.control) and another --seed, but --inverse "
          + "\(inverse) was trained with \(plan.control); give inverses of the same model")
    }
    try origin.requireWholeTokens(name)
    if let recipe = store.attribute("preprocessing").flatMap(Preprocessing.init(recorded:)),
      recipe != Preprocessing(recorded: plan.preprocessing)
    {
      throw BadInput(
        "\(name) was extracted with another preprocessing than --inverse \(inverse) was trained with; "
          + "extract it with the --preprocess and the --size of the training")
    }
  }

  /// Whether the store keeps the pixels of all conditions, in the size that the inverses give.
  func hasPixels(_ store: FeatureStore, _ conditions: [String]) throws -> Bool {
    for condition in conditions {
      guard let size = try store.inputSize(condition: condition) else { return false }
      guard size == plan.size else {
        throw BadInput(
          "--features \(store.path): its inputs are \(size), but --inverse \(inverse) was trained for "
            + "\(plan.size); extract it with --size \(plan.size)")
      }
    }
    return true
  }

  /// Names of the model's taps that the store holds under every condition.
  ///
  /// - Throws: ``BadInput`` where one has other tokens, channels or another grid.
  func taps(_ known: [Tap], in store: FeatureStore, _ conditions: [String]) throws -> Set<String> {
    var names = Set<String>()
    for tap in known {
      let matches = try conditions.compactMap { condition in
        try store.taps(condition: condition).first { $0.name == tap.name }.map { (condition: condition, tap: $0) }
      }
      for match in matches { try require(match.tap, of: store, match.condition, as: tap) }
      if matches.count == conditions.count { names.insert(tap.name) }
    }
    return names
  }

  private func require(_ stored: StoredTap, of store: FeatureStore, _ condition: String, as tap: Tap) throws {
    let name = "--features \(store.path): \(StoreSchema.features(condition, tap.name))"
    let model = "the inverses of \(plan.model) for \(plan.size)"
    guard stored.tokens == tap.tokens, stored.channels == tap.channels else {
      throw BadInput(
        "\(name) has rows of \(stored.tokens) tokens with \(stored.channels) channels, but \(model) take "
          + "\(tap.tokens) with \(tap.channels); write it as [images, \(tap.tokens), \(tap.channels)]")
    }
    guard let grid = stored.grid, grid != tap.grid else { return }
    throw BadInput(
      "\(name) lies on a grid of \(grid.shape), but \(model) take \(tap.grid.map { "one of \($0.shape)" } ?? "none"); "
        + "correct its attribute grid")
  }
}
