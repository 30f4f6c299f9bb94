import Torch

extension InversionChain {
  /// Applies the modules from a cut down to the image and hands over what each of them gives.
  ///
  /// - Parameter visit: takes the cut whose activation a module gave (nil: the image) and that activation.
  /// - Returns: the image `[B, 3, H, W]`, normalised as the model's input.
  public func descend(
    _ activation: Tensor, from cut: String, context: InverseContext, visit: (String?, Tensor) throws -> Void
  ) throws -> Tensor {
    try modules(from: cut).reduce(activation) { value, module in
      let output = try module(value, context: context)
      try visit(module.target, output)
      return output
    }
  }
}

extension InverseContext {
  /// The mean squared error of each image of a batch, `[B]`: of what an inverse gave for `cut` (nil: for the pixels,
  /// normalised), padding left out. Their mean is the training loss where nothing is padded.
  public func imageErrors(_ output: Tensor, target: Tensor, at cut: String?) throws -> Tensor {
    let difference = try output - target
    let squares = try difference * difference
    let axes = Array(1..<squares.shape.count)
    guard validSizes != nil, let grid = grid(at: cut), let valid = try validity(grid: grid, device: output.device)
    else {
      return try squares.mean(axes)
    }
    // [B, 1, H, W] for pixels, [B, T, 1] for tokens.
    let weight = try cut == nil ? valid.unsqueezed(1) : valid.flattened(from: 1).unsqueezed(2)
    let channels = Double(cut == nil ? 3 : output.extent(2))
    return try (squares * weight).sum(axes) / (weight.sum(axes) * channels)
  }
}

/// Splicing: chains are started with the true activations at several cuts, and the error is measured at every joint they
/// pass, which separates what a module adds from what it inherits.
///
/// Where a chain starts at the cut just above a joint, the error there is the module's own; from deeper starts comes what
/// is inherited too.
public struct Splicing: Equatable, Sendable {
  /// The joint at the lower end of the chain.
  public static let image = "image"
  /// The cuts at which chains start, shallow to deep.
  public let starts: [String]
  /// `image` and cuts, shallow to deep.
  public let joints: [String]
  private let cuts: [String]

  /// - Parameters:
  ///   - cuts: those of the chain, shallow to deep; the module of each gives the activation of the one before, the first the image.
  ///   - known: cuts whose true activations there are.
  ///   - hasPixels: whether the true pixels are there.
  /// - Returns: nil where no chain passes a joint that can be judged.
  public init?(cuts: [String], known: [String], hasPixels: Bool) {
    let present = cuts.filter(known.contains)
    guard let deepest = present.last else { return nil }
    joints = (hasPixels ? [Splicing.image] : []) + present.filter { $0 != deepest }
    guard let lowest = joints.first else { return nil }
    // Below the shallowest start there must be a joint.
    starts = present.filter { $0 != lowest }
    self.cuts = cuts
  }

  /// Inverts a batch from one start down to the image, `[B, 3, H, W]`, and measures on the way: `[B, joints]` float32, NaN
  /// where a joint is not below the start.
  ///
  /// - Parameter truth: the true activation `[B, T, C]` at a cut, or for nil the normalised images `[B, 3, H, W]`.
  public func row(
    from start: String, chain: InversionChain, truth: (String?) throws -> Tensor, context: InverseContext
  ) throws -> (image: Tensor, errors: Tensor) {
    let activation = try truth(start)
    var errors: [String: Tensor] = [:]
    let image = try chain.descend(activation, from: start, context: context) { target, value in
      let joint = target ?? Splicing.image
      guard joints.contains(joint) else { return }
      errors[joint] = try context.imageErrors(value, target: truth(target), at: target).to(.float32)
    }
    let unknown = try Tensor.full([activation.extent(0)], .nan, device: activation.device)
    return (image, try Tensor.stack(joints.map { errors[$0] ?? unknown }, axis: 1))
  }
}
