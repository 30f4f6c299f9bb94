import Backbones
import Foundation
import Imaging
import Inversion

/// Inverse networks that were trained with the paper's code (inverse-tvm), taken over into a folder as training writes it.
public struct ImportJob: Sendable {
  public var model: ModelSource
  /// Files that hold the `state_dict` of one module or of several, each perhaps with the cut that it inverts.
  public var modules: [ReferenceImport.Source]
  /// The folder for plan and weights.
  public var out: String

  public init(model: ModelSource, modules: [ReferenceImport.Source], out: String) {
    self.model = model
    self.modules = modules
    self.out = out
  }

  /// Files of modules as they are named in texts, several separated by commas: `FILE`, or `CUT=FILE` where no file is called so as
  /// a whole.
  ///
  /// - Throws: ``BadInput`` for a file that is not there.
  public static func sources(_ texts: [String]) throws -> [ReferenceImport.Source] {
    let parts = texts.flatMap { $0.split(separator: ",") }.map { $0.trimmingCharacters(in: .whitespaces) }
    return try parts.map { part in
      if FileManager.default.fileExists(atPath: part) { return ReferenceImport.Source(URL(fileURLWithPath: part)) }
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard pair.count == 2, FileManager.default.fileExists(atPath: pair[1]) else {
        throw BadInput("--modules \(part): no such file; check the path")
      }
      return ReferenceImport.Source(URL(fileURLWithPath: pair[1]), cut: pair[0])
    }
  }

  /// Runs the job to its end.
  ///
  /// - Throws: ``BadInput`` where images have no common size; `InversionError` where the modules do not fit the model.
  public func run(_ reporter: JobReporter = .silent) throws -> (plan: TrainingPlan, modules: [ReferenceImport.Origin]) {
    let lock = try OutputPath.lockFolder(out)
    defer { lock.release() }
    let loaded = try model.load(device: .cpu, seed: 0, reporter)
    let preprocessing = try model.preprocessing(of: loaded)
    guard let size = preprocessing.inputSize else {
      throw BadInput("--size native gives images no common size, which the modules need; give --size WxH")
    }
    _ = try loaded.taps(height: size.height, width: size.width)
    let reference = try ReferenceImport(modules, for: loaded.backbone)
    var plan = TrainingPlan(
      importing: reference.chain, model: loaded.name, family: loaded.backbone.family.rawValue,
      checkpointSHA256: loaded.checkpointSHA256, preprocessing: try preprocessing.recorded(),
      scale: preprocessing.scale, height: size.height, width: size.width)
    plan.modelSource = loaded.origin
    plan.architecture = BackboneArchitecture(of: loaded.backbone)
    try InverseFolder(URL(fileURLWithPath: out)).save(reference, plan: plan)
    return (plan, reference.origins)
  }
}
