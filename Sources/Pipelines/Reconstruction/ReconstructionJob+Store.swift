import Activations
import Backbones
import Formats
import Foundation
import Inversion

extension ReconstructionJob {
  /// Reconstructs from activations that a store holds, without running the model: an extraction made them, or a user's script.
  func run(_ features: String, _ model: ModelSource?, _ plan: TrainingPlan, _ reporter: JobReporter) throws -> (
    StoreRunSummary, Reconstructor
  ) {
    let store = try FeatureStore(path: features)
    let conditions = try conditions(of: store)
    let compatibility = StoreCompatibility(inverse: inverse, plan: plan)
    let hasPixels = try requireFit(compatibility, store, conditions, reporter)
    let (backbone, sha256, control) = try backbone(model, plan, reporter)
    let inverses = try TrainedInverses(
      folder, for: backbone, sha256: sha256, control: control, kept: weights, device: device)
    let known = try backbone.taps(height: plan.height, width: plan.width)
    // Of what is not asked for, the shape does not matter.
    let needed = plan.cuts.flatMap(inverses.taps(of:))
    let available = try compatibility.taps(
      known.filter { includesIntermediate || needed.contains($0.name) }, in: store, conditions)
    let reconstructor = try Reconstructor(
      inverses, backbone: backbone, available: available, hasPixels: hasPixels, job: self)
    guard !reconstructor.cuts.isEmpty else {
      throw BadInput(
        "--features \(features) has none of the activations that --inverse \(inverse) inverts "
          + "(\(needed.joined(separator: ", "))); it has "
          + (try store.taps(condition: conditions[0]).map(\.name).joined(separator: ", ")))
    }
    let missing = plan.cuts.filter { !reconstructor.cuts.contains($0) }
    if !missing.isEmpty {
      reporter.note("left out, because \(features) does not contain them: \(missing.joined(separator: ", "))")
    }
    reconstructor.note(to: reporter)

    let taps = known.filter { reconstructor.taps.contains($0.name) }
    let whole = try storePlan(plan, store, conditions, taps, of: known, reconstructor, hasPixels: hasPixels)
    StoreRun<Int>.announce(whole, size: plan.size, origin: "from \(features)", reporter)
    let batches = try StoredBatches(store: store, taps: taps, plan: plan, hasPixels: hasPixels)
    let summary = try division.run(whole, reporter) { part in
      var run = StoreRun<Int>(
        plan: part.plan, out: part.out, threads: threads, recheck: recheck, label: "reconstruct", reporter: reporter)
      run.needsReadableImages = !part.isShard
      return try run.run(
        decode: { row, _ in
          let row = part.firstRow + row
          guard store.errors[row].isEmpty else { throw BadInput(store.errors[row]) }
          let size = store.imageSizes.isEmpty ? ImageSize(side: 0) : store.imageSizes[row]
          return DecodedImage(
            pixels: row, height: size.height, width: size.width,
            content: store.imageContents.isEmpty ? nil : store.imageContents[row])
        },
        compute: { try batches.compute($0.images, condition: conditions[$0.condition], reconstructor) })
    }
    return (summary, reconstructor)
  }

  /// - Returns: whether the store keeps the pixels of every condition.
  private func requireFit(
    _ compatibility: StoreCompatibility, _ store: FeatureStore, _ conditions: [String], _ reporter: JobReporter
  ) throws -> Bool {
    try compatibility.requireOrigin(of: store, reporter)
    try StoreOrigin.requireRows(of: store, conditions)
    let hasPixels = try compatibility.hasPixels(store, conditions)
    if !hasPixels { reporter.note("\(store.path) keeps no pixels (/inputs): neither will \(out)") }
    guard region == nil else {
      throw BadInput("--region does not go with --features: the store's conditions are made already")
    }
    guard !isSameFile(store.path, division.path) else {
      throw BadInput("--out \(out) is the store of --features; give another")
    }
    return hasPixels
  }

  /// The backbone, without weights as the training recorded it, or the model that was given.
  private func backbone(_ model: ModelSource?, _ plan: TrainingPlan, _ reporter: JobReporter) throws -> (
    backbone: any Backbone, sha256: String, control: String
  ) {
    if let model {
      let loaded = try model.load(device: .cpu, seed: plan.seed, reporter)
      return (loaded.backbone, loaded.checkpointSHA256, model.controlName)
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
    guard let wanted = conditions else { return store.conditions }
    if let unknown = wanted.first(where: { !store.conditions.contains($0) }) {
      throw BadInput(
        "--conditions: \(store.path) has no condition '\(unknown)'; it has \(store.conditions.joined(separator: ", "))")
    }
    guard !wanted.isEmpty else { throw BadInput("--conditions is empty; leave it out for all of the store") }
    return store.conditions.filter(wanted.contains)
  }

  private func isSameFile(_ first: String, _ second: String) -> Bool {
    let paths = [first, second].map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }
    return paths[0] == paths[1]
  }

  /// The store as one that was made from images, with the hash of the store that was read.
  private func storePlan(
    _ plan: TrainingPlan, _ store: FeatureStore, _ conditions: [String], _ taps: [Tap], of known: [Tap],
    _ reconstructor: Reconstructor, hasPixels: Bool
  ) throws -> StorePlan {
    var header = StoreHeader(
      model: plan.model, family: plan.family, checkpointSHA256: plan.checkpointSHA256,
      configuration: store.attribute("config") ?? "{}", preprocessing: plan.preprocessing, createdBy: Version.text,
      createdAt: Host.timestamp, seed: plan.seed,
      settings: [
        StoreSetting("tokens", "all"), StoreSetting("control", plan.control),
        StoreSetting("region", store.attribute("region") ?? "image"), StoreSetting("device", device.kind.rawValue),
      ] + (try inverseSettings(plan)) + [StoreSetting("features_sha256", FileHash.sha256(store.path) ?? "")])
    header.remarks = plan.modelSource.map { [StoreSetting(StoreHeader.modelSource, $0)] } ?? []
    var made = StorePlan(
      header: header, images: zip(store.imagePaths, store.labels).map { StoreImage(path: $0, label: $1) },
      classes: store.classes, conditions: conditions,
      taps: StoreTap.tree(taps.map(StoreTap.init), of: known.map(StoreTap.init)), precision: storage.precision,
      compression: storage.compression, inputSize: hasPixels ? plan.size : nil,
      reconstructions: reconstructor.names, joints: reconstructor.joints, blockSize: storage.batchSize)
    made.reconstructionSize = plan.size
    return made
  }
}
