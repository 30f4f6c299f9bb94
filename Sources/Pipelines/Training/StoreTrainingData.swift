import Activations
import Foundation
import Imaging
import Inversion
import Results
import Torch

/// A feature store in place of the frozen model, as batches to train on.
final class StoreTrainingData: TrainingData {
  /// Pixels and features of the images of a batch, one after the other.
  private struct Rows: Sendable {
    let rows: [Int]
    let pixels: [UInt8]
    let features: [[Float]]
  }

  let input: ModelInput
  private let recipe: StoreRecipe
  private let store: FeatureStore
  private let taps: [StoredTap]
  private let device: Device
  private let prefetcher: Prefetcher<Rows>

  /// - Throws: ``BadInput`` where the store lacks what is needed: pixels, taps, tokens, finished rows.
  init(_ store: FeatureStore, taps names: [String], device: Device) throws {
    self.store = store
    self.device = device
    guard let recipe = StoreRecipe(store) else {
      throw BadInput(
        "--features \(store.path): the store does not say how its pixels were normalised; extract it again")
    }
    self.recipe = recipe
    guard let size = try store.inputSize() else {
      throw BadInput("--features \(store.path): the store keeps no pixels (/inputs), which the inverses are to give")
    }
    input = ModelInput(recipe.preprocessing, size: size)
    try StoreOrigin(store).requireWholeTokens("--features \(store.path)")
    try StoreOrigin.requireRows(of: store, [ConditionName.original.text], counting: "images")
    let taps = try names.map { try store.tap($0) }
    self.taps = taps
    prefetcher = Prefetcher { rows in
      let readable = rows.filter { store.errors[$0].isEmpty }
      return Rows(
        rows: readable, pixels: try readable.flatMap { try store.readInput(row: $0) },
        features: try taps.map { try readable.isEmpty ? [] : store.readRows(tap: $0.name, rows: readable) })
    }
  }

  var count: Int { store.count }

  func announce(_ rows: [Int]) { prefetcher.announce(rows) }

  func batch(_ rows: [Int]) throws -> TrainingBatch? {
    let read = try prefetcher.take(rows)
    guard !read.rows.isEmpty else { return nil }
    let bytes = try Tensor(read.pixels, shape: [read.rows.count, input.size.height, input.size.width, 3])
    let images = try input.batch(
      bytes, validSizes: recipe.validSizes(of: read.rows, in: input.size), device: device)
    var features: [String: Tensor] = [:]
    for (tap, values) in zip(taps, read.features) {
      features[tap.name] = try Tensor(values, shape: [read.rows.count, tap.tokens, tap.channels]).to(device)
    }
    return TrainingBatch(images: images, features: features)
  }
}
