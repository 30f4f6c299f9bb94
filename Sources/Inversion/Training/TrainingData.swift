import Backbones
import Torch

/// What one batch trains on, on the device of the training.
public struct TrainingBatch {
  /// The model's input.
  public let images: ImageBatch
  /// The frozen model's activations `[B, T, C]` by tap.
  public let features: [String: Tensor]

  public init(images: ImageBatch, features: [String: Tensor]) {
    self.images = images
    self.features = features
  }

  public var count: Int { images.pixels.extent(0) }
}

/// Images with the frozen model's activations, by row.
public protocol TrainingData: AnyObject {
  /// How many rows there are.
  var count: Int { get }
  /// Says which rows will be asked for next, so that they can be made ready meanwhile.
  func announce(_ rows: [Int])
  /// The rows in this order, without those whose image cannot be read; nil where none can.
  func batch(_ rows: [Int]) throws -> TrainingBatch?
}

/// Which rows are for training and which for validation.
public struct DataSplit: Equatable, Sendable {
  public let training: [Int]
  public let validation: [Int]

  /// Draws by seed: at least one row for each, of two or more.
  ///
  /// - Throws: ``InversionError`` for fewer than two rows.
  public init(count: Int, validationShare: Double, seed: Int) throws {
    guard count >= 2 else {
      throw InversionError(
        .badInput, "\(count) image is too few to train and to validate; give at least 2, better thousands")
    }
    let order = try Tensor.randomPermutation(count, generator: Generator(seed: UInt64(bitPattern: Int64(seed))))
      .values(as: Int64.self).map(Int.init)
    let held = min(count - 1, max(1, Int((Double(count) * validationShare).rounded())))
    validation = order[0..<held].sorted()
    training = order[held...].sorted()
  }
}

extension Array {
  /// Consecutive pieces of at most `size` elements.
  func pieces(of size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min(count, $0 + size)]) }
  }
}
