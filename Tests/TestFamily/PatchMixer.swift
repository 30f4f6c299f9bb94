import Backbones
import Formats
import NeuralNet
import Torch

/// The network of a family that only tests have: patches as tokens, residual layers on each token, a mean, a classifier.
public final class PatchMixer: Backbone {
  public struct Configuration: BackboneConfiguration, Sendable {
    public var side = 16
    public var patch = 4
    public var width = 8
    public var depth = 2
    public var classes = 3

    public init() {}

    public func checked(place: String) throws -> Configuration {
      guard [side, patch, width, depth, classes].allSatisfy({ $0 > 0 }), side % patch == 0 else {
        throw BackboneError("\(place): the numbers of the patch mixer describe no network")
      }
      return self
    }

    public var layers: Int { depth }

    public func network(family: Family) -> any Backbone { PatchMixer(self) }
  }

  /// What passes from step to step.
  public struct State {
    let pixels: Tensor
    /// `[B, T, C]`, at the end `[B, 1, classes]`.
    var tokens: Tensor
  }

  public let configuration: Configuration
  private let embedding: Linear
  private let layers: [Linear]
  private let head: Linear

  public init(_ configuration: Configuration) {
    self.configuration = configuration
    let width = configuration.width
    embedding = Linear(3 * configuration.patch * configuration.patch, width, bias: true)
    layers = (0..<configuration.depth).map { _ in Linear(width, width, bias: true) }
    head = Linear(width, configuration.classes, bias: true)
  }

  public var contents: [ModuleEntry] {
    [.child("embedding", embedding)] + ModuleEntry.list("layers", layers) + [.child("head", head)]
  }

  public var family: Family { .patchMixer }
  public var kind: BackboneKind { .classifier(logits: "logits") }
  public var components: [ModelComponent] {
    [ModelComponent(["embed"]), ModelComponent(layerNames), ModelComponent(["logits"])]
  }
  public var nativeSize: ImageSize? { ImageSize(height: configuration.side, width: configuration.side) }
  public var interpolatesPositions: Bool { false }

  private var layerNames: [String] { layers.indices.map { "layer.\($0)" } }

  public var steps: [ForwardStep<State>] {
    var steps = [
      ForwardStep<State>(readings: [("embed", \.tokens)]) { [self] state in state.tokens = try embed(state.pixels) }
    ]
    for (name, layer) in zip(layerNames, layers) {
      steps.append(
        ForwardStep(readings: [(name, \.tokens)]) { state in
          state.tokens = try state.tokens + layer(state.tokens, then: .gelu)
        })
    }
    steps.append(
      ForwardStep(readings: [("logits", \.tokens)]) { [head] state in
        state.tokens = try head(state.tokens.mean([1], keepingAxes: true))
      })
    return steps
  }

  public func begin(_ images: ImageBatch) throws -> State { State(pixels: images.pixels, tokens: images.pixels) }

  /// `[B, 3, H, W]` to `[B, T, C]`.
  private func embed(_ pixels: Tensor) throws -> Tensor {
    let patch = configuration.patch
    let (height, width) = (pixels.extent(2) / patch, pixels.extent(3) / patch)
    let rows = try pixels.reshaped(pixels.extent(0), 3, height, patch, width, patch).permuted(0, 2, 4, 1, 3, 5)
      .reshaped(pixels.extent(0), height * width, 3 * patch * patch)
    return try embedding(rows)
  }

  public func taps(height: Int, width: Int) throws -> [Tap] {
    let patch = configuration.patch
    guard height % patch == 0, width % patch == 0 else {
      throw BackboneError("the input is \(width)x\(height) (width x height), but patches are \(patch)x\(patch)")
    }
    let grid = ImageSize(height: height / patch, width: width / patch)
    var list = TapList()
    for name in ["embed"] + layerNames {
      list.append(name, tokens: grid.area, channels: configuration.width, grid: grid)
    }
    list.appendHead("logits", tokens: 1, channels: configuration.classes)
    return list.taps
  }

  public func prepare(batchSize: Int, height: Int, width: Int) throws {
    for layer in layers {
      try layer.pack(rows: batchSize * (height / configuration.patch) * (width / configuration.patch))
    }
  }
}
