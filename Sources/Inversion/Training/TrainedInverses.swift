import Backbones
import Foundation
import NeuralNet
import Torch

/// Inverses that were trained for a model, loaded from their folder.
public struct TrainedInverses {
  public let plan: TrainingPlan
  /// One chain a depth after end-to-end training; the same one for all depths otherwise.
  private let chains: [String: InversionChain]

  private let design: InverseDesign

  /// Loads the weights of every module, strictly.
  ///
  /// - Parameters:
  ///   - sha256: of the model's weights; `control`: `none` or `random-weights`, as the model was loaded.
  ///   - kept: the ones kept as the best, or the last.
  /// - Throws: ``InversionError`` where the inverses are another model's, or not trained yet.
  public init(
    _ folder: InverseFolder, for backbone: any Backbone, sha256: String, control: String,
    kept: InverseFolder.Kept = .best, device: Device = .cpu
  ) throws {
    guard let plan = try folder.plan() else {
      throw InversionError(
        .badInput, "\(folder.url.path): no inverse networks are here (no plan.json); give what palimpsest train wrote")
    }
    guard plan.checkpointSHA256 == sha256 else {
      throw InversionError(
        .badInput,
        "\(folder.url.path): the inverses were trained for \(plan.model) with the weights "
          + "\(plan.checkpointSHA256.prefix(12))…, "
          + "but the model has \(sha256.prefix(12))…; give the model they belong to")
    }
    guard plan.control == control else {
      throw InversionError(
        .badInput, "\(folder.url.path): the inverses were trained with --control \(plan.control), not \(control)")
    }
    self.plan = plan
    design = try InverseDesign(backbone, profile: plan.profile)
    func chain() throws -> InversionChain {
      try InversionChain(for: backbone, plan: plan)
    }
    if plan.inverse.isClosedForm || !plan.mode.trainsChains {
      let shared = try chain()
      for module in shared.modules {
        try TrainedInverses.load([module], named: module.name, from: folder, kept, plan, device)
      }
      chains = Dictionary(uniqueKeysWithValues: plan.cuts.map { ($0, shared) })
    } else {
      var chains: [String: InversionChain] = [:]
      for cut in plan.cuts {
        let chain = try chain()
        try TrainedInverses.load(chain.modules(from: cut), named: cut, from: folder, kept, plan, device)
        chains[cut] = chain
      }
      self.chains = chains
    }
  }

  /// The chain whose modules lead from a cut to the image.
  public func chain(from cut: String) throws -> InversionChain {
    guard let chain = chains[cut] else {
      throw InversionError(
        .badInput, "no inverse was trained for '\(cut)'; there are \(plan.cuts.joined(separator: ", "))")
    }
    return chain
  }

  /// The taps whose values make up the activation at a tap where the model can be cut; of any other tap itself.
  public func taps(of cut: String) -> [String] { design.taps(of: cut) }

  /// The activation at a tap where the model can be cut, as its inverse takes it.
  ///
  /// - Throws: ``InversionError`` where the value of a tap is missing.
  public func activation(at cut: String, from features: [String: Tensor]) throws -> Tensor {
    try design.activation(at: cut, from: features)
  }

  private static func load(
    _ modules: [InverseModule], named name: String, from folder: InverseFolder, _ kept: InverseFolder.Kept,
    _ plan: TrainingPlan, _ device: Device
  ) throws {
    let url = folder.weightsURL(name, kept)
    guard FileManager.default.fileExists(atPath: url.path) else {
      throw InversionError(
        .badInput, "\(url.path) is missing: the training has not finished an epoch; go on with it first")
    }
    let file = try SafetensorsFile(contentsOf: url)
    let wanted = modules.map(\.name).joined(separator: ",")
    guard file.metadata["modules"] == wanted else {
      throw InversionError(
        .badInput,
        "\(url.path): it holds the inverse of '\(file.metadata["modules"] ?? "nothing we know")', expected '\(wanted)'")
    }
    let saved = try? JSONDecoder().decode(TrainingPlan.self, from: Data((file.metadata["plan"] ?? "").utf8))
    guard saved?.checkpointSHA256 == plan.checkpointSHA256 else {
      throw InversionError(
        .badInput, "\(url.path): it inverts another model (\(saved?.model ?? "unknown")), not \(plan.model)")
    }
    let group = ModuleGroup(modules)
    do {
      try group.load(Checkpoint(at: url), dialect: CheckpointDialect(name: "inverse") { .stored($0) })
    } catch let error as CheckpointError {
      throw InversionError(.badInput, "\(url.path): \(error)")
    }
    for (name, parameter) in group.namedParameters() where try !parameter.value.isAllFinite() {
      throw InversionError(
        .badInput, "\(url.path): '\(name)' holds infinities or no numbers; train again, into another --out")
    }
    try group.move(to: device)
  }
}

/// Modules under their own names.
private final class ModuleGroup: Module {
  private let modules: [InverseModule]

  init(_ modules: [InverseModule]) { self.modules = modules }

  var contents: [ModuleEntry] { modules.map { .child($0.name, $0) } }
}
