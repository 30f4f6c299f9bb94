import Activations
import Backbones
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

  /// Reads the rows and reconstructs their images.
  func compute(_ rows: [Int], condition: String, _ reconstructor: Reconstructor) throws -> ComputedBlock {
    let values = try taps.map { tap in
      try Tensor(
        store.readRows(condition: condition, tap: tap.name, rows: rows), shape: [rows.count, tap.tokens, tap.channels])
    }
    let pixels =
      try hasPixels
      ? Tensor(
        rows.flatMap { try store.readInput(condition: condition, row: $0) },
        shape: [rows.count, plan.height, plan.width, 3]) : nil
    let features = Dictionary(uniqueKeysWithValues: zip(taps.map(\.name), values))
    let (images, joints) = try reconstructor(
      features, pixels: pixels, validSizes: recipe.validSizes(of: rows, in: plan.size))
    return try ComputedBlock(taps: values, inputs: pixels, reconstructions: images, joints: joints)
  }
}
