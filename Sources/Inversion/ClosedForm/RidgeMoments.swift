import Torch

/// Sums of products of rows and cells, in double precision, from which the least-squares map follows.
///
/// Every row of an image has means of its own, so that the map has an intercept for each position. Everything is counted from
/// the first batch's means, which keeps the sums from losing digits to a large offset.
package final class RidgeMoments {
  /// For each position, how many images show it.
  private(set) var counts: Tensor
  private(set) var inputSums: Tensor
  private(set) var outputSums: Tensor
  private(set) var inputProducts: Tensor
  private(set) var crossProducts: Tensor
  private(set) var outputSquares = 0.0
  /// Products of the outputs' channels, summed over all tokens of all cells, `[channels, channels]`; nil where they are not asked for.
  private let tokenProducts: Tensor?
  /// What is taken off before summing, `[rows, inputs]` and `[rows, outputs]`.
  package let origin: (inputs: Tensor, outputs: Tensor)

  /// - Parameter channels: of a token of the outputs, where ``errorCovariance(of:)`` will be asked for.
  package init(origin: (inputs: Tensor, outputs: Tensor), channels: Int? = nil) throws {
    self.origin = origin
    let (rows, inputs, outputs) = (origin.inputs.extent(0), origin.inputs.extent(1), origin.outputs.extent(1))
    let device = origin.inputs.device
    func zeros(_ shape: [Int]) throws -> Tensor { try Tensor.zeros(shape, dtype: .float64, device: device) }
    counts = try zeros([rows, 1])
    inputSums = try zeros([rows, inputs])
    outputSums = try zeros([rows, outputs])
    inputProducts = try zeros([inputs, inputs])
    crossProducts = try zeros([inputs, outputs])
    tokenProducts = try channels.map { try zeros([$0, $0]) }
  }

  /// The first batch's means, to count from.
  package static func origin(_ rows: Tensor, _ cells: Tensor) throws -> (inputs: Tensor, outputs: Tensor) {
    (try rows.to(.float64).mean([0]), try cells.to(.float64).mean([0]))
  }

  /// - Parameters:
  ///   - rows: `[B, rows, inputs]`; `cells`: `[B, rows, outputs]`.
  ///   - validity: `[B, rows, 1]`, where some rows do not count.
  package func add(_ rows: Tensor, _ cells: Tensor, validity: Tensor?) throws {
    var x = try rows.to(.float64) - origin.inputs
    var y = try cells.to(.float64) - origin.outputs
    if let validity {
      let weight = try validity.to(.float64)
      (x, y) = (try x * weight, try y * weight)
      try counts.add(weight.sum([0]))
    } else {
      try counts.add(Tensor.full([], Double(rows.extent(0)), dtype: .float64, device: rows.device))
    }
    try inputSums.add(x.sum([0]))
    try outputSums.add(y.sum([0]))
    let flat = (try x.reshaped(-1, x.extent(2)), try y.reshaped(-1, y.extent(2)))
    let transposed = try flat.0.transposed(0, 1)
    try inputProducts.addProduct(transposed, flat.0)
    try crossProducts.addProduct(transposed, flat.1)
    outputSquares += try (y * y).sum().item()
    if let tokenProducts {
      let tokens = try y.reshaped(-1, tokenProducts.extent(0))
      try tokenProducts.addProduct(tokens.transposed(0, 1), tokens)
    }
  }

  /// Means of each position, counted from the origin; zero for a position that no image shows.
  func means() throws -> (inputs: Tensor, outputs: Tensor) {
    let counts = try counts.clamped(low: 1)
    return (try inputSums / counts, try outputSums / counts)
  }

  /// The sums of products about given means of each position: of inputs, of inputs with outputs, of outputs' squares.
  func centered(about means: (inputs: Tensor, outputs: Tensor)) throws -> (
    inputs: Tensor, cross: Tensor, squares: Double
  ) {
    let weighted = try means.inputs * counts
    let transposed = (try inputSums.transposed(0, 1), try means.inputs.transposed(0, 1))
    let inputs =
      try inputProducts - transposed.0.matmul(means.inputs) - transposed.1.matmul(inputSums)
      + weighted.transposed(0, 1).matmul(means.inputs)
    let cross =
      try crossProducts - transposed.0.matmul(means.outputs) - transposed.1.matmul(outputSums)
      + weighted.transposed(0, 1).matmul(means.outputs)
    let squares =
      try outputSquares - 2 * (outputSums * means.outputs).sum().item()
      + (means.outputs * means.outputs * counts).sum().item()
    return (inputs, cross, squares)
  }

  /// The covariance `[inputs, inputs]` of the rows about the means of each position.
  package func inputCovariance() throws -> Tensor {
    try centered(about: means()).inputs / max(1, counts.sum().item())
  }

  /// The covariance `[channels, channels]` of what a map leaves out of the outputs' tokens, about the means of each position;
  /// nil where the products were not asked for.
  ///
  /// With Y, X the centred outputs and inputs of a token of a cell and W its columns of the map, the sum over the tokens of
  /// YᵀY − WᵀXᵀY − (WᵀXᵀY)ᵀ + WᵀXᵀXW, divided by their number.
  package func errorCovariance(of solution: RidgeSolution) throws -> Tensor? {
    guard let tokenProducts else { return nil }
    let channels = tokenProducts.extent(0)
    let means = try means()
    let moments = try centered(about: means)
    func tokens(_ matrix: Tensor) throws -> Tensor { try matrix.reshaped(-1, channels) }
    let own = try tokenProducts - tokens(outputSums).transposed(0, 1).matmul(tokens(means.outputs))
    let weight = try tokens(solution.weight).transposed(0, 1)
    let cross = try weight.matmul(tokens(moments.cross))
    let mapped = try weight.matmul(tokens(moments.inputs.matmul(solution.weight)))
    let count = try counts.sum().item() * Double(outputSums.extent(1) / channels)
    return try (own - cross - cross.transposed(0, 1) + mapped) / max(1, count)
  }
}

