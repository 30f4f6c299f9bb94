/// Which numbers of a tap `[N, T, C]` make the columns of its matrix.
public enum TokenMode: Sendable, Equatable, CustomStringConvertible {
  /// All tokens one after another: T·C columns.
  case flatten
  /// The mean of the tokens that are not prefix tokens: C columns; of all tokens where there are no others.
  case mean
  /// The prefix tokens one after another.
  case prefix
  /// The mean of the tokens whose cells objects cover, weighted by how much of a cell they cover: C columns.
  case object
  /// The other tokens averaged to a grid of G × G, as PyTorch's `adaptive_avg_pool2d`: G²·C columns.
  case grid(Int)

  /// From `flatten`, `mean`, `prefix`, `object` or `grid:G`.
  ///
  /// - Throws: ``AnalysisError`` for anything else.
  public init(_ text: String) throws {
    switch text {
    case "flatten": self = .flatten
    case "mean": self = .mean
    case "prefix": self = .prefix
    case "object": self = .object
    default:
      guard text.hasPrefix("grid:"), let size = Int(text.dropFirst(5)), (1...1024).contains(size) else {
        throw AnalysisError(
          .badInput,
          "unknown token mode '\(text)'; expected flatten, mean, prefix, object or grid:G, for example grid:7")
      }
      self = .grid(size)
    }
  }

  public var description: String {
    switch self {
    case .flatten: "flatten"
    case .mean: "mean"
    case .prefix: "prefix"
    case .object: "object"
    case .grid(let size): "grid:\(size)"
    }
  }

  /// Why a tap has no such columns; nil where it has.
  func reasonAgainst(_ tap: TapShape) -> String? {
    switch self {
    case .flatten, .mean: nil
    case .prefix: tap.prefixTokens > 0 ? nil : "it has no prefix tokens"
    case .grid, .object: tap.grid != nil ? nil : "its tokens lie on no grid"
    }
  }
}
