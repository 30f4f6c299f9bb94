import Backbones
import Foundation
import NeuralNet
import Torch

/// Inverse networks that were trained with the reference code (inverse-tvm), as a chain of inverses of a model.
///
/// The architecture is that of the paper's profile, or of the default one where DETR's convolutions are the reference's
/// `BatchNormalizedConvolutionalDecoder`. In either the modules compute what the reference's compute.
public struct ReferenceImport {
  /// A file, and the cut it is for where the user says so.
  public struct Source: Equatable, Sendable {
    public var url: URL
    public var cut: String?

    public init(_ url: URL, cut: String? = nil) {
      self.url = url
      self.cut = cut
    }
  }

  /// Where a module of the chain came from.
  public struct Origin: Codable, Equatable, Sendable {
    public let module: String
    /// The cut it leads to, or `image`.
    public let target: String
    public let parameters: Int
    public let referenceClass: String
    public let file: String
    /// The key before the names of its tensors in the file.
    public let prefix: String

    public init(
      module: String, target: String, parameters: Int, referenceClass: String, file: String, prefix: String
    ) {
      self.module = module
      self.target = target
      self.parameters = parameters
      self.referenceClass = referenceClass
      self.file = file
      self.prefix = prefix
    }
  }

  public let chain: InversionChain
  public let origins: [Origin]

  /// Finds which component each module is the inverse of, builds the chain, and loads it strictly.
  ///
  /// - Throws: ``InversionError`` where modules are not known, doubled or missing, and where tensors are missing, unexpected
  ///   or misshapen, all of them at once.
  public init(_ sources: [Source], for backbone: any Backbone) throws {
    guard let model = backbone as? any ReferenceInvertible else {
      throw InversionError(.badInput, "the reference code has no inverses of \(backbone.family) models; train them")
    }
    let states = try sources.flatMap { try ReferenceState.states(in: $0.url, cut: $0.cut, model: model) }
    guard !states.isEmpty else { throw InversionError(.badInput, "--modules is empty; give at least one file") }
    let isEarlier = states.contains { $0.kind == .batchNormalizedConvolutionalDecoder }
    let profile: InverseProfile = isEarlier ? .standard : .paper
    try model.checkReference(
      keepsActivation: isEarlier && states.contains { !$0.kind.leadsToPixels && $0.kind != .inverseDetector })
    let design = model.inverseDesign(profile)
    let assigned = try ReferenceImport.assigned(states, in: model, design)
    chain = try InversionChain(for: backbone, cuts: assigned.map(\.cut), profile: profile)
    try ReferenceImport.check(assigned, against: chain, design)

    var problems: [String] = []
    for (module, (_, state)) in zip(chain.modules, assigned) {
      do { try state.load(into: module) } catch let error as CheckpointError { problems.append("\(error)") }
    }
    guard problems.isEmpty else { throw InversionError(.badInput, problems.joined(separator: "; ")) }
    origins = zip(chain.modules, assigned).map { module, source in
      Origin(
        module: module.name, target: module.target ?? "image", parameters: module.learnedCount,
        referenceClass: source.state.kind.rawValue, file: source.state.url.lastPathComponent,
        prefix: source.state.key)
    }
  }

  // MARK: Cuts

  /// Every module with its cut, shallow to deep, each cut once.
  private static func assigned(
    _ states: [ReferenceState], in model: any ReferenceInvertible, _ design: InverseDesign
  ) throws -> [(cut: String, state: ReferenceState)] {
    var assigned: [(cut: String, state: ReferenceState)] = []
    for state in states {
      let cut =
        try state.cut
        ?? (state.kind.leadsToPixels ? design.defaults[0] : model.referenceCut(of: state, design))
      if let other = assigned.first(where: { $0.cut == cut })?.state {
        throw InversionError(
          .badInput, "\(state.place) and \(other.place) are both the inverse of '\(cut)'; give one of them")
      }
      assigned.append((cut, state))
    }
    func depth(_ cut: String) -> Int { design.cut(cut)?.depth ?? 0 }
    return assigned.sorted { depth($0.cut) < depth($1.cut) }
  }

  /// A chain leads to the image, and each module to the cut before it.
  private static func check(
    _ assigned: [(cut: String, state: ReferenceState)], against chain: InversionChain, _ design: InverseDesign
  ) throws {
    for (module, (_, state)) in zip(chain.modules, assigned) {
      guard state.kind.leadsToPixels == (module.target == nil) else {
        throw InversionError(
          .badInput,
          state.kind.leadsToPixels
            ? "\(state.place): the reference's \(state.kind.rawValue) ends in pixels, but '\(module.name)' leads to "
              + "'\(module.target ?? "")'"
            : "\(state.place): the inverse of '\(module.name)' does not end in pixels, and none is given that does; "
              + "give the one of '\(design.defaults[0])' too")
      }
      // Where the class said which cut it is, it also says where it leads.
      guard state.cut == nil, let index = design.defaults.firstIndex(of: module.name), index > 0 else { continue }
      let expected = design.defaults[index - 1]
      guard module.target == expected || assigned.contains(where: { $0.state.cut != nil }) else {
        throw InversionError(
          .badInput,
          "\(state.place): it leads from '\(module.name)' to '\(expected)', whose inverse is missing; give it too")
      }
    }
  }
}
