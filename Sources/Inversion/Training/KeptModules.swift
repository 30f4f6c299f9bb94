import Foundation
import NeuralNet
import Torch

/// The modules of a chain with the weights that are kept as the best ones so far, by which the images of later candidates are
/// judged.
///
/// Modules are chosen from shallow to deep: a candidate takes the place of the weights that are kept where the validation images
/// that follow from its cut, through the kept modules before it, have a smaller error. The module that ends in pixels, where it is
/// trained for inputs with errors, is chosen by the images from all cuts.
final class KeptModules {
  private let modules: [InverseModule]

  /// - Parameters:
  ///   - chain: of its own, with the modules of `units` in the same order.
  ///   - units: one for each module, shallow to deep.
  init(_ chain: InversionChain, like units: [TrainedUnit]) throws {
    modules = chain.modules
    for (index, unit) in units.enumerated() { try keep(unit, at: index) }
  }

  /// Gives a module the weights that a unit has now.
  func keep(_ unit: TrainedUnit, at index: Int) throws {
    for ((_, kept), (_, parameter)) in zip(modules[index].namedParameters(), unit.modules[0].namedParameters()) {
      try kept.set(parameter.value.detached().clone())
    }
    modules[index].announceChange()
  }

  /// Weights and statistics of a module, by name.
  func weights(at index: Int) throws -> [(name: String, tensor: Tensor)] {
    try modules[index].namedParameters(prefix: "kept.").map { ($0.name, try $0.parameter.value) }
  }

  func restore(at index: Int, tensor: (String) throws -> Tensor) throws {
    for (name, parameter) in modules[index].namedParameters(prefix: "kept.") {
      try parameter.set(tensor(name).to(parameter.value.device))
    }
    modules[index].announceChange()
  }

  /// The mean over all cuts of the logarithm of the validation images' mean squared error, with a unit in the place of its module.
  ///
  /// - Parameter unit: the first module of the chain; the kept one where nil.
  func meanLogarithm(
    by unit: TrainedUnit?, _ batches: ValidationBatches, _ context: (TrainingBatch) throws -> InverseContext
  ) throws -> Double {
    var sums = modules.map { _ in 0.0 }
    try withoutGradients {
      try batches.forEach { batch in
        let context = try context(batch)
        for index in modules.indices {
          let input = try modules[index].cut.activation(from: batch.features)
          let deeper = try modules.indices.prefix(index + 1).dropFirst().reversed().reduce(input) {
            try modules[$1]($0, context: context)
          }
          let image = try (unit?.modules[0] ?? modules[0])(deeper, context: context)
          sums[index] += try context.pixelErrors(image, target: batch.images.pixels).reduce(0, +)
        }
      }
    }
    return sums.reduce(0) { $0 + log10($1) } / Double(sums.count)
  }

  /// The mean over the validation images of their mean squared errors, pixels in [0, 1], from a cut through the kept modules.
  ///
  /// - Parameter unit: what gives the first step; the kept module where nil.
  func error(
    from index: Int, by unit: TrainedUnit?, _ batches: ValidationBatches,
    _ context: (TrainingBatch) throws -> InverseContext
  ) throws -> Double {
    var (sum, images) = (0.0, 0)
    try withoutGradients {
      try batches.forEach { batch in
        let context = try context(batch)
        let first = unit?.modules[0] ?? modules[index]
        var output = try first(first.cut.activation(from: batch.features), context: context)
        for module in modules[..<index].reversed() { output = try module(output, context: context) }
        let errors = try context.pixelErrors(output, target: batch.images.pixels)
        sum += errors.reduce(0, +)
        images += errors.count
      }
    }
    return images > 0 ? sum / Double(images) : .nan
  }
}

/// The validation images, batch by batch, as often as they are needed; the first ones stay in memory, so that the frozen model
/// runs once for them.
final class ValidationBatches {
  /// Bytes of pixels and activations that stay.
  private static let mostBytes = 1 << 29
  private let data: any TrainingData
  private let rows: [[Int]]
  private var kept: [Int: TrainingBatch] = [:]
  private var bytes = 0

  init(_ data: any TrainingData, _ split: DataSplit, batchSize: Int) {
    self.data = data
    rows = split.validation.pieces(of: batchSize)
  }

  /// Calls `body` with every batch of which an image can be read.
  func forEach(_ body: (TrainingBatch) throws -> Void) throws {
    for (index, rows) in rows.enumerated() {
      let known = kept[index]
      let batch = try known ?? data.batch(rows)
      if index + 1 < self.rows.count, kept[index + 1] == nil { data.announce(self.rows[index + 1]) }
      guard let batch else { continue }
      if known == nil {
        let size = ([batch.images.pixels] + batch.features.values).reduce(0) { $0 + $1.shape.reduce(4, *) }
        if bytes + size <= ValidationBatches.mostBytes {
          kept[index] = batch
          bytes += size
        }
      }
      try body(batch)
    }
  }

  /// Lets go of what is in memory.
  func release() {
    kept = [:]
    bytes = 0
  }
}
