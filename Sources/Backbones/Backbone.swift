import Formats
import NeuralNet
import Torch

/// The families of models Palimpsest reads.
public enum Family: String, Sendable, CaseIterable {
  case vit, deit, swin, detr
  /// A store that a user's own hooks wrote.
  case other
}

/// A place in a network where its activations are read.
public struct Tap: Equatable, Sendable {
  /// The stable name of the design, for example `stage.2.block.5`.
  public let name: String
  /// T of `[B, T, C]`.
  public let tokens: Int
  /// C of `[B, T, C]`.
  public let channels: Int
  /// Height and width where the tokens (without prefix tokens) lie in raster order on a grid; empty where not.
  public let grid: [Int]
  /// How many class and distillation tokens come first.
  public let prefixTokens: Int

  public init(name: String, tokens: Int, channels: Int, grid: [Int] = [], prefixTokens: Int = 0) {
    self.name = name
    self.tokens = tokens
    self.channels = channels
    self.grid = grid
    self.prefixTokens = prefixTokens
  }
}

/// Normalised images of one size, perhaps padded at the right and at the bottom.
public struct ImageBatch {
  /// `[B, 3, H, W]`, float32, normalised, in memory as `[B, H, W, 3]`.
  public let pixels: Tensor
  /// Height and width of each image's valid part; nil where all of every image is valid.
  public let validSizes: [(height: Int, width: Int)]?

  public init(pixels: Tensor, validSizes: [(height: Int, width: Int)]? = nil) {
    self.pixels = pixels
    self.validSizes = validSizes
  }

  /// Scales 8-bit pixels `[B, H, W, 3]` by `rescaleFactor`, subtracts `mean` and divides by `deviation`, per channel.
  /// Padding is 0 after that, as DETR's processor leaves it.
  public init(
    bytes: Tensor, rescaleFactor: Double, mean: [Double], deviation: [Double],
    validSizes: [(height: Int, width: Int)]? = nil
  ) throws {
    let mean = try Tensor(mean.map(Float.init), shape: [3]).to(bytes.device)
    let deviation = try Tensor(deviation.map(Float.init), shape: [3]).to(bytes.device)
    let scaled = try bytes.to(.float32) * rescaleFactor
    pixels = try ((scaled - mean) / deviation).permuted(0, 3, 1, 2)
    self.validSizes = validSizes
    for (index, valid) in (validSizes ?? []).enumerated() {
      let image = try pixels.select(0, index)
      try image.slice(1, valid.height..<image.extent(1)).multiply(by: 0)
      try image.slice(2, valid.width..<image.extent(2)).multiply(by: 0)
    }
  }
}

/// One step of a backbone and the taps that can be read after it.
public struct Stage<State> {
  /// Reads a tap's value, `[B, T, C]`, from the state after the stage.
  public typealias Reading = (tap: String, value: (State) throws -> Tensor)

  public let advance: (inout State) throws -> Void
  public let readings: [Reading]

  public init(readings: [Reading] = [], advance: @escaping (inout State) throws -> Void) {
    self.readings = readings
    self.advance = advance
  }
}

/// A frozen vision model as one ordered list of stages, with taps in order of depth.
public protocol Backbone: Module {
  associatedtype State

  var family: Family { get }
  /// The input size of the checkpoint, where it fixes one.
  var nativeSize: (height: Int, width: Int)? { get }
  /// From images to logits, in order.
  var stages: [Stage<State>] { get }

  /// The state before the first stage.
  func begin(_ images: ImageBatch) throws -> State
  /// Every tap for inputs of this size, in order of depth.
  ///
  /// - Throws: ``BackboneError`` where the model cannot take inputs of this size.
  func taps(height: Int, width: Int) throws -> [Tap]
  /// Lays weights out for frozen use on the CPU with batches of this shape. Results agree to rounding.
  func prepare(batchSize: Int, height: Int, width: Int) throws
}

extension Backbone {
  /// Runs the stages up to the deepest tap wanted and hands each wanted tap's value, `[B, T, C]`, to `visit` in order of
  /// depth. Records no gradients.
  public func forward(_ images: ImageBatch, taps wanted: Set<String>, visit: (String, Tensor) throws -> Void) throws {
    try withoutGradients {
      var remaining = wanted
      var state = try begin(images)
      for stage in stages {
        guard !remaining.isEmpty else { return }
        try stage.advance(&state)
        for reading in stage.readings where remaining.remove(reading.tap) != nil {
          try visit(reading.tap, reading.value(state))
        }
      }
      precondition(remaining.isEmpty, "taps are checked against the list before the model runs")
    }
  }

  /// The values of the wanted taps by name.
  public func features(of images: ImageBatch, taps wanted: Set<String>) throws -> [String: Tensor] {
    var values: [String: Tensor] = [:]
    try forward(images, taps: wanted) { values[$0] = $1 }
    return values
  }
}

/// A model that cannot be built or run, in one line: what, where, how to mend it.
public struct BackboneError: ExitStatusError {
  public let description: String

  public init(_ description: String) { self.description = description }

  public var exitStatus: Int32 { 2 }
}
