import Backbones
import Formats
import Foundation
import Inversion
import NeuralNet
import TestFamily
import TestSupport
import Testing
import Torch

/// What the losses of modules measure, against matrices that are worked out here in another way.
@Suite(.serialized)
struct ErrorMetricTests {
  private static let image = ImageSize(side: 16)
  /// 4 × 4 tokens of 8 channels, each over 4 × 4 pixels.
  private let target = Tap(name: "embed", tokens: 16, channels: 8, grid: ImageSize(side: 4))
  private let activations: Tensor
  /// From a token to the 48 numbers of its cell.
  private let map: Tensor
  private let context: InverseContext

  init() throws {
    let generator = try Generator(seed: 3)
    let mixing = try Tensor.randomNormal([8, 8], generator: generator)
    activations = try Tensor.randomNormal([40, 16, 8], generator: generator).matmul(mixing) + 1.5
    map = try Tensor.randomNormal([8, 48], generator: generator)
    context = try InverseContext(
      backbone: PatchMixer(.init()), height: 16, width: 16,
      scale: PixelScale(rescaleFactor: 1, mean: [0, 0, 0], deviation: [1, 1, 1]), isTraining: false)
  }

  /// The metric after it saw all activations with images that are a linear map of them.
  private func metric(leadsToImage: Bool, featureShare: Double = 0) throws -> ErrorMetric {
    let metric = ErrorMetric(
      leadsToImage: leadsToImage, target: target, image: Self.image, featureShare: featureShare, ridge: 0)
    try metric.drawParameters(Generator(seed: 4))
    let pixels = try CellLayout(source: target, target: nil, image: Self.image).goal(
      of: activations.matmul(map), prefix: nil)
    for start in stride(from: 0, to: 40, by: 10) {
      let rows = start..<start + 10
      for role in [ObservationRole.training, .validation] {
        try metric.observe(
          activations.slice(0, rows), pixels: pixels.slice(0, rows), role: role, context: context)
      }
    }
    try metric.solve()
    return metric
  }

  /// Activations without the mean of each position, as rows in double precision.
  private var centered: Tensor {
    get throws { try (activations - activations.mean([0])).reshaped(-1, 8).to(.float64) }
  }

  private var errors: Tensor {
    get throws { try Tensor.randomNormal([3, 16, 8], generator: Generator(seed: 5)) }
  }

  private func loss(_ metric: ErrorMetric) throws -> Double {
    let goal = try activations.slice(0, 0..<3)
    return try metric(goal + errors, goal: goal, context: context).item()
  }

  @Test(arguments: [0, 0.1, 1])
  func theLossByTheImageIsTheErrorThatFollowsThere(share: Double) throws {
    func squares(_ rows: Tensor) throws -> Double { try (rows * rows).sum().item() / Double(rows.extent(0)) }
    let (rows, own, map) = (try errors.reshaped(-1, 8).to(.float64), try centered, try map.to(.float64))
    let expected =
      try (1 - share) * squares(rows.matmul(map)) / squares(own.matmul(map)) + share * squares(rows) / squares(own)
    let found = try loss(metric(leadsToImage: true, featureShare: share))
    #expect(abs(found - expected) < 1e-4 * expected, "\(found), \(expected)")
  }

  @Test func whitenedErrorsCountByTheInverseCovariance() throws {
    let (rows, own) = (try errors.reshaped(-1, 8).to(.float64), try centered)
    let covariance = try own.transposed(0, 1).matmul(own) / Double(own.extent(0))
    let identity = try Tensor.eye(8, dtype: .float64)
    let trace = try (covariance * identity).sum().item()
    let inverse = try (covariance + identity * (1e-3 * trace / 8)).pseudoInverse(tolerance: 1e-12)
    let expected =
      try (rows.matmul(inverse) * rows).sum().item() / Double(rows.extent(0)) / (inverse * covariance).sum().item()
    let found = try loss(metric(leadsToImage: false))
    #expect(abs(found - expected) < 1e-4 * expected, "\(found), \(expected)")
  }

  /// A module that gives the mean of every position has a loss of 1, by each.
  @Test(arguments: [true, false]) func theMeanHasALossOfOne(leadsToImage: Bool) throws {
    let metric = try metric(leadsToImage: leadsToImage, featureShare: 0.3)
    let mean = try activations.mean([0], keepingAxes: true).expanded([40, 16, 8])
    #expect(abs(try metric(mean, goal: activations, context: context).item() - 1) < 1e-4)
  }

  /// The covariance of what a map leaves out, from sums alone, is that of the residuals themselves.
  @Test func theCovarianceOfErrorsIsThatOfTheResiduals() throws {
    let generator = try Generator(seed: 6)
    let rows = try Tensor.randomNormal([30, 4, 5], generator: generator) + 2
    // Cells of two tokens of three channels.
    let noise = try Tensor.randomNormal([30, 4, 6], generator: generator)
    let cells = try rows.matmul(Tensor.randomNormal([5, 6], generator: generator)) + noise * 0.3
    let moments = try RidgeMoments(
      origin: RidgeMoments.origin(rows.slice(0, 0..<10), cells.slice(0, 0..<10)), channels: 3)
    for start in [0, 10, 20] {
      try moments.add(rows.slice(0, start..<start + 10), cells.slice(0, start..<start + 10), validity: nil)
    }
    let solution = try RidgeSolution(moments, validation: moments, ridge: 0.05)
    let given = try rows.to(.float64).matmul(solution.weight) + solution.intercept
    let residuals = try (cells.to(.float64) - given).reshaped(-1, 3)
    let expected = try residuals.transposed(0, 1).matmul(residuals) / Double(residuals.extent(0))
    let found = try #require(try moments.errorCovariance(of: solution))
    #expect(try relativeError(found, expected) < 1e-9)
  }
}
