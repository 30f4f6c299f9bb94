import Formats
import Foundation
import NeuralNet

/// What timm's `config.json` says: an architecture, and arguments that win over those of the architecture.
///
/// As timm does it, an argument of `model_args` wins over the architecture's, and `pretrained_cfg` gives only what neither
/// says: classes, pooling, and the input size of a model that has a fixed one.
struct TimmConfiguration {
  /// Without the tag of its weights: `vit_base_patch16_224`, not `vit_base_patch16_224.augreg_in21k`.
  let architecture: String
  /// Where the arguments stand, for messages.
  let place: String
  private let top: JSONObject?
  private let arguments: JSONObject?
  private let pretrained: JSONObject?

  init(_ folder: ModelFolder, architecture: String) throws {
    self.architecture = TimmConfiguration.name(of: architecture)
    top = folder.configuration
    arguments = try top?.object("model_args")
    // Before they had one, files held the keys of `pretrained_cfg` at the top.
    pretrained = try top?.object("pretrained_cfg") ?? top
    place = folder.url.path
  }

  /// The name without tag, and without the endings by which older versions of timm named weights.
  static func name(of architecture: String) -> String {
    var name = String(architecture.prefix { $0 != "." })
    for ending in ["_in21k", "_384_in22ft1k", "_in22ft1k", "_in22k", "_in21ft1k", "_dino", "_sam"]
    where name.hasSuffix(ending) {
      name.removeLast(ending.count)
    }
    return name
  }

  func integer(_ key: String) throws -> Int? { try arguments?.dimension(key) }
  func number(_ key: String) throws -> Double? { try arguments?.multiple(key) }
  func boolean(_ key: String) throws -> Bool? { try arguments?.boolean(key) }
  func size(_ key: String) throws -> ImageSize? { try arguments?.dimensionSize(key) }
  func integers(_ key: String) throws -> [Int]? { try arguments?.dimensions(key) }
  func string(_ key: String) throws -> String? { try arguments?.string(key) }
  func has(_ key: String) -> Bool { arguments?.has(key) ?? false }

  /// One value for all `count` stages, or one for each.
  func perStage(_ key: String, count: Int) throws -> [Double]? {
    guard let arguments, arguments.has(key) else { return nil }
    let allowed = 0...4096.0
    if let number = try? arguments.number(key), allowed.contains(number) {
      return Array(repeating: number, count: count)
    }
    guard let values = try? arguments.numbers(key), values.count == count, values.allSatisfy(allowed.contains) else {
      throw BackboneError("\(place): model_args '\(key)' gives no value from 0 to 4096 for each of the \(count) stages")
    }
    return values
  }

  /// The number of classes, 0 for a model without classifier; `stored` is that of the file's classifier, which decides
  /// where there is no configuration.
  func classes(stored: Int?) throws -> Int {
    guard let top else { return stored ?? 0 }
    let range = -1...1 << 24
    let count =
      try arguments?.integer("num_classes", in: range) ?? top.integer("num_classes", in: range)
      ?? pretrained?.integer("num_classes", in: range)
    return max(0, count ?? 1000)
  }

  /// The input size that the model is made for; `named` is the architecture's.
  func inputSize(named: ImageSize) throws -> ImageSize {
    if let size = try size("img_size") { return size }
    if try pretrained?.boolean("fixed_input_size") ?? true, let size = try pretrained?.dimensions("input_size") {
      guard size.count == 3 else {
        throw BackboneError("\(place): pretrained_cfg 'input_size' is \(size), expected [channels, height, width]")
      }
      return ImageSize(height: size[1], width: size[2])
    }
    return named
  }

  /// `token`, `avg`, …; `named` is the architecture's, nil where that is timm's default.
  func pooling(named: String?) throws -> String? {
    try arguments?.string("global_pool") ?? named ?? pretrained?.string("global_pool")
  }

  /// The activation of the MLPs, or nil where the architecture's holds.
  func activation() throws -> Activation? {
    guard let name = try string("act_layer") else { return nil }
    guard let activation = Activation(named: name) else {
      throw BackboneError("\(place): model_args 'act_layer' is '\(name)', which is not known")
    }
    return activation
  }

  /// Input pixels from one position of a convolutional network's last map to the next, or nil where no stage has to dilate.
  func outputStride() throws -> Int? {
    guard let stride = try integer("output_stride"), stride != 32 else { return nil }
    guard [8, 16].contains(stride) else {
      throw BackboneError("\(place): model_args 'output_stride' is \(stride), expected 8, 16 or 32")
    }
    return stride
  }

  /// Refuses arguments that change the network in ways it is not built for.
  ///
  /// - Parameters:
  ///   - known: the arguments that the family reads.
  ///   - evenIfOff: whether others are refused where they are `false` too.
  func refuseOthers(than known: Set<String>, evenIfOff: Bool = false) throws {
    guard let arguments else { return }
    if let channels = try arguments.integer("in_chans"), channels != 3 {
      throw BackboneError("\(place): model_args 'in_chans' is \(channels); models of 3 channels are known")
    }
    for key in arguments.keys where arguments.has(key) {
      guard !known.contains(key), !TimmConfiguration.harmless.contains(key) else { continue }
      guard !evenIfOff, let value = try? arguments.boolean(key), !value else {
        throw BackboneError(
          "\(place): model_args '\(key)' makes a network that is not known; "
            + "known are \(known.sorted().joined(separator: ", "))")
      }
    }
  }

  /// Arguments that change nothing at inference.
  private static let harmless: Set<String> = [
    "attn_drop_rate", "drop_path_rate", "drop_rate", "fix_init", "img_size", "in_chans", "num_classes",
    "patch_drop_rate",
    "pos_drop_rate", "proj_drop_rate", "weight_init", "pretrained", "features_only", "out_indices", "scriptable",
    "exportable",
  ]
}
