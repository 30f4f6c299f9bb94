import Formats

extension Preprocessing {
  /// What is done to an image of one size: resized to `resized`, padded by `padding` with `fill`, cropped to `crop`.
  struct Geometry: Equatable {
    var resized: ImageSize
    var padding: (left: Int, top: Int, right: Int, bottom: Int) = (0, 0, 0, 0)
    /// In the padded image.
    var crop: PixelImage.Region
    var fill: [UInt8] = [0, 0, 0]

    static func == (first: Geometry, second: Geometry) -> Bool {
      first.resized == second.resized && first.padding == second.padding && first.crop == second.crop
        && first.fill == second.fill
    }

    init(keeping size: ImageSize) {
      resized = size
      crop = PixelImage.Region(left: 0, top: 0, width: size.width, height: size.height)
    }
  }

  /// The size an image of this size comes out at, before a batch is padded.
  ///
  /// - Throws: `ImagingError` where the recipe leaves no pixel of it or makes it too large.
  public func outputSize(of size: ImageSize) throws -> ImageSize {
    let geometry = try geometry(of: size)
    return ImageSize(height: geometry.crop.height, width: geometry.crop.width)
  }

  /// The pixels the model sees of an image, 8 bits, before normalisation and before padding to a batch's largest.
  ///
  /// - Throws: `ImagingError` where the recipe leaves no pixel of the image or makes it too large.
  public func apply(to image: PixelImage) throws -> PixelImage {
    let geometry = try geometry(of: image.size)
    let resized = image.resized(
      width: geometry.resized.width, height: geometry.resized.height, interpolation: interpolation,
      window: geometry.window, arithmetic: arithmetic)
    return resized.placed(
      left: geometry.inset.left, top: geometry.inset.top, width: geometry.crop.width, height: geometry.crop.height,
      fill: geometry.fill)
  }

  /// A mask of the image taken the same way: resized by area (inside where at least half of a pixel is), cropped alike, outside
  /// where padding is.
  public func apply(to mask: Mask) throws -> Mask {
    let geometry = try geometry(of: mask.size)
    let isSame = geometry.resized == mask.size
    let whole = PixelImage.Region(left: 0, top: 0, width: mask.width, height: mask.height)
    if isSame && geometry.window == whole && geometry.crop == whole { return mask }
    return mask.resized(width: geometry.resized.width, height: geometry.resized.height, window: geometry.window)
      .placed(
        left: geometry.inset.left, top: geometry.inset.top, width: geometry.crop.width, height: geometry.crop.height)
  }

  /// Whether an image of this size is passed as it is although the recipe would resize or crop it.
  public func passes(_ size: ImageSize) -> Bool {
    guard profile == .native, size == inputSize else { return false }
    var exact = self
    exact.profile = .exact
    guard let geometry = try? exact.geometry(of: size) else { return true }
    return geometry != Geometry(keeping: size)
  }

  func geometry(of size: ImageSize) throws -> Geometry {
    var geometry = Geometry(keeping: size)
    if size == inputSize, profile != .exact { return geometry }
    let resized = resizedSize(of: size)
    guard resized.width > 0, resized.height > 0 else {
      throw ImagingError(reason: "an image of \(size) is too narrow: resized to \(resized) nothing is left")
    }
    guard resized.width < 1 << 31, resized.height < 1 << 31,
      resized.width * resized.height <= ImageHeader.largestPixelCount
    else {
      throw ImagingError(reason: "an image of \(size) is too narrow: it would be resized to \(resized)")
    }
    geometry.resized = resized
    geometry.crop = PixelImage.Region(left: 0, top: 0, width: resized.width, height: resized.height)
    guard let crop else { return geometry }
    let lackingWidth = max(crop.width - resized.width, 0)
    let lackingHeight = max(crop.height - resized.height, 0)
    geometry.padding = (lackingWidth / 2, lackingHeight / 2, (lackingWidth + 1) / 2, (lackingHeight + 1) / 2)
    geometry.fill = crop.fill
    geometry.crop = PixelImage.Region(
      left: crop.margin.half(of: resized.width + lackingWidth - crop.width),
      top: crop.margin.half(of: resized.height + lackingHeight - crop.height), width: crop.width, height: crop.height)
    return geometry
  }

