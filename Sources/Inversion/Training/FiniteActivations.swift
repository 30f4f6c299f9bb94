import Torch

/// Refuses activations and pixels that are infinite or not numbers, before anything is learned from them.
enum FiniteActivations {
  /// - Parameter rows: those that the batch was asked for.
  /// - Throws: ``InversionError`` that names the tap and the image.
  static func require(_ batch: TrainingBatch, rows: [Int], of data: any TrainingData) throws {
    guard let tap = try firstBroken(in: batch) else { return }
    // Asked for one by one: rows whose image cannot be read are missing from the batch.
    for row in rows {
      guard let single = try data.batch([row]), let broken = try firstBroken(in: single) else { continue }
      throw refusal(broken, data.name(of: row))
    }
    throw refusal(tap, "images \(rows.first ?? 0) to \(rows.last ?? 0)")
  }

  /// The first tap by name that is not finite everywhere; empty where the pixels are not.
  private static func firstBroken(in batch: TrainingBatch) throws -> String? {
    if try !batch.images.pixels.isAllFinite() { return "" }
    return try batch.features.keys.sorted().first { name in
      try batch.features[name].map { try !$0.isAllFinite() } ?? false
    }
  }

  private static func refusal(_ tap: String, _ image: String) -> InversionError {
    let what = tap.isEmpty ? "the pixels of \(image) hold" : "the activation at '\(tap)' of \(image) holds"
    return InversionError(
      .badInput,
      "\(what) infinities or no numbers: the model's weights are damaged, or the store's float16 is too narrow (extract it "
        + "with --dtype float32)")
  }
}
