import Activations
import Results

/// One condition of one store with reconstructions: which taps and images an analysis of pixels uses.
package struct ReconstructionSelection {
  package let store: PixelStore
  package let condition: String
  package let taps: [String]
  /// Rows that are complete and whose image could be read.
  package let rows: [Int]
  let leftOut: [LeftOutImage]

  /// The conditions of a store that are wanted.
  ///
  /// - Throws: ``AnalysisError`` where there is nothing to measure or a name is unknown.
  package static func of(_ store: PixelStore, _ wanted: MeasureSelection) throws -> [ReconstructionSelection] {
    let path = store.store.path
    var available: [(condition: String, taps: [String])] = []
    for condition in store.store.conditions {
      let taps = try store.store.reconstructions(of: condition)
      if !taps.isEmpty { available.append((condition, taps)) }
    }
    guard !available.isEmpty else {
      throw AnalysisError(
        .badInput,
        "\(path) holds no reconstructions; make them with palimpsest reconstruct, after palimpsest train")
    }
    if let unknown = wanted.conditions?.first(where: { name in !available.contains { $0.condition == name } }) {
      throw AnalysisError(
        .badInput,
        "\(path) has no reconstructions under '\(unknown)'; it has them under "
          + available.map(\.condition).joined(separator: ", "))
    }
    let chosen = available.filter { wanted.conditions?.contains($0.condition) ?? true }
    if let unknown = wanted.taps?.first(where: { name in !chosen.contains { $0.taps.contains(name) } }) {
      throw AnalysisError(
        .badInput,
        "\(path) has no reconstruction from '\(unknown)'; it has \(chosen[0].taps.joined(separator: ", "))")
    }
    return try chosen.map { condition, taps in
      var rows: [Int] = []
      var leftOut: [LeftOutImage] = []
      for (row, image) in store.store.imagePaths.enumerated() {
        let error = store.store.errors[row]
        let reason =
          try error.isEmpty
          ? store.store.incompleteness(ofRow: row, condition: condition, content: "reconstructions") : error
        if let reason {
          leftOut.append(LeftOutImage(store: store.name, path: image, reason: reason))
        } else {
          rows.append(row)
        }
      }
      guard !rows.isEmpty else {
        throw AnalysisError(
          .badInput,
          "\(path): no image is complete under \(condition); the palimpsest reconstruct that made it goes on with it")
      }
      return ReconstructionSelection(
        store: store, condition: condition, taps: taps.filter { wanted.taps?.contains($0) ?? true },
        rows: wanted.images.indices(of: store.store.imagePaths, usable: rows), leftOut: leftOut)
    }
  }

  func inputs() throws -> StoredPixels {
    guard let inputs = try store.store.inputPixels(condition: condition) else {
      throw AnalysisError(
        .badInput,
        "\(store.store.path) keeps no inputs under \(condition) to measure its reconstructions against;"
          + " palimpsest reconstruct --images keeps them")
    }
    return inputs
  }

  /// One for each of ``taps``.
  func reconstructions() throws -> [StoredPixels] {
    try taps.map { try store.store.reconstructedPixels(condition: condition, tap: $0) }
  }

  /// Images used of each store.
  static func images(_ selections: [ReconstructionSelection], of stores: [PixelStore]) -> [Int] {
    stores.map { store in Set(selections.filter { $0.store.name == store.name }.flatMap(\.rows)).count }
  }

  static func leftOut(_ selections: [ReconstructionSelection]) -> [LeftOutImage] {
    var leftOut: [LeftOutImage] = []
    for image in selections.flatMap(\.leftOut) where !leftOut.contains(image) { leftOut.append(image) }
    return leftOut
  }
}

extension [ReconstructionSelection] {
  /// Holds what is kept in memory of these against what there is.
  ///
  /// - Parameters:
  ///   - analysis: its name.
  ///   - block: bytes of pixels held at once.
  ///   - values: figures that are kept of an image at a tap.
  ///   - replicates: draws of all images that are kept.
  /// - Throws: ``AnalysisError`` where it is not enough.
  func requireMemory(
    _ limit: Int?, for analysis: AnalysisDefinition, block: Int, values: Int, replicates: Int = 0
  ) throws {
    for part in self {
      let demand = MemoryDemand.pictures(
        images: part.rows.count, block: block, values: values * part.taps.count, replicates: replicates)
      try demand.require(
        limit, for: "\(analysis.name) (\(part.store.name), \(part.rows.count) images)",
        advice: "take fewer images with --sample N" + (replicates > 0 ? ", or fewer --bootstrap" : ""))
    }
  }
}
