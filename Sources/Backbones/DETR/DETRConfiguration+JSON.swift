import Formats
import Foundation
import NeuralNet

extension DETRConfiguration {
  /// Reads transformers' `config.json` of a DETR, of any version; absent keys have the library's defaults.
  ///
  /// - Parameters:
  ///   - json: the file.
  ///   - weights: the checkpoint's own shapes, for what a configuration leaves open.
  /// - Throws: ``BackboneError`` with file, key, what stands there and what is expected.
  init(json: JSONObject, weights: DETRWeightShapes) throws {
    let library = try TransformersConfiguration(json)
    backbone = try ResNetConfiguration(detr: json, weights: weights)
    width = try json.positive("d_model") ?? 256
    encoderLayers = try json.count("encoder_layers") ?? 6
    decoderLayers = try json.positive("decoder_layers") ?? 6
    encoderHeads = try json.positive("encoder_attention_heads") ?? 8
    decoderHeads = try json.positive("decoder_attention_heads") ?? 8
    encoderInnerWidth = try json.positive("encoder_ffn_dim") ?? 2048
    decoderInnerWidth = try json.positive("decoder_ffn_dim") ?? 2048
    activation = try library.activation("activation_function", default: .relu)
    positions = try json.choice("position_embedding_type", DETRPositions.self) ?? .sine
    queries = try json.positive("num_queries") ?? 100
    normalizesBetweenDecoderLayers = try json.boolean("auxiliary_loss") ?? false
    let isBare = try json.strings("architectures").map { $0.contains("DetrModel") } ?? true
    classes = try isBare && !weights.hasHeads ? nil : library.classes()
    try json.check(width % 4 == 0, "d_model", "\(width)", "a multiple of 4")
    try json.check(
      width % encoderHeads == 0, "encoder_attention_heads", "\(encoderHeads)", "a divisor of d_model \(width)")
    try json.check(
      width % decoderHeads == 0, "decoder_attention_heads", "\(decoderHeads)", "a divisor of d_model \(width)")
    self = try checked(place: json.place)
  }
}

extension ResNetConfiguration {
  /// The backbone that a DETR's `config.json` names: as an object in `backbone_config`, else by name in `backbone`.
  init(detr json: JSONObject, weights: DETRWeightShapes) throws {
    if let object = try json.object("backbone_config") {
      switch try object.string("model_type") {
      case "timm_backbone": try self.init(timm: object, weights: weights)
      case "resnet": try self.init(transformers: object)
      case let other:
        throw BackboneError(
          "\(object.place): 'model_type' is \(other ?? "missing"), expected resnet or timm_backbone: "
            + "of DETR's backbones only ResNets are known")
      }
    } else if try json.boolean("use_timm_backbone") ?? true {
      try self.init(timm: json, weights: weights)
    } else {
      try self.init(transformersName: json)
    }
  }

  /// `use_timm_backbone` with `backbone`, `dilation` and `backbone_kwargs`, or a `backbone_config` of `timm_backbone`.
  private init(timm json: JSONObject, weights: DETRWeightShapes) throws {
    let name = try json.string("backbone") ?? "resnet50"
    guard let known = ResNetConfiguration.named[name.components(separatedBy: ".")[0]] else {
      throw BackboneError(
        "\(json.place): 'backbone' is \(name), expected one of \(ResNetConfiguration.named.keys.sorted().joined(separator: ", "))"
      )
    }
    self = known
    let options = try json.object("backbone_kwargs")
    for key in options?.keys ?? [] where !Self.timmOptions.contains(key) {
      throw BackboneError(
        "\(json.place): 'backbone_kwargs' has '\(key)', which is not known; known are \(Self.timmOptions.joined(separator: ", "))"
      )
    }
    for key in ["in_chans", "num_channels"] {
      let channels = try options?.integer(key) ?? json.integer(key) ?? 3
      try json.check(channels == 3, key, "\(channels)", "3")
    }
    // In a `backbone_config` only `output_stride` counts, as in the library.
    let isWhole = try json.string("model_type") != "timm_backbone"
    let dilates = try isWhole && json.boolean("dilation") ?? false
    let limit = try options?.integer("output_stride") ?? json.integer("output_stride") ?? (dilates ? 16 : 32)
    try json.check([8, 16, 32].contains(limit), "output_stride", "\(limit)", "8, 16 or 32")
    outputStride = limit == 32 ? nil : limit
    if let depths = try options?.dimensions("layers") { self.depths = depths }
    let expansion = layerType == .bottleneck ? 4 : 1
    if let channels = try options?.dimensions("channels") {
      hiddenSizes = channels.map { $0 * expansion }
    } else if let stored = weights.resNet(expansion: expansion), stored.hiddenSizes != hiddenSizes {
      // Not the size its name has: a narrow copy, whose widths and depths stand nowhere but in the tensors.
      (hiddenSizes, embeddingSize) = (stored.hiddenSizes, stored.embeddingSize)
      if options?.has("layers") != true { depths = stored.depths }
    }
    try json.check(
      depths.count == hiddenSizes.count && (depths + hiddenSizes).allSatisfy { $0 > 0 }, "backbone_kwargs",
      "layers \(depths), channels \(hiddenSizes.map { $0 / expansion })", "a positive number for each stage in both")
    if let last = try (options?.integers("out_indices") ?? json.integers("out_indices"))?.last {
      try json.check(last == -1 || last == depths.count, "out_indices", "\(last) at its end", "\(depths.count)")
    }
  }

