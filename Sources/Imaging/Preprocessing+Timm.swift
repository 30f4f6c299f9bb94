import Formats

extension Preprocessing {
  /// The recipe in timm's `config.json`: its `pretrained_cfg`, or in older files the same keys at the top. Keys that are
  /// absent, null or 0 are timm's defaults (224×224, bicubic, 0.875 of the side, centre, ImageNet's mean and deviation).
  ///
  /// - Parameter bytes: the file, or the `pretrained_cfg` object alone.
  /// - Throws: `ImagingError` naming the key that is malformed.
  public init(timm bytes: [UInt8]) throws {
    let file = try JSONObject(configuration: bytes)
    let fields = try file.object("pretrained_cfg") ?? file
    let size = try fields.numbers("input_size") ?? [3, 224, 224]
    guard size.count == 3, size[0] == 3, size.allSatisfy({ $0 == $0.rounded() && (1...16_384).contains($0) }) else {
      throw fields.unexpected("input_size", "[3, height, width]")
    }
    let input = try Preprocessing.fixedSize(file) ?? ImageSize(height: Int(size[1]), width: Int(size[2]))
    let fraction = try fields.number("crop_pct") ?? 0
    guard fraction == 0 || (0.01...16).contains(fraction) else {
      throw fields.unexpected("crop_pct", "a fraction of the side, 0.01 to 16")
    }
    let mode = try fields.string("crop_mode") ?? ""
    let std = try fields.perChannel("std", zeroIsAbsent: true) ?? Preprocessing.imageNetStd
    guard !std.contains(0) else { throw fields.unexpected("std", "no 0, by which nothing can be divided") }
    self.init(
      source: "timm pretrained_cfg", resize: .keep,
      interpolation: try Preprocessing.timmInterpolation(fields),
      mean: try fields.perChannel("mean", zeroIsAbsent: true) ?? Preprocessing.imageNetMean, std: std,
      fixedInputSize: try fields.flag("fixed_input_size") ?? false)
    setTimmGeometry(width: input.width, height: input.height, fraction: fraction == 0 ? 0.875 : fraction, mode: mode)
  }

  /// The size in `model_args`, which decides where the model takes no other: files of a fine-tuning at another size keep the
  /// `input_size` of the weights that it began with. (timm corrects `pretrained_cfg` so when it loads such a file.)
  private static func fixedSize(_ file: JSONObject) throws -> ImageSize? {
    guard let arguments = try file.object("model_args"), let size = try arguments.size("img_size") else { return nil }
    guard size.shape.allSatisfy((1...ImageSize.longestSide).contains) else {
      throw arguments.unexpected("img_size", "height and width from 1 to 16384")
    }
    let takesOthers =
      try arguments.flag("dynamic_img_size") ?? false || !(arguments.flag("strict_img_size") ?? true)
    return takesOthers ? nil : size
  }

  /// timm's evaluation transform for an input size: the sides over `fraction`, rounded down, then a crop from the centre.
  mutating func setTimmGeometry(width: Int, height: Int, fraction: Double, mode: String) {
    let scaledWidth = Int(saturating: Double(width) / fraction)
    let scaledHeight = Int(saturating: Double(height) / fraction)
    var fill: [UInt8] = [0, 0, 0]
    switch mode {
    case "squash": resize = .stretch(width: scaledWidth, height: scaledHeight)
    case "border":
      resize = .fit(width: scaledWidth, height: scaledHeight)
      fill = mean.map { UInt8(min(max((255 * $0).rounded(.toNearestOrEven), 0), 255)) }
    default:
      // Any other mode is `center`, as in timm.
      resize =
        scaledWidth == scaledHeight
        ? .shorterSide(side: scaledWidth) : .cover(width: scaledWidth, height: scaledHeight)
    }
    crop = Crop(width: width, height: height, margin: .rounded, fill: fill)
    cropFraction = fraction
    cropMode = mode.isEmpty ? "center" : mode
  }

  /// `random` is for training; in evaluation timm takes it as bilinear.
  private static func timmInterpolation(_ fields: JSONObject) throws -> Interpolation {
    let name = try fields.string("interpolation") ?? ""
    switch name {
    case "": return .bicubic
    case "random": return .bilinear
    case "lanczos", "lanczos3": return .lanczos
    default:
      guard let interpolation = Interpolation(rawValue: name) else {
        let names = Interpolation.allCases.map(\.rawValue).joined(separator: ", ")
        throw fields.unexpected("interpolation", "one of \(names)")
      }
      return interpolation
    }
  }
}

extension JSONObject {
  /// Three numbers, one a channel; one number stands for three.
  ///
  /// - Parameter zeroIsAbsent: whether a 0 alone counts as absent, as Python's `or` takes it.
  func perChannel(_ key: String, zeroIsAbsent: Bool = false) throws -> [Double]? {
    guard let value = self[key] else { return nil }
    var channels: [Double] = []
    if case .number(let number) = value {
      if zeroIsAbsent && number == 0 { return nil }
      channels = [number]
    } else {
      channels = try numbers(key) ?? []
      if zeroIsAbsent && channels.isEmpty { return nil }
    }
    guard channels.count == 1 || channels.count == 3 else { throw unexpected(key, "one number or three") }
    return channels.count == 1 ? [channels[0], channels[0], channels[0]] : channels
  }
}

extension JSONObject {
  /// The object of a configuration file; its errors are `ImagingError`s without a path.
  init(configuration bytes: [UInt8]) throws {
    try self.init(parsing: bytes, failure: { ImagingError(reason: $0) })
  }
}
