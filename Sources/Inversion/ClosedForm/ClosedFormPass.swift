import Backbones
import Formats
import Foundation
import NeuralNet
import Torch

/// One pass over the data in which layers in closed form observe every image; then they are solved.
struct ClosedFormPass {
  let plan: TrainingPlan
  let data: any TrainingData
  let split: DataSplit
  let modules: [InverseModule]
  /// What measures errors of modules, by the cut whose activation they give.
  var metrics: [(cut: InverseDesign.Cut, metric: ErrorMetric)] = []
  /// Called after every batch: images seen, of how many.
  var onProgress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  /// Called before every batch; true ends the pass without a solution.
  var isCancelled: () -> Bool = { false }

  /// What the pass cost, and notes on its solutions.
  struct Result {
    /// Images for training, operations and seconds.
    var cost = TrainingCost()
    /// A note on each module's solution, by cut.
    var notes: [(module: String, text: String)] = []
  }

  /// Observes and solves; nil where it was cancelled.
  ///
  /// - Throws: ``InversionError`` where no image can be read.
  func run(_ context: (TrainingBatch) throws -> InverseContext) throws -> Result? {
    let start = DispatchTime.now()
    let batches =
      split.training.pieces(of: plan.batchSize).map { (rows: $0, role: ObservationRole.training) }
      + split.validation.pieces(of: plan.batchSize).map { (rows: $0, role: ObservationRole.validation) }
    var result = Result()
    var operationsPerImage: Int?
    var seen = 0
    for (index, item) in batches.enumerated() {
      if isCancelled() { return nil }
      func observe() throws -> Int {
        let batch = try data.batch(item.rows)
        if index + 1 < batches.count { data.announce(batches[index + 1].rows) }
        if let batch {
          try withoutGradients {
            try FiniteActivations.require(batch, rows: item.rows, of: data)
            try self.observe(batch, item.role, context(batch))
          }
        }
        return batch?.count ?? 0
      }
      let images: Int
      if operationsPerImage == nil {
        let counted = try Runtime.countingOperations(observe)
        images = counted.result
        if images > 0 { operationsPerImage = counted.operations / images }
      } else {
        images = try observe()
      }
      if item.role == .training { result.cost.images += images }
      seen += item.rows.count
      onProgress(seen, split.training.count + split.validation.count)
    }
    guard result.cost.images > 0 else {
      throw InversionError(.badInput, "none of the \(split.training.count) images for training can be read")
    }
    for (_, metric) in metrics { try withoutGradients { try metric.solve() } }
    for module in modules {
      for case let layer as any ClosedFormLayer in module.layers {
        try withoutGradients { try layer.solve() }
        if !layer.note.isEmpty { result.notes.append((module.name, layer.note)) }
      }
      for (name, parameter) in module.namedParameters() where try !parameter.value.isAllFinite() {
        throw InversionError(
          .failed,
          "the solution for '\(module.name)' is not finite (\(name)): its activations are too large to be summed in double "
            + "precision, or its --ridge is too weak; give a larger --ridge")
      }
    }
    result.cost.operations = (operationsPerImage ?? 0) * result.cost.images
    result.cost.seconds = Double(DispatchTime.now().uptimeNanoseconds - start.uptimeNanoseconds) / 1e9
    return result
  }

  private func observe(_ batch: TrainingBatch, _ role: ObservationRole, _ context: InverseContext) throws {
    for (cut, metric) in metrics {
      try metric.observe(
        cut.activation(from: batch.features), pixels: batch.images.pixels, role: role, context: context)
    }
    for module in modules {
      let input = try module.cut.activation(from: batch.features)
      let goal = try module.targetCut?.activation(from: batch.features)
      for case let layer as any ClosedFormLayer in module.layers {
        try layer.observe(input, goal: goal ?? batch.images.pixels, role: role, context: context)
      }
    }
  }
}