  private static let timmOptions = [
    "channels", "features_only", "in_chans", "layers", "num_channels", "out_indices", "output_stride", "pretrained",
  ]

  /// transformers' `ResNetConfig`.
  init(transformers json: JSONObject) throws {
    let depths = try json.dimensions("depths") ?? [3, 4, 6, 3]
    try self.init(
      layerType: json.choice("layer_type", LayerType.self) ?? .bottleneck,
      embeddingSize: json.positive("embedding_size") ?? 64,
      hiddenSizes: json.dimensions("hidden_sizes") ?? [256, 512, 1024, 2048], depths: depths)
    activation = try TransformersConfiguration(json).activation("hidden_act", default: .relu)
    downsamplesInFirstStage = try json.boolean("downsample_in_first_stage") ?? false
    stridesInFirstConvolution = try json.boolean("downsample_in_bottleneck") ?? false
    try json.check(
      depths.count == hiddenSizes.count && (depths + hiddenSizes).allSatisfy { $0 > 0 }, "hidden_sizes",
      "\(hiddenSizes) for depths \(depths)", "a positive width and depth for each stage")
    let last = "stage\(depths.count)"
    if let features = try json.strings("out_features"), features.last != last {
      throw BackboneError("\(json.place): 'out_features' is \(features), expected the last to be \(last)")
    }
    if !json.has("out_features"), let index = try json.integers("out_indices")?.last {
      try json.check(index == -1 || index == depths.count, "out_indices", "\(index) at its end", "\(depths.count)")
    }
  }

  /// `use_timm_backbone: false` without `backbone_config`: transformers' ResNet-50, or one that `backbone` names.
  private init(transformersName json: JSONObject) throws {
    let name = try json.string("backbone") ?? "resnet50"
    let short = name.replacingOccurrences(of: "microsoft/", with: "").replacingOccurrences(of: "-", with: "")
    guard let known = ResNetConfiguration.named[short] else {
      throw BackboneError(
        "\(json.place): 'backbone' is \(name), which is described elsewhere; put its configuration into backbone_config"
      )
    }
    self = known
  }
}

extension JSONObject {
  /// An error that names file, key, what stands there and what is expected, unless `condition` holds.
  fileprivate func check(_ condition: Bool, _ key: String, _ actual: String, _ expected: String) throws {
    guard !condition else { return }
    throw BackboneError("\(place): '\(key)' is \(actual), expected \(expected)")
  }

  /// An integer of at least 1.
  fileprivate func positive(_ key: String) throws -> Int? {
    guard let value = try dimension(key) else { return nil }
    try check(value >= 1, key, "\(value)", "at least 1")
    return value
  }

  /// An integer of at least 0.
  fileprivate func count(_ key: String) throws -> Int? {
    try dimension(key)
  }

  /// One of an enumeration's names.
  fileprivate func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _: Choice.Type) throws -> Choice?
  where Choice.RawValue == String {
    guard let name = try string(key) else { return nil }
    guard let choice = Choice(rawValue: name) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: " or ")
      throw BackboneError("\(place): '\(key)' is \(name), expected \(known)")
    }
    return choice
  }
}
