import Activations
import Backbones
import Foundation
import Imaging
import Inversion

/// Whether inverses can lead back what a store holds. Whatever a store says is held against the training; what it does not
/// say, as one written by a user's own script need not, is taken to fit.
struct StoreCheck {
  let store: FeatureStore
  /// The store in messages: `--features vit.h5`.
  let name: String
  let inverse: String
  let plan: TrainingPlan

  /// The weights, control, tokens and preprocessing that the store records.
  func requireOrigin(_ output: OutputOptions) throws {
    if let sha256 = store.attribute("checkpoint_sha256"), !sha256.isEmpty {
      guard sha256 == plan.checkpointSHA256 else {
        throw BadInput(
          "\(name) holds the activations of \(store.model) with the weights \(sha256.prefix(12))…, but --inverse "
            + "\(inverse) was trained for \(plan.model) with \(plan.checkpointSHA256.prefix(12))…; "
            + "give the inverses of that model")
      }
      let control = store.attribute("control") ?? "none"
      let hasSameDraw = control == "none" || store.attribute("seed") == "\(plan.seed)"
      guard control == plan.control, hasSameDraw else {
        throw BadInput(
          "\(name) was extracted with --control \(control)\(hasSameDraw ? "" : " and another --seed"), but --inverse "
            + "\(inverse) was trained with \(plan.control); give inverses of the same model")
      }
    } else {
      output.note("\(store.path) does not say which weights made it: it is taken for \(plan.model)")
    }
    let tokens = store.attribute("tokens") ?? "all"
    guard tokens == "all" else {
      throw BadInput("\(name): the store keeps --tokens \(tokens); inverses need all, extract it so")
    }
    if let recipe = store.attribute("preprocessing").flatMap(StoreCheck.recipe),
      recipe != StoreCheck.recipe(plan.preprocessing)
    {
      throw BadInput(
        "\(name) was extracted with another preprocessing than --inverse \(inverse) was trained with; "
          + "extract it with the --preprocess and the --size of the training")
    }
  }

  /// The recipe in one spelling; nil where it is none of Palimpsest's.
  private static func recipe(_ text: String) -> String? {
    guard let recipe = try? JSONDecoder().decode(Preprocessing.self, from: Data(text.utf8)) else { return nil }
    return try? ModelOptions.text(of: recipe)
  }

  func requireRows(_ conditions: [String]) throws {
    let unfinished = try conditions.reduce(0) { try $0 + store.progress(of: $1).count { $0 != 1 } }
    guard unfinished == 0 else {
      throw BadInput("\(name): \(unfinished) rows are not extracted yet; finish the extraction first")
    }
  }

  /// Whether the store keeps the pixels of all conditions, in the size that the inverses give.
  func hasPixels(_ conditions: [String]) throws -> Bool {
    for condition in conditions {
      guard let size = try store.inputSize(condition: condition) else { return false }
      guard size == [plan.height, plan.width] else {
        throw BadInput(
          "\(name): its inputs are \(size[1])x\(size[0]), but --inverse \(inverse) was trained for "
            + "\(plan.width)x\(plan.height); extract it with --size \(plan.width)x\(plan.height)")
      }
    }
    return true
  }

  /// Names of the model's taps that the store holds under every condition.
  ///
  /// - Throws: `BadInput` where one has other tokens, channels or another grid.
  func taps(_ known: [Tap], _ conditions: [String]) throws -> Set<String> {
    var names = Set<String>()
    for tap in known {
      let found = try conditions.compactMap { condition in
        try store.taps(condition: condition).first { $0.name == tap.name }.map { (condition, $0) }
      }
      for (condition, stored) in found {
        guard stored.tokens == tap.tokens, stored.channels == tap.channels else {
          throw BadInput(
            "\(name): \(StoreSchema.features(condition, tap.name)) has rows of \(stored.tokens) tokens with "
              + "\(stored.channels) channels, but the inverses of \(plan.model) for \(plan.width)x\(plan.height) take "
              + "\(tap.tokens) with \(tap.channels); write it as [images, \(tap.tokens), \(tap.channels)]")
        }
        guard stored.grid.isEmpty || stored.grid == tap.grid else {
          throw BadInput(
            "\(name): \(StoreSchema.features(condition, tap.name)) lies on a grid of \(stored.grid), but the inverses of "
              + "\(plan.model) for \(plan.width)x\(plan.height) take one of \(tap.grid); mend its attribute grid")
        }
      }
      if found.count == conditions.count { names.insert(tap.name) }
    }
    return names
  }
}
