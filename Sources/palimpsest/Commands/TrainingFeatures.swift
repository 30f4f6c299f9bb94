import Activations
import Backbones
import Foundation
import Imaging
import Inversion
import Torch

/// A feature store in place of the frozen model, as batches to train on.
final class TrainingFeatures: TrainingData {
  /// Pixels and features of the images of a batch, one after the other.
  private struct Rows: Sendable {
    let rows: [Int]
    let pixels: [UInt8]
    let features: [[Float]]
  }

  let preprocessing: Preprocessing
  let size: (height: Int, width: Int)
  private let store: FeatureStore
  private let taps: [StoredTap]
  private let device: Device
  private let prefetcher: Prefetcher<Rows>

  /// - Throws: `BadInput` where the store lacks what is needed: pixels, taps, tokens, finished rows.
  init(_ store: FeatureStore, taps names: [String], device: Device) throws {
    self.store = store
    self.device = device
    guard let recipe = store.attribute("preprocessing"),
      let preprocessing = try? JSONDecoder().decode(Preprocessing.self, from: Data(recipe.utf8))
    else {
      throw BadInput(
        "--features \(store.path): the store does not say how its pixels were normalised; extract it again")
    }
    self.preprocessing = preprocessing
    guard let size = try store.inputSize() else {
      throw BadInput("--features \(store.path): the store keeps no pixels (/inputs), which the inverses are to give")
    }
    self.size = (size[0], size[1])
    let tokens = store.attribute("tokens") ?? "all"
    guard tokens == "all" else {
      throw BadInput("--features \(store.path): the store keeps --tokens \(tokens); inverses need all, extract it so")
    }
    let unfinished = try store.progress(of: "original").count { $0 != 1 }
    guard unfinished == 0 else {
      throw BadInput(
        "--features \(store.path): \(unfinished) images are not extracted yet; finish the extraction first")
    }
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
    let bytes = try Tensor(read.pixels, shape: [read.rows.count, size.height, size.width, 3])
    let sizes = try validSizes(of: read.rows)
    let images = try ImageBatch(
      bytes: bytes.to(device), rescaleFactor: preprocessing.rescaleFactor, mean: preprocessing.mean,
      deviation: preprocessing.std, validSizes: sizes)
    var features: [String: Tensor] = [:]
    for (tap, values) in zip(taps, read.features) {
      features[tap.name] = try Tensor(values, shape: [read.rows.count, tap.tokens, tap.channels]).to(device)
    }
    return TrainingBatch(images: images, features: features)
  }

  /// What of each image is no padding, where the recipe's size depends on the image; nil where nothing is padded.
  private func validSizes(of rows: [Int]) throws -> [(height: Int, width: Int)]? {
    guard preprocessing.inputSize == nil else { return nil }
    let sizes = try rows.map { row -> (height: Int, width: Int) in
      guard row < store.imageSizes.count else { return size }
      let valid = try preprocessing.outputSize(width: store.imageSizes[row][1], height: store.imageSizes[row][0])
      return (valid.height, valid.width)
    }
    return sizes.contains { $0 != size } ? sizes : nil
  }
}
