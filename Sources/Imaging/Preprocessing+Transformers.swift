import Formats

extension Preprocessing {
  /// The image processors of transformers that are understood, by what they are without a configuration.
  fileprivate enum Processor: String, CaseIterable {
    case vit = "ViT"
    case deit = "DeiT"
    case detr = "Detr"
    case conditionalDetr = "ConditionalDetr"
    case deformableDetr = "DeformableDetr"
    case bit = "Bit"
    case clip = "CLIP"
    case siglip = "Siglip"

    var isDetection: Bool { [.detr, .conditionalDetr, .deformableDetr].contains(self) }

    /// The one meant by names such as `ViTImageProcessor`, `ViTFeatureExtractor` and `ViTImageProcessorFast`.
    init?(className: String) {
      let stem = ["ImageProcessor", "FeatureExtractor"].compactMap { className.range(of: $0)?.lowerBound }.first
      guard let stem, let found = Processor(rawValue: String(className[..<stem])) else { return nil }
      self = found
    }

    /// The processor that transformers uses for a `model_type` where no file names one.
    init?(modelType: String) {
      switch modelType {
      case "vit", "swin", "swinv2", "vit_mae", "vit_msn", "ijepa": self = .vit
      case "dinov2", "dinov2_with_registers": self = .bit
      case "clip", "clip_vision_model": self = .clip
      case "siglip", "siglip_vision_model": self = .siglip
      case "deit": self = .deit
      case "detr", "table-transformer": self = .detr
      case "conditional_detr": self = .conditionalDetr
      case "deformable_detr": self = .deformableDetr
      default: return nil
      }
    }

    var defaultMean: [Double] {
      switch self {
      case .vit, .deit, .siglip: [0.5, 0.5, 0.5]
      case .bit, .clip: [0.48145466, 0.4578275, 0.40821073]
      default: Preprocessing.imageNetMean
      }
    }

    var defaultStd: [Double] {
      switch self {
      case .vit, .deit, .siglip: [0.5, 0.5, 0.5]
      case .bit, .clip: [0.26862954, 0.26130258, 0.27577711]
      default: Preprocessing.imageNetStd
      }
    }

    var defaultInterpolation: Interpolation { [.deit, .bit, .clip, .siglip].contains(self) ? .bicubic : .bilinear }

    var defaultResize: Resize {
      switch self {
      case .vit, .siglip: .stretch(width: 224, height: 224)
      case .deit: .stretch(width: 256, height: 256)
      case .bit, .clip: .shorterSide(side: 224)
      default: .shorterSideAtMost(side: 800, longest: 1333)
      }
    }

    var crops: Bool { [.deit, .bit, .clip].contains(self) }
  }

  /// The recipe in transformers' `preprocessor_config.json`, in any spelling it has had; keys that are absent are the
  /// defaults of the processor's class. A step whose `do_…` is null is off.
  ///
  /// - Parameters:
  ///   - bytes: the file, or a `processor_config.json` that holds it as `image_processor`.
  ///   - modelType: `model_type` of the model's `config.json`, used where the file names no processor.
  /// - Throws: `ImagingError` naming the key that is malformed, or a processor that is not understood.
  public init(transformers bytes: [UInt8], modelType: String? = nil) throws {
    let file = try JSONObject(configuration: bytes)
    try self.init(fields: file.object("image_processor") ?? file, modelType: modelType)
  }

  /// What transformers does for a `model_type` whose folder has no `preprocessor_config.json`.
  ///
  /// - Throws: `ImagingError` for a model type that is not understood.
  public static func transformersDefault(modelType: String) throws -> Preprocessing {
    try Preprocessing(transformers: Array("{}".utf8), modelType: modelType)
  }

