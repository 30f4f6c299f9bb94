import Torch

/// What a model makes of one reconstruction, held against what it makes of the input; nil where it makes none of it, not a number
/// where what it makes is not finite.
struct Observation {
  var top1Agreement: Double?
  var featureCosine: Double?
  var boxes: BoxAgreement?

  subscript(metric: Quality.Metric) -> Double? {
    switch metric {
    case .top1Agreement: top1Agreement
    case .featureCosine: featureCosine
    case .boxAgreement: boxes?.agreement
    case .boxIoU: boxes?.overlap
    case .boxClassAgreement: boxes?.classAgreement
    default: nil
    }
  }
}

/// What the model makes of reconstructions, compared with what it makes of the inputs.
struct ModelComparison {
  private let model: any ObservingModel
  /// Images that go through the model at once.
  static let batch = 8

  private let wantsClass: Bool
  private let wantsFeatures: Bool
  private let detectionTaps: (scores: String, boxes: String)?
  private let confidence: Double

  /// nil where no metric needs the model, or there is none.
  init?(_ model: (any ObservingModel)?, _ settings: Quality.Settings) {
    guard let model, settings.metrics.contains(where: { $0.origin == .model }) else { return nil }
    self.model = model
    confidence = settings.confidence
    wantsClass = settings.metrics.contains(.top1Agreement) && model.classTap != nil
    wantsFeatures = settings.metrics.contains(.featureCosine)
    let wantsBoxes = settings.metrics.contains { [.boxAgreement, .boxIoU, .boxClassAgreement].contains($0) }
    detectionTaps = wantsBoxes ? model.detectionTaps : nil
  }

  /// Whether a metric has values at a tap.
  func has(_ metric: Quality.Metric, tap: String) -> Bool {
    switch metric {
    case .top1Agreement: wantsClass
    case .featureCosine: wantsFeatures && model.taps.contains(tap)
    default: detectionTaps != nil
    }
  }

  /// Values of a batch of images at every tap, `[tap][image]`.
  ///
  /// - Parameters:
  ///   - inputs: `[B, H, W, 3]` bytes.
  ///   - reconstructions: the same for each tap.
  func compare(
    inputs: Tensor, reconstructions: [(tap: String, pixels: Tensor)], rows: [Int]
  ) throws -> [[Observation]] {
    let ownTaps = reconstructions.map(\.tap).filter { has(.featureCosine, tap: $0) }
    var always = wantsClass ? model.classTap.map { [$0] } ?? [] : []
    if let detectionTaps { always += [detectionTaps.scores, detectionTaps.boxes] }
    guard !(ownTaps + always).isEmpty else { return reconstructions.map { _ in rows.map { _ in Observation() } } }
    let seen = try model.features(of: inputs, rows: rows, taps: Set(ownTaps + always))
    let classes = try topClasses(seen)
    let found = try detections(seen)
    return try reconstructions.map { tap, pixels in
      let own = has(.featureCosine, tap: tap) ? [tap] : []
      guard !(own + always).isEmpty else { return rows.map { _ in Observation() } }
      let shown = try model.features(of: pixels, rows: rows, taps: Set(own + always))
      let named = try topClasses(shown)
      let foundAgain = try detections(shown)
      var cosines = [Double?](repeating: nil, count: rows.count)
      if let first = own.first.flatMap({ seen[$0] }), let second = own.first.flatMap({ shown[$0] }) {
        cosines = try self.cosines(first, second)
      }
      return rows.indices.map { image in
        var observation = Observation(featureCosine: cosines[image])
        if let classes, let named {
          observation.top1Agreement = ModelComparison.agreement(classes[image], named[image])
        }
        if let found, let foundAgain {
          observation.boxes =
            if let again = foundAgain[image], let first = found[image] { BoxAgreement(again, first) } else { .unknown }
        }
        return observation
      }
    }
  }

  /// 1 where two classes are the same, else 0; not a number where one is not known.
  private static func agreement(_ first: Int?, _ second: Int?) -> Double {
    guard let first, let second else { return .nan }
    return first == second ? 1 : 0
  }

  /// The class of each image with the highest score, the first of equal ones, nil where a score is not finite; nil where none are
  /// wanted.
  private func topClasses(_ features: [String: Tensor]) throws -> [Int?]? {
    guard wantsClass, let logits = model.classTap.flatMap({ features[$0] }) else { return nil }
    let images = logits.shape[0]
    let scores: [Float] = try logits.reshaped(images, -1).contiguous().values()
    let classes = scores.count / images
    return (0..<images).map { image in
      let own = scores[image * classes..<(image + 1) * classes]
      guard own.allSatisfy(\.isFinite) else { return nil }
      return own.indices.reduce(own.startIndex) { scores[$1] > scores[$0] ? $1 : $0 } - own.startIndex
    }
  }

  /// What is found in each image, nil where a score or box is not finite; nil where it is not wanted.
  private func detections(_ features: [String: Tensor]) throws -> [[Detection]?]? {
    guard let taps = detectionTaps, let scores = features[taps.scores], let boxes = features[taps.boxes] else {
      return nil
    }
    return try Detection.found(scores: scores, boxes: boxes, confidence: confidence)
  }

  /// Cosine of all activations of an image as one vector, in double precision; nil where one is all zeros, not a number where
  /// one is not finite.
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
      guard own.isFinite, other.isFinite else { return .nan }
      guard own > 0, other > 0 else { return nil }
      return max(-1, min(1, product / (own.squareRoot() * other.squareRoot())))
    }
  }
}
