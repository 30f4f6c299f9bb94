import Activations
import Formats
import Torch

/// A store whose reconstructions are measured.
public struct QualityStore {
  public let name: String
  public let store: FeatureStore
  /// Height and width of what an input shows, the rest of it at the right and below being padding; nil where there is none.
  public let validSize: (@Sendable (_ row: Int) -> ImageSize?)?
  /// The model of the store, for the metrics that need it.
  public let model: (any ObservingModel)?
  /// The networks of the metrics that need one.
  public let networks: [Quality.Metric: any PerceptualDistance]

  public init(
    name: String, store: FeatureStore, validSize: (@Sendable (_ row: Int) -> ImageSize?)? = nil,
    model: (any ObservingModel)? = nil, networks: [Quality.Metric: any PerceptualDistance] = [:]
  ) {
    self.name = name
    self.store = store
    self.validSize = validSize
    self.model = model
    self.networks = networks
  }
}

/// A network by whose features pictures are compared, as LPIPS does.
public protocol PerceptualDistance: AnyObject {
  /// Pictures with a shorter side have no value.
  var leastSide: Int { get }
  /// How many pictures go through at once.
  func batch(height: Int, width: Int) -> Int
  /// What pictures, `[B, H, W, 3]` bytes, are compared by.
  func features(of pixels: Tensor) throws -> [Tensor]
  /// The distance of each picture, `[B, H, W, 3]` bytes, to the one whose features those are.
  func distances(of pixels: Tensor, to features: [Tensor]) throws -> [Double]
}

/// A frozen model that can be shown pixels.
public protocol ObservingModel: AnyObject {
  /// Names of the taps that can be read.
  var taps: Set<String> { get }
  /// The tap with a score for each class, `[B, 1, classes]`; nil where the model does not name one class for an image.
  var classTap: String? { get }
  /// The taps with scores for each class and "no object", `[B, Q, classes + 1]`, and with boxes, `[B, Q, 4]`, of a detector's
  /// queries; nil for other models.
  var detectionTaps: (scores: String, boxes: String)? { get }

  /// Activations `[B, T, C]` of some taps, in float32 on the CPU.
  ///
  /// - Parameters:
  ///   - pixels: `[B, H, W, 3]` bytes, before normalisation.
  ///   - rows: the rows of the store they stand for, from which padding follows.
  func features(of pixels: Tensor, rows: [Int], taps: Set<String>) throws -> [String: Tensor]
}

extension ObservingModel {
  public var detectionTaps: (scores: String, boxes: String)? { nil }
}
