import Activations
import Results

/// One condition of a feature store as a source of features.
public final class StoreSource: FeatureSource {
  public let store: FeatureStore
  public let condition: String
  public let imageProblems: [String?]
  public let taps: [TapShape]
  public let attentionWeights: [String]
  private let threads: Int

  public var imagePaths: [String] { store.imagePaths }

  public func identity(name: String) throws -> ImageIdentity? { try ImageIdentity(store, name: name) }

  /// - Parameter threads: how many read and decompress at once.
  /// - Throws: `StoreError` where the store has no such condition.
  public init(_ store: FeatureStore, condition: String = ConditionName.original.text, threads: Int = 2) throws {
    self.store = store
    self.condition = condition
    self.threads = threads
    imageProblems = try store.errors.indices.map { image in
      if !store.errors[image].isEmpty { return store.errors[image] }
      return try store.incompleteness(ofRow: image, condition: condition)
    }
    let stored = try store.taps(condition: condition)
    guard !stored.isEmpty else { throw store.lacksFeatures(condition) }
    attentionWeights = stored.filter(\.holdsWeights).map(\.name)
    let features = stored.filter { !$0.holdsWeights }
    guard !features.isEmpty else { throw AttentionWeights(stored[0].name, of: store.path).error }
    taps = features.map { tap in
      TapShape(
        name: tap.name, tokens: tap.tokens, channels: tap.channels, grid: tap.grid, prefixTokens: tap.prefixTokens,
        isAlias: tap.role == .alias && stored.contains { $0.name == tap.parent })
    }
  }

  public func notFiniteAdvice(tap: String) -> String {
    guard let stored = try? store.tap(tap, condition: condition), stored.scalar == .float16 else {
      return
        "the model gives such numbers: check its weights with palimpsest verify, or extract the other taps alone (--taps)"
    }
    return
      "the store is of float16, in which numbers beyond 65504 are infinite: extract with --dtype float32, or extract the "
      + "other taps alone (--taps)"
  }

  public func readsWholeRows(tap: Int) throws -> Bool {
    try store.readsWholeRows(condition: condition, tap: taps[tap].name)
  }

  public func read(
    tap: Int, images: [Int], columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    try store.readColumns(
      condition: condition, tap: taps[tap].name, columns: columns, rows: images, into: target, threads: threads)
  }
}
