/// Features that lie in memory: for tests, and for features that were never in a store.
public final class MemorySource: FeatureSource {
  public let imagePaths: [String]
  public let imageProblems: [String?]
  public let taps: [TapShape]
  private let features: [[Float]]

  /// - Parameters:
  ///   - taps: each with its features, `images × tokens × channels` numbers, row-major.
  ///   - imagePaths: `image.0`, `image.1`, … where none are given.
  public init(
    taps: [(shape: TapShape, features: [Float])], imagePaths: [String]? = nil, imageProblems: [String?]? = nil
  ) throws {
    let columns = taps.first?.shape.columns ?? 0
    let images = imagePaths?.count ?? (columns == 0 ? 0 : (taps.first?.features.count ?? 0) / columns)
    for tap in taps where tap.features.count != images * tap.shape.columns {
      throw AnalysisError(
        .badInput,
        "tap \(tap.shape.name) has \(tap.features.count) numbers, \(images) images of"
          + " \(tap.shape.tokens) × \(tap.shape.channels) need \(images * tap.shape.columns)")
    }
    self.imagePaths = imagePaths ?? (0..<images).map { "image.\($0)" }
    self.imageProblems = imageProblems ?? Array(repeating: nil, count: images)
    self.taps = taps.map(\.shape)
    features = taps.map(\.features)
  }

  public func readsWholeRows(tap: Int) -> Bool { false }

  public func read(
    tap: Int, images: [Int], columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    let width = taps[tap].columns
    precondition(target.count == images.count * columns.count, "room for images × columns")
    features[tap].withUnsafeBufferPointer { source in
      for (row, image) in images.enumerated() {
        let piece = UnsafeMutableBufferPointer(rebasing: target[row * columns.count..<(row + 1) * columns.count])
        _ = piece.update(from: source[image * width + columns.lowerBound..<image * width + columns.upperBound])
      }
    }
  }
}
