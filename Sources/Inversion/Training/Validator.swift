import Formats
import Foundation
import Torch

/// How good a unit is on the validation images.
struct Validation {
  /// The mean of its own loss.
  var loss = 0.0
  /// Mean squared error of each image as the chain from its cut gives it, pixels in [0, 1].
  var imageErrors: [Double] = []

  /// Modules that are each finite can give what is not as a chain.
  ///
  /// - Throws: ``InversionError`` where the loss or the error of an image is infinite or not a number.
  func requireFinite(_ cut: String) throws {
    guard loss.isFinite else {
      throw InversionError(
        .failed, "the validation loss of '\(cut)' is \(Validation.text(loss)); nothing was kept of it")
    }
    if let image = imageErrors.firstIndex(where: { !$0.isFinite }) {
      throw InversionError(
        .failed,
        "what the chain from '\(cut)' gives back of validation image \(image + 1) of \(imageErrors.count) has an error that "
          + "is \(Validation.text(imageErrors[image])): its modules do not fit one another; give a larger --ridge, or a "
          + "lower --learning-rate")
    }
  }

  private static func text(_ value: Double) -> String { value.isNaN ? "not a number" : "infinite" }
}

/// Measures units on the validation images, with the statistics that were learned.
struct Validator {
  let plan: TrainingPlan
  let data: any TrainingData
  let split: DataSplit
  let units: [TrainedUnit]
  let batches: ValidationBatches

  init(plan: TrainingPlan, data: any TrainingData, split: DataSplit, units: [TrainedUnit]) {
    self.plan = plan
    self.data = data
    self.split = split
    self.units = units
    batches = ValidationBatches(data, split, batchSize: plan.batchSize)
  }

  /// Losses and image errors of every unit.
  func validate(_ context: (TrainingBatch) throws -> InverseContext) throws -> [Validation] {
    var results = units.map { _ in Validation() }
    var images = 0
    var chainError = 0.0
    try withoutGradients {
      try batches.forEach { batch in
        let context = try context(batch)
        for (index, unit) in units.enumerated() {
          let output = try unit.output(batch, context: context)
          let loss = try unit.loss(of: output, batch, context: context).item()
          results[index].loss += loss * Double(batch.count)
          if index == 1, let noise = units[0].inputNoise, let goal = try unit.goal(batch) {
            try noise.observe(output, goal: goal, context: context)
          }
          let image = try image(from: output, of: index, context)
          if index == 1, units[0].inputNoise != nil {
            chainError += try context.meanSquares(image - batch.images.pixels).sum().item()
          }
          results[index].imageErrors += try context.pixelErrors(image, target: batch.images.pixels)
        }
        images += batch.count
      }
    }
    guard images > 0 else {
      throw InversionError(.badInput, "none of the \(split.validation.count) images for validation can be read")
    }
    try withoutGradients {
      if let noise = units[0].inputNoise {
        try noise.update()
        try noise.observe(trueError: results[0].loss / Double(images), chainError: chainError / Double(images))
      }
    }
    return results.map { Validation(loss: $0.loss / Double(images), imageErrors: $0.imageErrors) }
  }

  /// The image that follows from what a unit gave, through the modules of the cuts before it where it is one module.
  private func image(from output: Tensor, of index: Int, _ context: InverseContext) throws -> Tensor {
    guard units[index].target != nil else { return output }
    return try units[..<index].reversed().flatMap(\.modules).reduce(output) { try $1($0, context: context) }
  }

  /// The first validation images as they come back from every cut; nil where none can be read.
  func evaluation(epoch: Int, context: (TrainingBatch) throws -> InverseContext) throws -> TrainingEvaluation? {
    try withoutGradients {
      guard let batch = try data.batch(Array(split.validation.prefix(min(6, plan.batchSize)))) else { return nil }
      let context = try context(batch)
      return TrainingEvaluation(
        epoch: epoch, inputs: try plan.scale.bytes(batch.images.pixels).to(.cpu).contiguous(),
        reconstructions: try units.enumerated().map { index, unit in
          let image = try image(from: unit.output(batch, context: context), of: index, context)
          return (unit.name, try plan.scale.bytes(image).to(.cpu).contiguous())
        })
    }
  }
}
