import Activations
import Formats
import Synchronization

/// What of an image came back: reconstructions of a store against the inputs beside them, for every condition and tap.
///
/// Definitions with their sources: docs/definitions.md.
public enum Quality {
  public enum Metric: String, CaseIterable, Sendable {
    case mse, mae, psnr, ssim
    case multiScaleSSIM = "ms_ssim"
    case gmsd, haarpsi, ciede2000
    /// How far apart the features of AlexNet lie.
    case lpips
    /// How far apart the features of VGG16 lie.
    case lpipsVGG = "lpips_vgg"
    /// Whether the model names the same class when it is shown the reconstruction: 1 or 0 an image.
    case top1Agreement = "top1_agreement"
    /// Cosine between the model's activations for the reconstruction and for the input, at the tap it comes from.
    case featureCosine = "feature_cosine"
    /// How well what a detector finds in the reconstruction agrees with what it finds in the input, by box and class.
    case boxAgreement = "box_agreement"
    /// The same by boxes alone.
    case boxIoU = "box_iou"
    /// Of the boxes that agree, how many have the same class.
    case boxClassAgreement = "box_class_agreement"

    /// What a metric is made of.
    public enum Origin: Sendable {
      /// The two images alone.
      case pixels
      /// The features of a network that is given for it, see ``PerceptualDistance``.
      case network
      /// What the model that made the store makes of both images.
      case model
    }

    public var origin: Origin {
      switch self {
      case .mse, .mae, .psnr, .ssim, .multiScaleSSIM, .gmsd, .haarpsi, .ciede2000: .pixels
      case .lpips, .lpipsVGG: .network
      case .top1Agreement, .featureCosine, .boxAgreement, .boxIoU, .boxClassAgreement: .model
      }
    }

    /// Images whose shorter side has fewer pixels have no value.
    public var leastSide: Int {
      switch self {
      case .ssim: StructuralSimilarity.window
      case .multiScaleSSIM: StructuralSimilarity.leastSideOfFiveScales
      case .haarpsi: HaarSimilarity.leastSide
      default: 1
      }
    }

    /// The value of two images; nil where they are too small, and for what is not made of pixels alone.
    package func value(_ image: RGBPixels, _ reference: RGBPixels) -> Double? {
      switch self {
      case .mse: PixelError.squared(image, reference)
      case .mae: PixelError.absolute(image, reference)
      case .psnr: PixelError.peakSignalToNoise(image, reference)
      case .ssim: StructuralSimilarity.value(image, reference)
      case .multiScaleSSIM: StructuralSimilarity.multiScale(image, reference)
      case .gmsd: GradientSimilarity.deviation(image, reference)
      case .haarpsi: HaarSimilarity.value(image, reference)
      case .ciede2000: ColorDifference.mean(image, reference)
      default: nil
      }
    }
  }

  public struct Settings: Sendable {
    public var metrics: [Metric] = Metric.allCases
    /// What a detector has to give a class, at least, for it to count as found.
    public var confidence = Detection.defaultConfidence
    /// Names of conditions; nil for all that have reconstructions.
    public var conditions: [String]?
    /// Names of taps; nil for all.
    public var taps: [String]?
    /// Replicates of the bootstrap over images; 0 for no intervals.
    public var bootstrap = 1000
    public var interval: IntervalMethod = .percentile
    /// Random flips of signs behind the p-values of differences between stores.
    public var permutations = 9999
    /// How those are raised for their number.
    public var correction: MultipleComparisons = .holm
    public var seed: UInt64 = 0
    /// Use only the first so many images that can be used; nil for all.
    public var limit: Int?
    /// How many images are measured at once.
    public var threads = 2
    /// Bytes of pixels held at once.
    public var memoryLimit = 128 << 20

    public init() {}

    func validate() throws {
      func refuse(_ text: String) -> AnalysisError { AnalysisError(.badInput, text) }
      guard !metrics.isEmpty else {
        throw refuse("no metric is named; expected \(Metric.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      guard bootstrap >= 0 else {
        throw refuse("\(bootstrap) bootstrap replicates are not possible; expected 0 or more")
      }
      guard permutations >= 1 else {
        throw refuse("\(permutations) permutations are too few; expected at least 1")
      }
      guard (0..<1).contains(confidence) else {
        throw refuse("the confidence of a detection is \(confidence); expected 0 or more, and less than 1")
      }
      if let limit, limit < 1 { throw refuse("quality needs at least 1 image, the limit is \(limit)") }
    }
  }

  /// One value: a mean over images.
  public struct Row: Sendable, Equatable {
    public let store: String
    public let condition: String
    public let tap: String
    public let metric: Metric
    public let estimate: MeanEstimate
  }

  /// One value of one image.
  public struct Figure: Sendable, Equatable {
    public let store: String
    public let condition: String
    public let tap: String
    public let path: String
    public let metric: Metric
    public let value: Double

    /// Columns of `quality_images.csv`.
    public static let header = ["store", "condition", "tap", "path", "metric", "value"]

    public var fields: [TidyTable.Field] {
      [.text(store), .text(condition), .text(tap), .text(path), .text(metric.rawValue), .real(value)]
    }
  }

  public struct Result: Sendable {
    /// Stores in the order given, conditions and taps as the store has them, metrics in the order of their type.
    public let rows: [Row]
    /// Between every two stores, in the order given; empty for one store.
    public let differences: [DifferenceRow]
    /// Images measured, of each store.
    public let images: [Int]
    public let leftOut: [LeftOutImage]
    /// One sentence for each thing that a reader of the table should know.
    public let notes: [String]

    /// `quality.csv`.
    public var table: TidyTable {
      var table = TidyTable(header: ["store", "condition", "tap", "metric", "value", "low", "high", "n"])
      for row in rows {
        table.append([
          .text(row.store), .text(row.condition), .text(row.tap), .text(row.metric.rawValue),
          .real(row.estimate.value), .real(row.estimate.low), .real(row.estimate.high), .integer(row.estimate.n),
        ])
      }
      return table
    }
  }
}

extension Quality {
  /// A metric's value of each pair of images in memory, on several threads; nil where they are too small for it, and for
  /// what is not made of pixels alone.
  ///
  /// - Parameter repeated: how many values are wanted; pairs come again and again.
  public static func values(
    of metric: Metric, pairs: [(RGBPixels, RGBPixels)], repeated: Int? = nil, threads: Int
  ) throws -> [Double?] {
    let count = repeated ?? pairs.count
    let results = Mutex([Double?](repeating: nil, count: count))
    try inParallel(count, threads: threads) { place in
      let (image, reference) = pairs[place % pairs.count]
      let value = metric.value(image, reference)
      results.withLock { $0[place] = value }
    }
    return results.withLock { $0 }
  }
}
