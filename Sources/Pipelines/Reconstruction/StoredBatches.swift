import Activations
import Backbones
import Formats
import Imaging
import Inversion
import Torch

/// Blocks of rows out of a store, as a model would give them.
struct StoredBatches {
  let store: FeatureStore
  let taps: [Tap]
  let plan: TrainingPlan
  let hasPixels: Bool
  private let recipe: StoreRecipe

  /// - Throws: ``BadInput`` where the plan's preprocessing cannot be read.
  init(store: FeatureStore, taps: [Tap], plan: TrainingPlan, hasPixels: Bool) throws {
    guard let preprocessing = Preprocessing(recorded: plan.preprocessing) else {
      throw BadInput("the plan of the inverses of \(plan.model) has no preprocessing that can be read; train again")
    }
    self.store = store
    self.taps = taps
    self.plan = plan
    self.hasPixels = hasPixels
    recipe = StoreRecipe(preprocessing, of: store)
  }

  /// Some rows of a store.
  struct Rows {
    /// `[B, T, C]` by tap.
    let features: [String: Tensor]
    /// `[B, H, W, 3]` bytes; nil where the store has none.
    let pixels: Tensor?
    let validSizes: [ImageSize]?
  }

  func read(_ rows: [Int], condition: String) throws -> Rows {
    let values = try taps.map { tap in
      try Tensor(
        store.readRows(condition: condition, tap: tap.name, rows: rows), shape: [rows.count, tap.tokens, tap.channels])
    }
    let pixels =
      try hasPixels
      ? Tensor(
        rows.flatMap { try store.readInput(condition: condition, row: $0) },
        shape: [rows.count, plan.height, plan.width, 3]) : nil
    return Rows(
      features: Dictionary(uniqueKeysWithValues: zip(taps.map(\.name), values)), pixels: pixels,
      validSizes: recipe.validSizes(of: rows, in: plan.size))
  }

  /// Reads the rows and reconstructs their images.
  func compute(_ rows: [Int], condition: String, _ reconstructor: Reconstructor) throws -> ComputedBlock {
    let read = try read(rows, condition: condition)
    let (images, joints) = try reconstructor(read.features, pixels: read.pixels, validSizes: read.validSizes)
    return try ComputedBlock(
      taps: taps.compactMap { read.features[$0.name] }, inputs: read.pixels, reconstructions: images, joints: joints)
  }
}