/// Moments of training and of validation, begun with the first batch.
struct PairedMoments {
  /// Of a token of the outputs, where the covariance of errors is wanted.
  let channels: Int?
  private(set) var training: RidgeMoments?
  private var validation: RidgeMoments?

  init(channels: Int?) { self.channels = channels }

  mutating func add(_ rows: Tensor, _ goals: Tensor, validity: Tensor?, role: ObservationRole) throws {
    let first = try training ?? RidgeMoments(origin: RidgeMoments.origin(rows, goals), channels: channels)
    training = first
    let second = try validation ?? RidgeMoments(origin: first.origin)
    validation = second
    try (role == .training ? first : second).add(rows, goals, validity: validity)
  }

  /// The map with a ridge, or with the one that is best on the validation images where it is nil; nil where nothing was added.
  func solution(ridge: Double?) throws -> RidgeSolution? {
    guard let training, let validation else { return nil }
    return try RidgeSolution(training, validation: validation, ridge: ridge)
  }
}

/// The least-squares map from moments: (Cxx + λ·s·I)⁻¹·Cxy, with s the mean variance of an input, so that λ has no unit.
/// Source: Hoerl and Kennard, "Ridge regression", 1970.
package struct RidgeSolution {
  /// Candidates where the ridge is to be chosen.
  package static let candidates = (-8...2).map { exponent in
    (0..<abs(exponent)).reduce(1.0) { value, _ in
      exponent < 0 ? value / 10 : value * 10
    }
  }

  /// `[inputs, outputs]`
  package let weight: Tensor
  /// `[rows, outputs]`
  package let intercept: Tensor
  package let ridge: Double

  /// - Parameters:
  ///   - ridge: nil chooses the candidate with the smallest squared error on `validation`, the weaker of equal ones.
  package init(_ training: RidgeMoments, validation: RidgeMoments, ridge: Double?) throws {
    let means = try training.means()
    let moments = try training.centered(about: means)
    let (values, vectors) = try moments.inputs.symmetricEigen()
    let eigenvalues = try values.clamped(low: 0).unsqueezed(1)
    // At least a trace of a ridge: directions that never varied have no slope.
    let scale = max(try eigenvalues.mean().item(), 1e-30)
    let rotated = try vectors.transposed(0, 1).matmul(moments.cross)
    func slopes(_ ridge: Double) throws -> Tensor { try rotated / (eigenvalues + max(ridge, 1e-12) * scale) }
    if let ridge {
      self.ridge = ridge
    } else {
      let held = try validation.centered(about: means)
      let cross = try vectors.transposed(0, 1).matmul(held.cross)
      let inputs = try vectors.transposed(0, 1).matmul(held.inputs).matmul(vectors)
      var best = (ridge: RidgeSolution.candidates[0], error: Double.infinity)
      for candidate in RidgeSolution.candidates {
        let slopes = try slopes(candidate)
        let error = try held.squares - 2 * (slopes * cross).sum().item() + (slopes * inputs.matmul(slopes)).sum().item()
        if error < best.error { best = (candidate, error) }
      }
      self.ridge = best.ridge
    }
    weight = try vectors.matmul(slopes(self.ridge))
    let inputs = try training.origin.inputs + means.inputs
    intercept = try training.origin.outputs + means.outputs - inputs.matmul(weight)
  }
}
