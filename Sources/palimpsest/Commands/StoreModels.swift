import Activations
import Analysis
import Backbones
import Foundation
import Imaging
import Torch

/// How the inputs of a store were made, as it records it.
struct StoreRecipe: Sendable {
  let preprocessing: Preprocessing
  private let sizes: [[Int]]

  /// nil where the store does not say, or says it in other words than ours.
  init?(_ store: FeatureStore) {
    guard let text = store.attribute("preprocessing"),
      let recipe = try? JSONDecoder().decode(Preprocessing.self, from: Data(text.utf8))
    else { return nil }
    preprocessing = recipe
    sizes = store.imageSizes
  }

  /// A mask of a whole file laid on the model's input as the picture was, its upper left corner at the input's.
  ///
  /// - Throws: `ImagingError` where it comes to more pixels than the input has.
  func lay(_ mask: Mask, on input: (height: Int, width: Int)) throws -> Mask {
    let seen = try preprocessing.apply(to: mask)
    guard seen.width <= input.width, seen.height <= input.height else {
      throw ImagingError(
        reason: "its mask comes to \(seen.width)x\(seen.height), beyond the input of \(input.width)x\(input.height);"
          + " extract the images with this preprocessing again")
    }
    return seen.placed(left: 0, top: 0, width: input.width, height: input.height)
  }

  /// Height and width of the picture in a row's input; nil where all of every input is picture.
  var validSize: (@Sendable (Int) -> (height: Int, width: Int)?)? {
    guard preprocessing.inputSize == nil, !sizes.isEmpty else { return nil }
    return { [preprocessing, sizes] row in
      let file = sizes[row]
      guard file[0] > 0, file[1] > 0, let size = try? preprocessing.outputSize(width: file[1], height: file[0]) else {
        return nil
      }
      return (size.height, size.width)
    }
  }
}

/// The models that made stores, found by the checksum of their weights.
final class StoreModels {
  private let given: [(path: String, model: LoadedModel)]
  private let architecture: String?
  private let device: Device
  private var used: Set<Int> = []
  private var stores: [String] = []

  init(_ paths: [String], architecture: String?, device: Device) throws {
    given = try paths.map {
      ($0, try ModelRegistry.load(at: URL(fileURLWithPath: $0), architecture: architecture, device: device))
    }
    self.architecture = architecture
    self.device = device
  }

  /// The model of a store; nil where none of those given is it. A store made with random weights gets the same ones.
  func model(of store: FeatureStore, recipe: StoreRecipe?) throws -> (any ObservingModel)? {
    stores.append(store.path)
    guard let sum = store.attribute("checkpoint_sha256"), let recipe,
      let place = given.firstIndex(where: { $0.model.checkpointSHA256 == sum })
    else { return nil }
    used.insert(place)
    var model = given[place].model
    if store.attribute("control") == "random-weights" {
      let seed = store.attribute("seed").flatMap(Int64.init) ?? 0
      model = try ModelRegistry.load(
        at: URL(fileURLWithPath: given[place].path), architecture: architecture, device: device,
        randomWeightsSeed: UInt64(bitPattern: seed))
    }
    let condition = store.conditions.first ?? "original"
    let size = try store.inputSize(condition: condition) ?? store.reconstructionSize(of: condition)
    guard let size else { return nil }
    return try StoreModel(model, recipe: recipe, height: size[0], width: size[1], device: device)
  }

  /// - Throws: ``BadInput`` where a model given made none of the stores.
  func requireUse() throws {
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
  private let size: (height: Int, width: Int)
  private let device: Device

  init(_ model: LoadedModel, recipe: StoreRecipe, height: Int, width: Int, device: Device) throws {
    self.model = model
    self.recipe = recipe
    self.device = device
    size = (height, width)
    taps = Set(try model.backbone.taps(height: height, width: width).map(\.name))
    switch model.backbone.kind {
    case .classifier(let logits): (classTap, detectionTaps) = (logits, nil)
    case .detector(let scores, let boxes): (classTap, detectionTaps) = (nil, (scores, boxes))
    case .encoder: (classTap, detectionTaps) = (nil, nil)
    }
    try model.backbone.prepare(batchSize: 8, height: height, width: width)
  }

  func features(of pixels: Tensor, rows: [Int], taps: Set<String>) throws -> [String: Tensor] {
    let validSizes = recipe.validSize.map { validSize in rows.map { validSize($0) ?? size } }
    let isPadded = validSizes?.contains { $0 != size } ?? false
    let batch = try ImageBatch(
      bytes: pixels.to(device), rescaleFactor: recipe.preprocessing.rescaleFactor, mean: recipe.preprocessing.mean,
      deviation: recipe.preprocessing.std, validSizes: isPadded ? validSizes : nil)
    var values: [String: Tensor] = [:]
    try model.backbone.forward(batch, taps: taps) { name, value in
      values[name] = try value.to(.cpu).to(.float32).contiguous()
    }
    return values
  }
}
