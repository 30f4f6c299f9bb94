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

  /// Tells which component each module is the inverse of, builds the chain, and loads it strictly.
  ///
  /// - Throws: ``InversionError`` where modules are not known, doubled or missing, and where tensors are missing, unexpected
  ///   or misshapen, all of them at once.
  public init(_ sources: [Source], for backbone: any Backbone) throws {
    let states = try sources.flatMap {
      try ReferenceState.states(in: $0.url, cut: $0.cut, family: backbone.family)
    }
    guard !states.isEmpty else { throw InversionError(.badInput, "--modules is empty; give at least one file") }
    let isEarlier = states.contains { $0.kind == .batchNormalizedConvolutionalDecoder }
    let profile: InverseProfile = isEarlier ? .standard : .paper
    if let detr = backbone as? DETR {
      let keeps = isEarlier && states.contains { !$0.kind.leadsToPixels && $0.kind != .inverseDetector }
      try ReferenceImport.check(detr.configuration, keepsActivation: keeps)
    }
    let design = try InverseDesign(backbone, profile: profile)
    let placed = try ReferenceImport.placed(states, in: backbone, design)
    chain = try InversionChain(for: backbone, cuts: placed.map(\.cut), profile: profile)
    try ReferenceImport.check(placed, against: chain, design)

    var problems: [String] = []
    for (module, (_, state)) in zip(chain.modules, placed) {
      do { try state.load(into: module) } catch let error as CheckpointError { problems.append("\(error)") }
    }
    guard problems.isEmpty else { throw InversionError(.badInput, problems.joined(separator: "; ")) }
    origins = zip(chain.modules, placed).map { module, place in
      Origin(
        module: module.name, target: module.target ?? "image", parameters: module.learnedCount,
        referenceClass: place.state.kind.rawValue, file: place.state.url.lastPathComponent,
        prefix: place.state.key)
    }
  }

  // MARK: Places

  /// The reference knows ResNets that halve the map in stages 2, 3 and 4, and ReLU.
  ///
  /// - Parameter keepsActivation: whether there are layers of encoder or decoder under the default profile.
  private static func check(_ configuration: DETRConfiguration, keepsActivation: Bool) throws {
    guard configuration.backbone.geometry.map(\.stride) == [1, 2, 2, 2] else {
      throw InversionError(
        .badInput, "the reference's inverses are of a DETR whose backbone strides by 32; this model's does not")
    }
    guard !keepsActivation || configuration.activation == .relu else {
      throw InversionError(
        .badInput,
        "the reference's layers have ReLU, this model's have \(configuration.activation.rawValue), which they keep beside "
          + "a BatchNormalizedConvolutionalDecoder; give an EnhancedBatchNormalizedConvolutionalDecoder")
    }
  }

  /// Every module with its cut, shallow to deep, each cut once.
  private static func placed(
    _ states: [ReferenceState], in backbone: any Backbone, _ design: InverseDesign
  ) throws -> [(cut: String, state: ReferenceState)] {
    var placed: [(cut: String, state: ReferenceState)] = []
    for state in states {
      let cut = try state.cut ?? cut(of: state, in: backbone, design)
      if let other = placed.first(where: { $0.cut == cut })?.state {
        throw InversionError(
          .badInput, "\(state.place) and \(other.place) are both the inverse of '\(cut)'; give one of them")
      }
      placed.append((cut, state))
    }
    func depth(_ cut: String) -> Int { design.cuts.first { $0.tap == cut }?.depth ?? 0 }
    return placed.sorted { depth($0.cut) < depth($1.cut) }
  }

  /// The cut that a module starts from, told by its class, its depth and its width.
  private static func cut(
    of state: ReferenceState, in backbone: any Backbone, _ design: InverseDesign
  ) throws -> String {
    func refusal(_ reason: String) -> InversionError {
      InversionError(.badInput, "\(state.place): \(reason); say which it is with CUT=FILE")
    }
    if state.kind.leadsToPixels { return design.defaults[0] }
    switch backbone {
    case let model as VisionTransformer:
      guard state.depth == model.configuration.depth else {
        throw refusal("\(state.depth) blocks of the \(model.configuration.depth) that the model has")
      }
      return design.defaults[1]
    case let model as SwinTransformer:
      let stages = model.configuration.stages
      let matching = stages.indices.filter { stages[$0].width == state.blockWidth }
      guard matching.count == 1 else {
        let widths = stages.map { "\($0.width)" }.joined(separator: ", ")
        let own = state.blockWidth.map { "of \($0) channels" } ?? "without a first norm"
        throw refusal("blocks \(own), but the stages have \(widths)")
      }
      return "stage.\(matching[0])"
    case let model as DETR:
      switch state.kind {
      case .inverseDetector: return "boxes"
      case .inverseTransformerDecoder: return "decoder.\(model.configuration.decoderLayers - 1)"
      default: return "encoder.\(model.configuration.encoderLayers - 1)"
      }
    default: throw refusal("no inverse of \(backbone.family.rawValue) models")
    }
  }

  /// A chain leads to the image, and each module to the cut before it.
  private static func check(
    _ placed: [(cut: String, state: ReferenceState)], against chain: InversionChain, _ design: InverseDesign
  ) throws {
    for (module, (_, state)) in zip(chain.modules, placed) {
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
      guard state.cut == nil, let place = design.defaults.firstIndex(of: module.name), place > 0 else { continue }
      let expected = design.defaults[place - 1]
      guard module.target == expected || placed.contains(where: { $0.state.cut != nil }) else {
        throw InversionError(
          .badInput,
          "\(state.place): it leads from '\(module.name)' to '\(expected)', whose inverse is missing; give it too")
      }
    }
  }
}
