import Formats

extension Preprocessing {
  /// What `--size` asks for.
  public enum InputSize: Sendable, Equatable {
    /// The checkpoint's own; 640x480 for a detector that fixes none.
    case checkpoint
    /// The checkpoint's own rule, also where it gives every image another size (DETR).
    case native
    /// This size.
    case fixed(ImageSize)

    /// Reads `WxH`, such as `640x480`, or `native`.
    ///
    /// - Throws: `ImagingError` for anything else.
    public init(parsing text: String) throws {
      if text == "native" {
        self = .native
        return
      }
      guard let size = ImageSize(text) else {
        throw ImagingError(
          reason:
            "size '\(text)': expected width and height in pixels as in 640x480 (1 to \(ImageSize.longestSide)), or native"
        )
      }
      self = .fixed(size)
    }
  }

  /// What detectors take where neither the checkpoint nor the user fixes a size.
  public static let detectorSize = ImageSize(height: 480, width: 640)

  /// The recipe under a profile at an input size.
  ///
  /// `.paper` stretches to the input size without a crop, bilinear, with the checkpoint's own mean and deviation. Another
  /// size under `.native` changes the geometry as the checkpoint's library would: timm keeps its crop fraction, a
  /// transformers recipe that crops keeps the ratio of what it resizes to and what it crops.
  ///
  /// - Throws: `ImagingError` where the recipe gives images no common size and none is asked for.
  public func resolved(profile: Profile = .native, size: InputSize = .checkpoint) throws -> Preprocessing {
    var recipe = self
    recipe.profile = profile
    switch size {
    case .fixed(let size):
      recipe.setInputSize(size)
    case .checkpoint where inputSize == nil:
      guard case .shorterSideAtMost = resize else {
        throw ImagingError(reason: "\(source) gives images no common size; say which with --size WxH")
      }
      recipe.setInputSize(Preprocessing.detectorSize)
    case .native where profile == .paper && inputSize == nil:
      throw ImagingError(reason: "the paper's profile needs one size for all images; give --size WxH instead of native")
    case .checkpoint, .native:
      break
    }
    if profile == .paper, let size = recipe.inputSize {
      recipe.resize = .stretch(width: size.width, height: size.height)
      recipe.interpolation = .bilinear
      recipe.arithmetic = .pillow
      recipe.crop = nil
      recipe.pad = false
    }
    return recipe
  }

  private mutating func setInputSize(_ size: ImageSize) {
    let (height, width) = (size.height, size.width)
    if let cropFraction {
      setTimmGeometry(width: width, height: height, fraction: cropFraction, mode: cropMode ?? "center")
      return
    }
    guard let crop else {
      resize = .stretch(width: width, height: height)
      pad = false
      return
    }
    switch resize {
    case .stretch(let oldWidth, let oldHeight):
      resize = .stretch(width: oldWidth * width / crop.width, height: oldHeight * height / crop.height)
    case .shorterSide(let side):
      let scaledWidth = side * width / crop.width
      let scaledHeight = side * height / crop.height
      resize =
        scaledWidth == scaledHeight
        ? .shorterSide(side: scaledWidth) : .cover(width: scaledWidth, height: scaledHeight)
    default: break
    }
    self.crop = Crop(width: width, height: height, margin: crop.margin, fill: crop.fill)
  }
}
