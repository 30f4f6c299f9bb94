import Activations
import Analysis
import Backbones
import Formats
import Foundation
import Results
import Torch

/// The models that made stores, found by the checksum of their weights.
public final class StoreModels {
  private let given: [(path: String, model: LoadedModel)]
  private let architecture: String?
  private let device: Device
  private var used: Set<Int> = []
  private var stores: [String] = []

  /// Loads the models.
  ///
  /// - Throws: `BackboneError` and `CheckpointError`.
  public init(_ paths: [String], architecture: String?, device: Device, _ reporter: JobReporter = .silent) throws {
    given = try paths.map {
      ($0, try ModelSource($0, architecture: architecture).load(device: device, seed: 0, reporter))
    }
    self.architecture = architecture
    self.device = device
  }

  /// The model of a store; nil where none of those given is it. A store made with random weights gets the same ones.
  public func model(of store: FeatureStore, recipe: StoreRecipe?) throws -> (any ObservingModel)? {
    stores.append(store.path)
    guard let sum = store.attribute("checkpoint_sha256"), let recipe,
      let index = given.firstIndex(where: { $0.model.checkpointSHA256 == sum })
    else { return nil }
    used.insert(index)
    var model = given[index].model
    if store.attribute("control") == ModelControl.randomWeights.rawValue {
      let seed = store.attribute("seed").flatMap(Int.init) ?? 0
      model = try ModelSource(given[index].path, architecture: architecture, control: .randomWeights)
        .load(device: device, seed: seed)
    }
    let condition = store.conditions.first ?? ConditionName.original.text
    let size = try store.inputSize(condition: condition) ?? store.reconstructionSize(of: condition)
    guard let size else { return nil }
    return try StoreModel(model, recipe: recipe, height: size.height, width: size.width, device: device)
  }

  /// - Throws: ``BadInput`` where a model given made none of the stores.
  public func requireUse() throws {
    guard let unused = given.indices.first(where: { !used.contains($0) }) else { return }
    throw BadInput(
      "--model \(given[unused].path) made none of the stores (its weights have another SHA-256 than "
        + "\(stores.joined(separator: ", ")) \(stores.count == 1 ? "records" : "record")); give the model that made them"
    )
  }
}

/// A model as the analysis of quality sees it: pixels in, activations out.
final class StoreModel: ObservingModel {
  let taps: Set<String>
  let classTap: String?
  let detectionTaps: (scores: String, boxes: String)?
  private let model: LoadedModel
  private let recipe: StoreRecipe
  private let input: ModelInput
  private let device: Device

  init(_ model: LoadedModel, recipe: StoreRecipe, height: Int, width: Int, device: Device) throws {
    self.model = model
    self.recipe = recipe
    self.device = device
    input = ModelInput(recipe.preprocessing, size: ImageSize(height: height, width: width))
    taps = Set(try model.taps(height: height, width: width).map(\.name))
    switch model.backbone.kind {
    case .classifier(let logits): (classTap, detectionTaps) = (logits, nil)
    case .detector(let scores, let boxes): (classTap, detectionTaps) = (nil, (scores, boxes))
    case .encoder: (classTap, detectionTaps) = (nil, nil)
    }
    try model.backbone.prepare(batchSize: 8, height: height, width: width)
  }

  func features(of pixels: Tensor, rows: [Int], taps: Set<String>) throws -> [String: Tensor] {
    let all = try model.backbone.taps(height: input.size.height, width: input.size.width)
    return try input.features(
      of: pixels, validSizes: recipe.validSizes(of: rows, in: input.size), by: model.backbone,
      taps: all.filter { taps.contains($0.name) }, device: device
    ) { try $0.to(.cpu).to(.float32).contiguous() }
  }
}
