import Formats

/// A checkpoint's own way from a picture of any size to the pixels and numbers its model takes.
///
/// Under ``Profile/native`` an image already at the input size is passed as it is, whatever the recipe: its pixels reach the model
/// exactly. As JSON (`JSONEncoder` with `.sortedKeys`) it is recorded in every file made with it.
public struct Preprocessing: Codable, Sendable, Equatable {
  /// How the picture is resized before it is cropped. Sizes are in pixels.
  public enum Resize: Codable, Sendable, Equatable {
    /// Not at all.
    case keep
    /// To this size, whatever its shape.
    case stretch(width: Int, height: Int)
    /// Shorter side to `side`, the longer to the whole part of its share (torchvision's and transformers' rule).
    case shorterSide(side: Int)
    /// Shorter side to `side`, or less where the longer would exceed `longest` (DETR's rule).
    case shorterSideAtMost(side: Int, longest: Int)
    /// As large as to cover this size, keeping its shape, rounded to the nearest pixel (timm's `ResizeKeepRatio`).
    case cover(width: Int, height: Int)
    /// As large as to fit this size, keeping its shape, rounded to the nearest pixel (timm's crop mode `border`).
    case fit(width: Int, height: Int)
    /// As large as to fit this size, keeping its shape, whole parts (transformers' `max_height` and `max_width`).
    case fitWhole(width: Int, height: Int)
  }

  /// A crop from the centre; where the image is smaller it is padded on both sides first.
  public struct Crop: Codable, Sendable, Equatable {
    /// What becomes of half a pixel of margin.
    public enum Margin: String, Codable, Sendable {
      /// To the even neighbour: torchvision and timm.
      case rounded
      /// Down: transformers.
      case floored
    }

    public var width: Int
    public var height: Int
    public var margin: Margin
    /// Red, green and blue of the padding, 0 to 255.
    public var fill: [UInt8]

    public init(width: Int, height: Int, margin: Margin, fill: [UInt8] = [0, 0, 0]) {
      self.width = width
      self.height = height
      self.margin = margin
      self.fill = fill
    }
  }

  /// Which recipe is followed.
  public enum Profile: String, Codable, Sendable, CaseIterable {
    /// The checkpoint's, but for images that have the input size already, which are passed as they are.
    case native
    /// The checkpoint's for images of every size, as its library follows it.
    case exact
    /// The stretch of the paper's code.
    case paper
  }

  /// Where the recipe comes from, such as `timm pretrained_cfg` or `transformers DetrImageProcessor`.
  public var source: String
  public var profile: Profile
  public var resize: Resize
  public var interpolation: Interpolation
  /// Whose rounding the resize follows: timm and the paper's code resize with Pillow, transformers with PyTorch.
  public var arithmetic: PixelImage.Arithmetic
  public var crop: Crop?
  /// Whether images of a batch are padded on the right and below to the largest, with a mask (DETR at its native size).
  public var pad: Bool
  /// What a pixel of 0 to 255 is multiplied by first; 1 where the recipe does not rescale.
  public var rescaleFactor: Double
  /// Subtracted from red, green and blue after that; 0 where the recipe does not normalise.
  public var mean: [Double]
  /// Divided by after that; 1 where the recipe does not normalise.
  public var std: [Double]
  /// Whether the checkpoint says that it takes no other input size (timm's `fixed_input_size`).
  public var fixedInputSize: Bool
  /// timm's `crop_pct`, from which another input size gets its geometry; nil for other recipes.
  public internal(set) var cropFraction: Double?
  /// timm's `crop_mode`; nil for other recipes.
  public internal(set) var cropMode: String?

  public init(
    source: String, profile: Profile = .native, resize: Resize, interpolation: Interpolation,
    arithmetic: PixelImage.Arithmetic = .pillow, crop: Crop? = nil, pad: Bool = false, rescaleFactor: Double = 1 / 255,
    mean: [Double],
    std: [Double], fixedInputSize: Bool = false
  ) {
    self.source = source
    self.profile = profile
    self.resize = resize
    self.interpolation = interpolation
    self.arithmetic = arithmetic
    self.crop = crop
    self.pad = pad
    self.rescaleFactor = rescaleFactor
    self.mean = mean
    self.std = std
    self.fixedInputSize = fixedInputSize
    cropFraction = nil
    cropMode = nil
  }

  public static let imageNetMean = [0.485, 0.456, 0.406]
  public static let imageNetStd = [0.229, 0.224, 0.225]

  /// The size every image comes out at; nil where it depends on the image.
  public var inputSize: ImageSize? {
    if let crop { return ImageSize(height: crop.height, width: crop.width) }
    if case .stretch(let width, let height) = resize { return ImageSize(height: height, width: width) }
    return nil
  }
}

extension Preprocessing {
  /// Whether the numbers are such as an image can be prepared by, which a recipe read from a file need not have.
  package var isPossible: Bool {
    let sides: [Int] =
      switch resize {
      case .keep: []
      case .stretch(let width, let height), .cover(let width, let height), .fit(let width, let height),
        .fitWhole(let width, let height):
        [width, height]
      case .shorterSide(let side): [side]
      case .shorterSideAtMost(let side, let longest): [side, longest]
      }
    let crops = crop.map { [$0.width, $0.height] } ?? []
    return (sides + crops).allSatisfy { (1...1 << 22).contains($0) } && crop?.fill.count ?? 3 == 3
      && mean.count == 3 && std.count == 3 && !std.contains(0) && (mean + std + [rescaleFactor]).allSatisfy(\.isFinite)
  }
}
