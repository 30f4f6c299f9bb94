import Activations
import Torch

/// A store whose reconstructions are measured.
public struct QualityStore {
  public let name: String
  public let store: FeatureStore
  /// Height and width of what an input shows, the rest of it at the right and below being padding; nil where there is none.
  public let validSize: (@Sendable (_ row: Int) -> (height: Int, width: Int)?)?
  /// The model of the store, for the metrics that need it.
  public let model: (any ObservingModel)?

  public init(
    name: String, store: FeatureStore, validSize: (@Sendable (_ row: Int) -> (height: Int, width: Int)?)? = nil,
    model: (any ObservingModel)? = nil
  ) {
    self.name = name
    self.store = store
    self.validSize = validSize
    self.model = model
  }
}

/// A frozen model that can be shown pixels.
public protocol ObservingModel: AnyObject {
  /// Names of the taps that can be read.
  var taps: Set<String> { get }
  /// The tap with a score for each class, `[B, 1, classes]`; nil where the model does not name one class for an image.
  var classTap: String? { get }

  /// Activations `[B, T, C]` of some taps, in float32 on the CPU.
  ///
  /// - Parameters:
  ///   - pixels: `[B, H, W, 3]` bytes, before normalisation.
  ///   - rows: the rows of the store they stand for, from which padding follows.
  func features(of pixels: Tensor, rows: [Int], taps: Set<String>) throws -> [String: Tensor]
}

/// What the model makes of reconstructions, compared with what it makes of the inputs.
struct ModelComparison {
  private let model: any ObservingModel
  /// Images that go through the model at once.
  static let batch = 8

  private let wantsClass: Bool
  private let wantsFeatures: Bool

  /// nil where no metric needs the model, or there is none.
  init?(_ model: (any ObservingModel)?, metrics: [Quality.Metric]) {
    guard let model, metrics.contains(where: \.needsModel) else { return nil }
    self.model = model
    wantsClass = metrics.contains(.top1Agreement) && model.classTap != nil
    wantsFeatures = metrics.contains(.featureCosine)
  }

  /// Whether a metric has values at a tap.
  func has(_ metric: Quality.Metric, tap: String) -> Bool {
    metric == .top1Agreement ? wantsClass : wantsFeatures && model.taps.contains(tap)
  }

  /// Values of a batch of images at every tap, `[tap][image]`.
  ///
  /// - Parameters:
  ///   - inputs: `[B, H, W, 3]` bytes.
  ///   - reconstructions: the same for each tap.
  func compare(
    inputs: Tensor, reconstructions: [(tap: String, pixels: Tensor)], rows: [Int]
  ) throws -> [[(agreement: Double?, cosine: Double?)]] {
    let ownTaps = reconstructions.map(\.tap).filter { has(.featureCosine, tap: $0) }
    let classTap = wantsClass ? model.classTap.map { [$0] } ?? [] : []
    guard !(ownTaps + classTap).isEmpty else {
      return reconstructions.map { _ in rows.map { _ in (nil, nil) } }
    }
    let seen = try model.features(of: inputs, rows: rows, taps: Set(ownTaps + classTap))
    let classes = try classTap.first.flatMap { seen[$0] }.map(topClasses)
    return try reconstructions.map { tap, pixels in
      let own = has(.featureCosine, tap: tap) ? [tap] : []
      guard !(own + classTap).isEmpty else { return rows.map { _ in (nil, nil) } }
      let shown = try model.features(of: pixels, rows: rows, taps: Set(own + classTap))
      let named = try classTap.first.flatMap { shown[$0] }.map(topClasses)
      var cosines = [Double?](repeating: nil, count: rows.count)
      if let first = own.first.flatMap({ seen[$0] }), let second = own.first.flatMap({ shown[$0] }) {
        cosines = try self.cosines(first, second)
      }
      return rows.indices.map { image in
        let agreement = classes.flatMap { classes in named.map { classes[image] == $0[image] ? 1.0 : 0 } }
        return (agreement, cosines[image])
      }
    }
  }

  /// The class with the highest score, the first of equal ones.
  private func topClasses(_ logits: Tensor) throws -> [Int] {
    let images = logits.shape[0]
    let scores: [Float] = try logits.reshaped(images, -1).contiguous().values()
    let classes = scores.count / images
    return (0..<images).map { image in
      let own = scores[image * classes..<(image + 1) * classes]
      return own.indices.reduce(own.startIndex) { scores[$1] > scores[$0] ? $1 : $0 } - own.startIndex
    }
  }

  /// Cosine of all activations of an image as one vector, in double precision; nil where one is all zeros.
  private func cosines(_ first: Tensor, _ second: Tensor) throws -> [Double?] {
    let images = first.shape[0]
    let a: [Float] = try first.reshaped(images, -1).contiguous().values()
    let b: [Float] = try second.reshaped(images, -1).contiguous().values()
    let columns = a.count / images
    return (0..<images).map { image in
      var (product, own, other) = (0.0, 0.0, 0.0)
      for place in image * columns..<(image + 1) * columns {
        let (x, y) = (Double(a[place]), Double(b[place]))
        product += x * y
        own += x * x
        other += y * y
      }
      guard own > 0, other > 0 else { return nil }
      return max(-1, min(1, product / (own.squareRoot() * other.squareRoot())))
    }
  }
}
