import Activations
import Backbones
import Foundation
import Imaging
import Inversion
import Torch

/// Leads back activations that a store holds, without the model: `extract` made them, or a user's own script.
struct StoreReconstruction {
  let features: String
  let inverse: String
  let folder: InverseFolder
  let plan: TrainingPlan
  let source: ReconstructionSource
  let options: ReconstructionOptions
  let device: Device
  let out: String
  let output: OutputOptions

  func run() throws -> (FillingResult, LeadingBack) {
    let store = try FeatureStore(path: features)
    let conditions = try conditions(of: store)
    let check = StoreCheck(store: store, name: "--features \(features)", inverse: inverse, plan: plan)
    try check.requireOrigin(output)
    try check.requireRows(conditions)
    let hasPixels = try check.hasPixels(conditions)
    if !hasPixels { output.note("\(features) keeps no pixels (/inputs): neither will \(out)") }
    guard options.region == nil else {
      throw BadInput("--region does not go with --features: the store's conditions are made already")
    }
    guard !isSameFile(features, out) else { throw BadInput("--out \(out) is the store of --features; give another") }

    let kept = try options.keptWeights
    let (backbone, sha256, control) = try model()
    let inverses = try TrainedInverses(
      folder, for: backbone, sha256: sha256, control: control, kept: kept, device: device)
    let known = try backbone.taps(height: plan.height, width: plan.width)
    // Of what is not asked for, the shape does not matter.
    let needed = plan.cuts.flatMap(inverses.taps(of:))
    let available = try check.taps(known.filter { options.intermediate || needed.contains($0.name) }, conditions)
    let leading = try LeadingBack(
      inverses, backbone: backbone, available: available, hasPixels: hasPixels, options: options, device: device)
    guard !leading.cuts.isEmpty else {
      throw BadInput(
        "--features \(features) has none of the activations that --inverse \(inverse) leads back "
          + "(\(plan.cuts.flatMap(inverses.taps(of:)).joined(separator: ", "))); it has "
          + (try store.taps(condition: conditions[0]).map(\.name).joined(separator: ", ")))
    }
    let missing = plan.cuts.filter { !leading.cuts.contains($0) }
    if !missing.isEmpty {
      output.note("left out, because \(features) has them not: \(missing.joined(separator: ", "))")
    }
    leading.report(to: output)

    let taps = known.filter { leading.taps.contains($0.name) }
    let storePlan = try storePlan(store, conditions, taps, leading, kept, hasPixels: hasPixels)
    let filling = StoreFilling<Int>(
      plan: storePlan, out: out, output: output, recheck: options.recheck, label: "reconstruct"
    ) { row, _ in
      guard store.errors[row].isEmpty else { throw BadInput(store.errors[row]) }
      let size = store.imageSizes.isEmpty ? [0, 0] : store.imageSizes[row]
      return DecodedImage(pixels: row, height: size[0], width: size[1])
    }
    filling.announce(size: (plan.height, plan.width), origin: "from \(features)")
    let reader = StoredBatches(store: store, taps: taps, plan: plan, hasPixels: hasPixels)
    let result = try filling.run { request in
      try reader.compute(request.images, condition: conditions[request.condition], leading)
    }
    return (result, leading)
  }

  /// The backbone, without weights as the training recorded it, or the model that was given.
  private func model() throws -> (backbone: any Backbone, sha256: String, control: String) {
    if source.model != nil {
      let options = try source.modelOptions()
      let loaded = try options.load(device: .cpu, seed: plan.seed)
      return (loaded.backbone, loaded.checkpointSHA256, options.control ?? "none")
    }
    guard let architecture = plan.architecture else {
      throw BadInput(
        "--inverse \(inverse): an earlier palimpsest trained it and did not record how the model is built; "
          + "give --model beside --features")
    }
    let backbone = try ModelRegistry.backbone(architecture, place: folder.planURL.path)
    return (backbone, plan.checkpointSHA256, plan.control)
  }

  /// Those in the store, or those of them that were asked for.
  private func conditions(of store: FeatureStore) throws -> [String] {
    guard let list = options.conditions else { return store.conditions }
    let wanted = list.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    if let unknown = wanted.first(where: { !store.conditions.contains($0) }) {
      throw BadInput(
        "--conditions: \(features) has no condition '\(unknown)'; it has \(store.conditions.joined(separator: ", "))")
    }
    guard !wanted.isEmpty else { throw BadInput("--conditions is empty; leave it out for all of the store") }
    return store.conditions.filter(wanted.contains)
  }

