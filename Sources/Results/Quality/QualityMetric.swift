/// The metrics of `quality.csv`: the raw values are their keys.
public enum QualityMetric: String, CaseIterable, Sendable, MetricKey {
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

  public var definition: MetricDefinition {
    switch self {
    case .mse:
      MetricDefinition(
        rawValue, title: "MSE", better: .low, digits: 4, definition: "Mean squared error of pixels in 0 … 1.")
    case .mae:
      MetricDefinition(
        rawValue, title: "MAE", better: .low, digits: 4, definition: "Mean absolute error of pixels in 0 … 1.")
    case .psnr:
      MetricDefinition(
        rawValue, title: "PSNR", unit: "dB", better: .high, digits: 2,
        definition: "Peak signal-to-noise ratio, −10 log₁₀ of the MSE of each image, mean over images.")
    case .ssim:
      MetricDefinition(
        rawValue, title: "SSIM", better: .high, range: 0...1,
        definition: "Structural similarity with a Gaussian window of 11×11 pixels, mean over the channels.",
        reference: "Wang, Bovik, Sheikh and Simoncelli, IEEE TIP 2004")
    case .multiScaleSSIM:
      MetricDefinition(
        rawValue, title: "MS-SSIM", better: .high, range: 0...1, definition: "Structural similarity over five scales.",
        reference: "Wang, Simoncelli and Bovik, Asilomar 2003")
    case .gmsd:
      MetricDefinition(
        rawValue, title: "GMSD", better: .low,
        definition: "Standard deviation over the image of the similarity of gradient magnitudes.",
        reference: "Xue, Zhang, Mou and Bovik, IEEE TIP 2014")
    case .haarpsi:
      MetricDefinition(
        rawValue, title: "HaarPSI", better: .high, range: 0...1,
        definition: "Perceptual similarity from the coefficients of a Haar wavelet.",
        reference: "Reisenhofer, Bosse, Kutyniok and Wiegand, Signal Processing: Image Communication 2018")
    case .ciede2000:
      MetricDefinition(
        rawValue, title: "CIEDE2000", unit: "ΔE₀₀", better: .low, digits: 2,
        definition: "Mean colour difference over the pixels.",
        reference: "Luo, Cui and Rigg, Color Research & Application 2001")
    case .lpips:
      MetricDefinition(
        rawValue, title: "LPIPS (AlexNet)", better: .low,
        definition: "Learned perceptual distance between the features of AlexNet.", reference: Self.perceptual)
    case .lpipsVGG:
      MetricDefinition(
        rawValue, title: "LPIPS (VGG16)", better: .low,
        definition: "Learned perceptual distance between the features of VGG16.", reference: Self.perceptual)
    case .top1Agreement:
      MetricDefinition(
        rawValue, title: "Top-1 agreement", better: .high, range: 0...1,
        definition: "Share of images whose reconstruction the model gives the class that it gives the input.")
    case .featureCosine:
      MetricDefinition(
        rawValue, title: "Feature cosine", better: .high, range: 0...1,
        definition:
          "Cosine of the model's activations for reconstruction and input, at the tap the reconstruction is from.")
    case .boxAgreement:
      MetricDefinition(
        rawValue, title: "Box and class agreement", axis: "Box agreement", better: .high, range: 0...1,
        definition:
          "Overlap of the objects that a detector finds in reconstruction and input, paired by box and class.",
        reference: Self.pairing)
    case .boxIoU:
      MetricDefinition(
        rawValue, title: "Box IoU", better: .high, range: 0...1, definition: "The same, paired by boxes alone.",
        reference: Self.pairing)
    case .boxClassAgreement:
      MetricDefinition(
        rawValue, title: "Class agreement of boxes", axis: "Class agreement", better: .high, range: 0...1,
        definition: "Share of pairs of boxes that overlap by at least one half whose classes are equal.",
        reference: Self.pairing)
    }
  }

  private static let perceptual = "Zhang, Isola, Efros, Shechtman and Wang, CVPR 2018"
  private static let pairing = "pairing: Kuhn 1955; Jonker and Volgenant 1987"
}

/// What else `quality.csv` says of the PSNR of all images, beside its mean: the raw values are the keys.
public enum PeakSignalSummary: String, CaseIterable, Sendable, MetricKey {
  case ofMean = "psnr_of_mean"
  case median = "psnr_median"

  public var definition: MetricDefinition {
    switch self {
    case .ofMean:
      MetricDefinition(
        rawValue, title: "PSNR of the mean error", unit: "dB", axis: "PSNR of mean (dB)", better: .high, digits: 2,
        definition: "−10 log₁₀ of the mean over images of the MSE: one image that comes back exactly does not lift it.")
    case .median:
      MetricDefinition(
        rawValue, title: "Median PSNR", unit: "dB", better: .high, digits: 2,
        definition: "Median over images of the PSNR of each.")
    }
  }
}
