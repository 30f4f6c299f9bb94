import Formats
import NeuralNet
import Torch

/// One step of a backbone's forward pass and the taps that can be read after it.
public struct ForwardStep<State> {
  /// Reads a tap's value, `[B, T, C]`, from the state after the step.
  public typealias Reading = (tap: String, value: (State) throws -> Tensor)

  public let readings: [Reading]
  /// The block that the step runs, where values inside it can be observed: `block.3`.
  public let block: String?
  private let run: (inout State, BlockObserver?) throws -> Void

  public init(readings: [Reading] = [], advance: @escaping (inout State) throws -> Void) {
    self.readings = readings
    block = nil
    run = { state, _ in try advance(&state) }
  }

  /// A step that runs a block whose inside can be observed.
  public init(
    block: String, readings: [Reading], advance: @escaping (inout State, BlockObserver?) throws -> Void
  ) {
    self.readings = readings
    self.block = block
    run = advance
  }

  /// - Parameter observer: gets values inside the step's block; nil where none is wanted.
  public func advance(_ state: inout State, observer: BlockObserver? = nil) throws { try run(&state, observer) }
}

/// What the heads of a backbone give.
public enum BackboneKind: Equatable, Sendable {
  /// A score for each class of a whole image, `[B, 1, classes]`.
  case classifier(logits: String)
  /// For each query a score for each class and "no object", `[B, Q, classes + 1]`, and a box, `[B, Q, 4]`: centre, width and
  /// height in parts of the image.
  case detector(scores: String, boxes: String)
  /// Features alone.
  case encoder
}

/// A part of a model that is spoken of as a whole: the embedding, all blocks, a stage, the encoder, a head.
public struct ModelComponent: Equatable, Sendable {
  /// The names of its taps in forward order, at least one.
  public let taps: [String]

  public init(_ taps: [String]) {
    precondition(!taps.isEmpty, "a component has a tap")
    self.taps = taps
  }

  /// The tap that it ends with.
  public var output: String { taps[taps.count - 1] }
}

/// A frozen vision model as one ordered list of forward steps, with taps in order of depth.
///
/// A family is a folder with its network and one entry (``ModelFamily``) of ``ModelRegistry``. Whatever else has to know a
/// model asks it by this protocol, never by its type.
public protocol Backbone: Module {
  associatedtype State
  associatedtype Configuration: BackboneConfiguration

  var family: Family { get }
  /// What it was built from, with what its checkpoint decided: the grid of stored positions, the number of queries.
  var configuration: Configuration { get }
  var kind: BackboneKind { get }
  /// Its components in forward order; each of its taps belongs to one of them.
  var components: [ModelComponent] { get }
  /// The input size of the checkpoint, where it fixes one.
  var nativeSize: ImageSize? { get }
  /// Whether learned positions are resampled for inputs of another than the native size.
  var interpolatesPositions: Bool { get }
  /// From images to the heads, in order.
  var steps: [ForwardStep<State>] { get }

  /// The state before the first step.
  func begin(_ images: ImageBatch) throws -> State
  /// Every tap for inputs of this size, in order of depth, with parents that form one tree.
  ///
  /// - Throws: ``BackboneError`` where the model cannot take inputs of this size.
  func taps(height: Int, width: Int) throws -> [Tap]
  /// Every tap inside blocks for inputs of this size, block after block. They are not among ``taps(height:width:)``, which are
  /// what is between blocks. None, unless the network says otherwise.
  ///
  /// - Throws: ``BackboneError`` where the model cannot take inputs of this size.
  func insideTaps(height: Int, width: Int) throws -> [Tap]
  /// Lays weights out for frozen use on the CPU with batches of this shape. Results agree to rounding.
  func prepare(batchSize: Int, height: Int, width: Int) throws
}

extension Backbone {
  public func insideTaps(height: Int, width: Int) throws -> [Tap] { [] }

  /// Runs the steps up to the deepest tap wanted and hands each wanted tap's value, `[B, T, C]`, to `visit` in order of
  /// depth. Records no gradients. A tap's value does not depend on what else is wanted.
  public func forward(_ images: ImageBatch, taps wanted: Set<String>, visit: (String, Tensor) throws -> Void) throws {
    try withoutGradients {
      var remaining = wanted
      var state = try begin(images)
      for step in steps {
        guard !remaining.isEmpty else { return }
        let block = step.block ?? ""
        let parts = BlockPart.allCases.filter { remaining.remove($0.tap(of: block)) != nil }
        if parts.isEmpty {
          try step.advance(&state)
        } else {
          try withoutActuallyEscaping(visit) { visit in
            try step.advance(&state, observer: BlockObserver(Set(parts)) { try visit($0.tap(of: block), $1) })
          }
        }
        for reading in step.readings where remaining.remove(reading.tap) != nil {
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

/// A model that cannot be built or run, in one line: what, where, and how to fix it.
public struct BackboneError: ExitStatusError {
  public let description: String

  public init(_ description: String) { self.description = description }

  public var exitStatus: Int32 { 2 }
}