  private func isSameFile(_ a: String, _ b: String) -> Bool {
    URL(fileURLWithPath: a).resolvingSymlinksInPath().path == URL(fileURLWithPath: b).resolvingSymlinksInPath().path
  }

  /// The store as one that was made from images, with the hash of the store that was read.
  private func storePlan(
    _ store: FeatureStore, _ conditions: [String], _ taps: [Tap], _ leading: LeadingBack, _ kept: InverseFolder.Kept,
    hasPixels: Bool
  ) throws -> StorePlan {
    let settings = try options.storeOptions(taps: [], seed: plan.seed)
    let header = StoreHeader(
      model: plan.model, family: plan.family, checkpointSHA256: plan.checkpointSHA256,
      configuration: store.attribute("config") ?? "{}", preprocessing: plan.preprocessing, createdBy: Version.text,
      createdAt: Host.timestamp, seed: plan.seed,
      settings: [
        StoreSetting("tokens", "all"), StoreSetting("control", plan.control),
        StoreSetting("region", store.attribute("region") ?? "image"), StoreSetting("device", device.kind.rawValue),
      ] + (try Reconstruct.settings(folder, plan, kept)) + [
        StoreSetting("features_sha256", FileHash.sha256(features) ?? "")
      ])
    var made = StorePlan(
      header: header,
      images: zip(store.imagePaths, store.labels).map { StoreImage(path: $0, label: $1) }, classes: store.classes,
      conditions: conditions,
      taps: taps.map {
        StoreTap(
          name: $0.name, tokens: $0.tokens, channels: $0.channels, grid: $0.grid, prefixTokens: $0.prefixTokens)
      }, precision: try settings.precision, compression: try settings.storeCompression,
      inputSize: hasPixels ? [plan.height, plan.width] : nil, reconstructions: leading.names, joints: leading.joints,
      blockSize: options.batchSize)
    made.reconstructionSize = [plan.height, plan.width]
    return made
  }
}

/// Blocks of rows out of a store, as a model would give them.
struct StoredBatches {
  let store: FeatureStore
  let taps: [Tap]
  let plan: TrainingPlan
  let hasPixels: Bool

  /// Reads the rows and leads them back.
  func compute(_ rows: [Int], condition: String, _ leading: LeadingBack) throws -> ComputedBlock {
    let values = try taps.map { tap in
      try Tensor(
        store.readRows(condition: condition, tap: tap.name, rows: rows), shape: [rows.count, tap.tokens, tap.channels])
    }
    let pixels =
      try hasPixels
      ? Tensor(
        rows.flatMap { try store.readInput(condition: condition, row: $0) },
        shape: [rows.count, plan.height, plan.width, 3]) : nil
    let features = Dictionary(uniqueKeysWithValues: zip(taps.map(\.name), values))
    let (images, joints) = try leading(features, pixels: pixels, validSizes: validSizes(of: rows))
    return ComputedBlock(
      taps: try values.map { try $0.withUnsafeBytes { $0 } }, inputs: try pixels?.withUnsafeBytes { $0 },
      reconstructions: try images.map { try $0.withUnsafeBytes { $0 } }, joints: try joints?.withUnsafeBytes { $0 },
      owner: values + images + [pixels, joints].compactMap { $0 })
  }

  /// What of each image is no padding, where the recipe's size depends on the image; nil where nothing is padded.
  private func validSizes(of rows: [Int]) throws -> [(height: Int, width: Int)]? {
    let recipe = try JSONDecoder().decode(Preprocessing.self, from: Data(plan.preprocessing.utf8))
    let whole = (height: plan.height, width: plan.width)
    guard recipe.inputSize == nil, !store.imageSizes.isEmpty else { return nil }
    let sizes = try rows.map { row -> (height: Int, width: Int) in
      let valid = try recipe.outputSize(width: store.imageSizes[row][1], height: store.imageSizes[row][0])
      return (valid.height, valid.width)
    }
    return sizes.contains { $0 != whole } ? sizes : nil
  }
}
