import Formats
import Foundation
import Results

/// What a training took: steps only, without validation, saving and evaluation.
struct TrainingCost: Codable, Equatable {
  var steps = 0
  /// Images that the steps saw, repetitions counted.
  var images = 0
  /// Arithmetic operations of frozen model and modules, forward and backward.
  var operations = 0
  var seconds = 0.0

  static func + (a: TrainingCost, b: TrainingCost) -> TrainingCost {
    TrainingCost(
      steps: a.steps + b.steps, images: a.images + b.images, operations: a.operations + b.operations,
      seconds: a.seconds + b.seconds)
  }
}

/// `efficiency.csv`: what a training cost, measured by itself; its columns are `TableDefinition.trainingEfficiency`.
///
/// Rows of module `all` are those of the whole run; the others those of one module, or of the chain from one cut.
struct EfficiencyTable {
  private(set) var text = CommaSeparatedValues.line(TableDefinition.trainingEfficiency.header)

  mutating func add(_ module: String, _ metric: EfficiencyMetric, _ value: Double) {
    add(module, metric, .real(value))
  }

  mutating func add(_ module: String, _ metric: EfficiencyMetric, _ value: Int) {
    add(module, metric, .integer(value))
  }

  private mutating func add(_ module: String, _ metric: EfficiencyMetric, _ value: CommaSeparatedValues.Field) {
    text += CommaSeparatedValues.line(of: [.text(module), .text(metric.rawValue), value, .text(metric.unit)])
  }

  func write(to url: URL) throws { try InverseFolder.write(text, to: url) }
}

/// `curves.csv`: after every epoch, for every cut, what training took so far and how well the cut's activations lead
/// back to the validation images; its columns are `TableDefinition.trainingCurves`.
///
/// `mse` is the mean over the images of the squared error of pixels in [0, 1]; `psnr` the mean over the images of
/// −10 log₁₀ of theirs, in dB, at most 120.
package enum TrainingCurves {
  static let header = CommaSeparatedValues.line(TableDefinition.trainingCurves.header)

  static func row(epoch: Int, cost: TrainingCost, cut: String, errors: [Double]) -> String {
    let count = Double(max(1, errors.count))
    let mean = errors.reduce(0, +) / count
    let psnr = errors.reduce(0) { $0 + peakSignalToNoise($1) } / count
    let seconds = (cost.seconds * 1e6).rounded() / 1e6
    return CommaSeparatedValues.line(of: [
      .integer(epoch), .integer(cost.steps), .integer(cost.images), .integer(cost.operations), .real(seconds),
      .text(cut),
      .real(mean), .real(psnr),
    ])
  }

  /// In dB for pixels in [0, 1]; an error below 1e-12 counts as that, one that is not a number has none.
  package static func peakSignalToNoise(_ meanSquaredError: Double) -> Double {
    -10 * log10(meanSquaredError < 1e-12 ? 1e-12 : meanSquaredError)
  }
}
