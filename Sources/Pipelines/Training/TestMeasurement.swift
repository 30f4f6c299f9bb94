import Analysis
import Backbones
import Formats
import Foundation
import Inversion
import Results
import Torch

/// How well the inverses of a finished training, with their best weights, lead back to images that neither trained nor chose epoch
/// and ridge: `test.csv` and `test_images.csv` in its folder.
struct TestMeasurement {
  let data: any TrainingData
  let images: TrainingImages.Part
  let device: Device

  /// - Throws: ``BadInput`` where one of the images is among those of the training.
  func requireUnseen(_ training: TrainingImages) throws {
    var seen: Set<ContentIdentity> = []
    for part in [training.training, training.validation].compactMap({ $0 }) {
      seen.formUnion(part.contents.compactMap { $0 })
    }
    let known = images.contents.indices.filter { row in images.contents[row].map(seen.contains) ?? false }
    guard let first = known.first else { return }
    throw BadInput(
      "\(images.place): \(known.count) of \(images.paths.count) test images are among those that train or validate (first: "
        + "\(images.paths[first])), so that their errors would say too little; give images apart from those")
  }

  /// Measures every image at every cut and writes the tables.
  ///
  /// - Returns: by cut the mean over images of PSNR, in dB; cuts shallow to deep.
  /// - Throws: ``BadInput`` where no image can be read; ``Interrupted``; `InversionError`.
  func run(_ inverses: TrainedInverses, in folder: InverseFolder, seed: Int, _ reporter: JobReporter) throws
    -> [(cut: String, peakSignalToNoise: Double)]
  {
    let cuts = inverses.plan.cuts
    var errors = cuts.map { _ in ImageSeries(count: data.count) }
    let batches = Array(0..<data.count).pieces(of: inverses.plan.batchSize)
    for (index, rows) in batches.enumerated() {
      if reporter.isCancelled() { throw Interrupted() }
      func keep(_ batch: TrainingBatch, _ rows: [Int]) throws {
        for (cut, found) in try measure(batch, inverses).enumerated() {
          for (row, error) in zip(rows, found) { errors[cut][row] = error }
        }
      }
      if let batch = try data.batch(rows), batch.count == rows.count {
        try keep(batch, rows)
      } else {
        // A batch tells how many of its rows could be read, not which.
        for row in rows { if let batch = try data.batch([row]) { try keep(batch, [row]) } }
      }
      reporter.show(JobProgress("test", index + 1, of: batches.count, unit: "batches"))
    }
    for (cut, series) in zip(cuts, errors) {
      guard let row = series.failures.first else { continue }
      throw WorkFailed(
        "what the chain from '\(cut)' gives back of test image \(data.name(of: row)) holds infinities or no numbers; nothing was "
          + "written of the test images")
    }
    let ratios = errors.map { series in
      var ratios = ImageSeries(count: series.count)
      for row in 0..<series.count { ratios[row] = series[row].map(TrainingCurves.peakSignalToNoise) }
      return ratios
    }
    let method = Quality.Settings().interval
    let estimates = zip(
      ImageSeries.estimates(errors, replicates: 0, seed: 0, method: method),
      ImageSeries.estimates(ratios, replicates: 1000, seed: UInt64(bitPattern: Int64(seed)), method: method)
    ).map { ($0, $1) }
    var table = TidyTable(.trainingTest)
    var single = TidyTable(.trainingTestImages)
    var means: [(cut: String, peakSignalToNoise: Double)] = []
    for (index, cut) in cuts.enumerated() {
      guard let error = estimates[index].0, let ratio = estimates[index].1 else {
        throw BadInput("\(images.place): none of the \(data.count) test images can be read")
      }
      table.append([
        .text(cut), .integer(error.n), .real(error.value), .real(ratio.value), .real(ratio.low), .real(ratio.high),
      ])
      means.append((cut, ratio.value))
      for row in 0..<data.count {
        guard let error = errors[index][row], let ratio = ratios[index][row] else { continue }
        single.append([
          .text(images.paths[row]), .text(images.contents[row].map(\.description) ?? ""), .text(cut), .real(error),
          .real(ratio),
        ])
      }
    }
    try single.write(to: folder.url.appendingPathComponent(TableDefinition.trainingTestImages.file).path)
    try table.write(to: folder.url.appendingPathComponent(TableDefinition.trainingTest.file).path)
    return means
  }

  /// By cut the mean squared error of each image of a batch.
  private func measure(_ batch: TrainingBatch, _ inverses: TrainedInverses) throws -> [[Double]] {
    let plan = inverses.plan
    return try withoutGradients {
      let context = try inverses.chain(from: plan.cuts[0]).context(
        height: plan.height, width: plan.width, validSizes: batch.images.validSizes, scale: plan.scale,
        isTraining: false)
      return try plan.cuts.map { cut in
        let activation = try inverses.activation(at: cut, from: batch.features)
        let image = try inverses.chain(from: cut).invert(activation, from: cut, context: context)
        return try context.pixelErrors(image, target: batch.images.pixels)
      }
    }
  }
}
