import Backbones
import Formats
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
  /// Names the rows that will be asked for next, so that they can be read meanwhile.
  func announce(_ rows: [Int])
  /// The rows in this order, without those whose image cannot be read; nil where none can.
  func batch(_ rows: [Int]) throws -> TrainingBatch?
  /// What a message calls the image of a row.
  func name(of row: Int) -> String
}

extension TrainingData {
  public func name(of row: Int) -> String { "image \(row)" }
}

/// Rows for training with rows for validation behind them, each from a source of its own.
public final class JoinedData: TrainingData {
  private let training: any TrainingData
  private let validation: any TrainingData

  public init(training: any TrainingData, validation: any TrainingData) {
    self.training = training
    self.validation = validation
  }

  public var count: Int { training.count + validation.count }

  public func announce(_ rows: [Int]) {
    let (source, rows) = source(of: rows)
    source.announce(rows)
  }

  public func batch(_ rows: [Int]) throws -> TrainingBatch? {
    let (source, rows) = source(of: rows)
    return try source.batch(rows)
  }

  public func name(of row: Int) -> String {
    row < training.count ? training.name(of: row) : validation.name(of: row - training.count)
  }

  /// A batch is for training or for validation, never for both.
  private func source(of rows: [Int]) -> (any TrainingData, [Int]) {
    let first = training.count
    guard let row = rows.first, row >= first else { return (training, rows) }
    return (validation, rows.map { $0 - first })
  }
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
    let held = DataSplit.heldCount(count, share: validationShare)
    validation = order[0..<held].sorted()
    training = order[held...].sorted()
  }

  /// The rows of a ``JoinedData``: the last ones validate.
  ///
  /// - Throws: ``InversionError`` where one kind is missing.
  public init(count: Int, validationCount: Int) throws {
    guard validationCount > 0, count > validationCount else {
      throw InversionError(.badInput, "there are no images to \(validationCount > 0 ? "train with" : "validate with")")
    }
    training = Array(0..<count - validationCount)
    validation = Array(count - validationCount..<count)
  }

  /// How many images of a plan are for training.
  static func trainingCount(_ plan: TrainingPlan) -> Int {
    guard plan.validationCount == nil else { return plan.imageCount }
    return plan.imageCount - heldCount(plan.imageCount, share: plan.validationShare)
  }

  private static func heldCount(_ count: Int, share: Double) -> Int {
    min(count - 1, max(1, Int(saturating: (Double(count) * share).rounded())))
  }

  /// As a plan says.
  package init(_ plan: TrainingPlan, count: Int) throws {
    if let validationCount = plan.validationCount {
      try self.init(count: count, validationCount: validationCount)
    } else {
      try self.init(count: count, validationShare: plan.validationShare, seed: plan.seed)
    }
  }
}