  /// The size the picture is resized to.
  private func resizedSize(of size: ImageSize) -> ImageSize {
    let (height, width) = (size.height, size.width)
    switch resize {
    case .keep: return size
    case .stretch(let newWidth, let newHeight): return ImageSize(height: newHeight, width: newWidth)
    case .shorterSide(let side):
      let long = Int(Double(side * max(width, height)) / Double(min(width, height)))
      return width <= height ? ImageSize(height: long, width: side) : ImageSize(height: side, width: long)
    case .shorterSideAtMost(let side, let longest):
      return Preprocessing.bounded(size, side: side, longest: longest)
    case .cover(let newWidth, let newHeight), .fit(let newWidth, let newHeight):
      let (across, down) = (Double(width) / Double(newWidth), Double(height) / Double(newHeight))
      var ratio = min(across, down)
      if case .fit = resize { ratio = max(across, down) }
      return ImageSize(
        height: Int((Double(height) / ratio).rounded(.toNearestOrEven)),
        width: Int((Double(width) / ratio).rounded(.toNearestOrEven)))
    case .fitWhole(let newWidth, let newHeight):
      let ratio = min(Double(newHeight) / Double(height), Double(newWidth) / Double(width))
      return ImageSize(height: Int(Double(height) * ratio), width: Int(Double(width) * ratio))
    }
  }

  /// transformers' `get_size_with_aspect_ratio`.
  private static func bounded(_ size: ImageSize, side: Int, longest: Int) -> ImageSize {
    let (height, width) = (size.height, size.width)
    let (short, long) = (Double(min(width, height)), Double(max(width, height)))
    var side = side
    var exact = Double(side)
    if long / short * Double(side) > Double(longest) {
      exact = Double(longest) * short / long
      side = Int(exact.rounded(.toNearestOrEven))
    }
    if min(width, height) == side { return size }
    return width < height
      ? ImageSize(height: Int(exact * Double(height) / Double(width)), width: side)
      : ImageSize(height: side, width: Int(exact * Double(width) / Double(height)))
  }
}

extension Preprocessing.Geometry {
  /// The part of the resized image that is left after the crop.
  var window: PixelImage.Region {
    let left = max(crop.left - padding.left, 0)
    let top = max(crop.top - padding.top, 0)
    let right = min(crop.left + crop.width - padding.left, resized.width)
    let bottom = min(crop.top + crop.height - padding.top, resized.height)
    return PixelImage.Region(left: left, top: top, width: right - left, height: bottom - top)
  }

  /// Where that part stands in the result.
  var inset: (left: Int, top: Int) { (max(padding.left - crop.left, 0), max(padding.top - crop.top, 0)) }
}

extension Preprocessing.Crop.Margin {
  func half(of margin: Int) -> Int {
    switch self {
    case .floored: margin / 2
    case .rounded: Int((Double(margin) / 2).rounded(.toNearestOrEven))
    }
  }
}

extension PixelImage {
  /// The image on a canvas of `fill`, its upper left corner at (`left`, `top`).
  ///
  /// - Precondition: the canvas holds the image.
  public func placed(left: Int, top: Int, width newWidth: Int, height newHeight: Int, fill: [UInt8]) -> PixelImage {
    precondition(
      left >= 0 && top >= 0 && left + width <= newWidth && top + height <= newHeight, "the canvas holds the image")
    precondition(fill.count == 3, "fill is red, green and blue")
    if newWidth == width && newHeight == height { return self }
    var canvas = [UInt8](repeating: 0, count: newWidth * newHeight * 3)
    if fill != [0, 0, 0] {
      for index in canvas.indices { canvas[index] = fill[index % 3] }
    }
    for row in 0..<height {
      let start = ((top + row) * newWidth + left) * 3
      canvas.replaceSubrange(start..<start + width * 3, with: pixels[row * width * 3..<(row + 1) * width * 3])
    }
    return PixelImage(width: newWidth, height: newHeight, pixels: canvas)
  }

  /// Images padded with black on the right and below to the largest width and height among them, as the processor of DETR pads
  /// a batch, with the size of each one's own pixels, from which the mask follows.
  ///
  /// - Precondition: there is at least one image.
  public static func padded(_ images: [PixelImage]) -> (
    images: [PixelImage], validSizes: [ImageSize]
  ) {
    let width = images.map(\.width).max() ?? 0
    let height = images.map(\.height).max() ?? 0
    precondition(width > 0, "at least one image is padded")
    return (
      images.map { $0.placed(left: 0, top: 0, width: width, height: height, fill: [0, 0, 0]) },
      images.map(\.size)
    )
  }
}

extension Mask {
  /// The mask on an empty canvas, its upper left corner at (`left`, `top`).
  ///
  /// - Precondition: the canvas holds the mask.
  public func placed(left: Int, top: Int, width newWidth: Int, height newHeight: Int) -> Mask {
    precondition(
      left >= 0 && top >= 0 && left + width <= newWidth && top + height <= newHeight, "the canvas holds the mask")
    if newWidth == width && newHeight == height { return self }
    var canvas = [UInt8](repeating: 0, count: newWidth * newHeight)
    for row in 0..<height {
      let start = (top + row) * newWidth + left
      canvas.replaceSubrange(start..<start + width, with: values[row * width..<(row + 1) * width])
    }
    return Mask(width: newWidth, height: newHeight, values: canvas)
  }
}
