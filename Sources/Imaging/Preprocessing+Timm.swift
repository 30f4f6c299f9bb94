import Formats

extension Preprocessing {
  /// The recipe in timm's `config.json`: its `pretrained_cfg`, or in older files the same keys at the top. Keys that are
  /// absent are timm's defaults (224×224, bicubic, 0.875 of the side, centre, ImageNet's mean and deviation); without any
  /// such key it is the default of the architecture's name.
  ///
  /// - Parameter bytes: the file, or the `pretrained_cfg` object alone.
  /// - Throws: `ImagingError` naming the key that is malformed.
  public init(timm bytes: [UInt8]) throws {
    let file = try JSONObject(configuration: bytes)
    let nested = try file.object("pretrained_cfg")
    let fields = nested ?? file
    let known = ["input_size", "interpolation", "crop_pct", "crop_mode", "mean", "std"]
    if nested == nil, known.allSatisfy({ file[$0] == nil }),
      let architecture = try file.string("architecture") ?? file.string("model")
    {
      self = .timmDefault(architecture: architecture)
      return
    }
    let size = try fields.numbers("input_size") ?? [3, 224, 224]
    guard size.count == 3, size[0] == 3, size.allSatisfy({ $0 == $0.rounded() && (1...16_384).contains($0) }) else {
      throw fields.unexpected("input_size", "[3, height, width]")
    }
    let (height, width) = (Int(size[1]), Int(size[2]))
    let fraction = try fields.number("crop_pct") ?? 0
    guard fraction >= 0, fraction <= 16 else { throw fields.unexpected("crop_pct", "a fraction of the side") }
    let mode = try fields.string("crop_mode") ?? ""
    let mean = try fields.perChannel("mean") ?? Preprocessing.imageNetMean
    self.init(
      source: "timm pretrained_cfg", resize: .keep,
      interpolation: try Preprocessing.timmInterpolation(fields), mean: mean,
      std: try fields.perChannel("std") ?? Preprocessing.imageNetStd,
      fixedInputSize: try fields.flag("fixed_input_size") ?? false)
    setTimmGeometry(width: width, height: height, fraction: fraction == 0 ? 0.875 : fraction, mode: mode)
  }

  /// timm's `pretrained_cfg` for an architecture by name, with or without a tag such as `.augreg_in21k_ft_in1k`.
  public static func timmDefault(architecture name: String) -> Preprocessing {
    let parts = name.split(separator: ".", maxSplits: 1)
    let base = parts.first.map { String($0) } ?? name
    let tag = parts.count > 1 ? String(parts[1]) : ""
    let named = base.split(separator: "_").last.flatMap { Int($0) } ?? 224
    let side = (16...4096).contains(named) ? named : 224
    var (mean, std) = (imageNetMean, imageNetStd)
    if base.hasPrefix("vit"), !["dino", "mae"].contains(tag) { (mean, std) = ([0.5, 0.5, 0.5], [0.5, 0.5, 0.5]) }
    // The larger inputs, and DeiT III trained on ImageNet-22k, see the whole square.
    let fraction = side > 224 || (base.hasPrefix("deit3") && tag.contains("in22k")) ? 1.0 : 0.9
    var recipe = Preprocessing(
      source: "timm default of \(name)", resize: .keep, interpolation: .bicubic, mean: mean, std: std,
      fixedInputSize: true)
    recipe.setTimmGeometry(width: side, height: side, fraction: fraction, mode: "center")
    return recipe
  }

  /// timm's evaluation transform for an input size: the sides over `fraction`, rounded down, then a crop from the centre.
  mutating func setTimmGeometry(width: Int, height: Int, fraction: Double, mode: String) {
    let scaledWidth = Int(Double(width) / fraction)
    let scaledHeight = Int(Double(height) / fraction)
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
  func perChannel(_ key: String) throws -> [Double]? {
    guard let value = self[key] else { return nil }
    var channels: [Double] = []
    if case .number(let number) = value { channels = [number] } else { channels = try numbers(key) ?? [] }
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