  /// As transformers does it, null turns a step off that `do_…` names; of what such a step needs, null is refused.
  private init(fields: JSONObject, modelType: String?) throws {
    let processor = try Processor.named(fields, modelType: modelType)
    func does(_ key: String, otherwise standard: Bool) throws -> Bool {
      try fields.isNull(key) ? false : fields.flag(key) ?? standard
    }
    func require(_ keys: String..., for step: String) throws {
      for key in keys where fields.isNull(key) {
        throw fields.unexpected(key, "a value, since \(step) is on (transformers refuses it too)")
      }
    }
    let resizes = try does("do_resize", otherwise: true)
    let rescales = try does("do_rescale", otherwise: true)
    let normalises = try does("do_normalize", otherwise: true)
    let crops = try !processor.isDetection && does("do_center_crop", otherwise: processor.crops)
    if resizes { try require("resample", for: "do_resize") }
    if resizes, !processor.isDetection { try require("size", for: "do_resize") }
    if rescales { try require("rescale_factor", for: "do_rescale") }
    if normalises { try require("image_mean", "image_std", for: "do_normalize") }
    if crops {
      try require("crop_size", for: "do_center_crop")
      if !processor.crops { _ = try fields.required("crop_size", fields["crop_size"]) }
    }
    let factor = try fields.number("rescale_factor") ?? 1 / 255
    guard !rescales || factor != 0 else { throw fields.unexpected("rescale_factor", "a factor other than 0") }
    let std = normalises ? try fields.perChannel("image_std") ?? processor.defaultStd : [1, 1, 1]
    guard !std.contains(0) else { throw fields.unexpected("image_std", "no 0, by which nothing can be divided") }
    self.init(
      source: "transformers \(processor.rawValue)ImageProcessor",
      resize: resizes ? try Preprocessing.resize(fields, processor) : .keep,
      interpolation: try resizes
        ? fields.integer("resample").map { try Interpolation(pillow: $0) } ?? processor.defaultInterpolation
        : processor.defaultInterpolation,
      arithmetic: .torch,
      rescaleFactor: rescales ? factor : 1,
      mean: normalises ? try fields.perChannel("image_mean") ?? processor.defaultMean : [0, 0, 0], std: std)
    if crops {
      let size = try Preprocessing.cropSize(fields)
      crop = Crop(width: size.width, height: size.height, margin: .floored)
    }
    if processor.isDetection {
      // Before version 4.2x the key was another, which counts where the new one is not there.
      let key = fields.isNull("do_pad") || fields.has("do_pad") ? "do_pad" : "pad_and_return_pixel_mask"
      pad = try does(key, otherwise: true)
      if try fields.object("pad_size") != nil {
        throw ImagingError(
          reason: "\(fields.path("pad_size")): padding to a fixed size is not supported; remove the key")
      }
    }
  }

  private static func cropSize(_ fields: JSONObject) throws -> ImageSize {
    guard let value = fields["crop_size"] else { return ImageSize(height: 224, width: 224) }
    if case .number = value {
      let side = try fields.side("crop_size") ?? 224
      return ImageSize(height: side, width: side)
    }
    if value.elements != nil {
      guard let sides = try fields.numbers("crop_size"), sides.count == 2,
        sides.allSatisfy({ $0 == $0.rounded() && (1...65_536).contains($0) })
      else {
        throw fields.unexpected("crop_size", "height and width")
      }
      return ImageSize(height: Int(sides[0]), width: Int(sides[1]))
    }
    let size = try fields.required("crop_size", fields.object("crop_size"))
    if let side = try size.side("shortest_edge") { return ImageSize(height: side, width: side) }
    return try ImageSize(
      height: size.required("height", size.side("height")), width: size.required("width", size.side("width")))
  }

  private static func resize(_ fields: JSONObject, _ processor: Processor) throws -> Resize {
    let longest = try fields.side("max_size")
    guard let value = fields["size"] else { return processor.defaultResize }
    if case .number = value {
      let side = try fields.required("size", fields.side("size"))
      if processor.isDetection { return .shorterSideAtMost(side: side, longest: longest ?? 1333) }
      return [.bit, .clip, .siglip].contains(processor) ? .shorterSide(side: side) : .stretch(width: side, height: side)
    }
    if value.elements != nil {
      // Written by early versions: height, width.
      guard let sides = try fields.numbers("size"), sides.count == 2,
        sides.allSatisfy({ $0 == $0.rounded() && (1...65_536).contains($0) })
      else { throw fields.unexpected("size", "height and width") }
      return .stretch(width: Int(sides[1]), height: Int(sides[0]))
    }
    let size = try fields.required("size", fields.object("size"))
    if let shortest = try size.side("shortest_edge") {
      return try size.side("longest_edge").map { .shorterSideAtMost(side: shortest, longest: $0) }
        ?? (processor.isDetection
          ? .shorterSideAtMost(side: shortest, longest: longest ?? 1333) : .shorterSide(side: shortest))
    }
    if let width = try size.side("width"), let height = try size.side("height") {
      return .stretch(width: width, height: height)
    }
    if let width = try size.side("max_width"), let height = try size.side("max_height") {
      return .fitWhole(width: width, height: height)
    }
    throw fields.unexpected("size", "height and width, shortest_edge, or max_height and max_width")
  }
}

extension Preprocessing.Processor {
  /// The processor a configuration names, else the one of the model type.
  fileprivate static func named(_ fields: JSONObject, modelType: String?) throws -> Self {
    for key in ["image_processor_type", "feature_extractor_type"] {
      guard let name = try fields.string(key) else { continue }
      if let processor = Self(className: name) { return processor }
      let known = allCases.map { $0.rawValue + "ImageProcessor" }.joined(separator: ", ")
      throw ImagingError(reason: "\(fields.path(key)): '\(name)' is not understood; known are \(known)")
    }
    guard let modelType else {
      throw ImagingError(reason: "no image_processor_type is given, and no model_type to take it from")
    }
    guard let processor = Self(modelType: modelType) else {
      throw ImagingError(reason: "no image processor is known for model_type '\(modelType)'")
    }
    return processor
  }
}

extension JSONObject {
  /// A side of an image in pixels.
  func side(_ key: String) throws -> Int? {
    try integer(key).map { side in
      guard (1...65_536).contains(side) else { throw unexpected(key, "1 to 65536 pixels") }
      return side
    }
  }
}
