import Results

/// What the metrics of two images are computed from.
extension QualityMetric {
  /// What a metric is made of.
  public enum Origin: Sendable {
    /// The two images alone.
    case pixels
    /// The features of a network that is given for it, see `PerceptualDistance`.
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
