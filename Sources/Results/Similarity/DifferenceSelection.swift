import Foundation

/// Of which values that share a tap differences are taken: what `--differences` says.
public struct DifferenceSelection: Sendable, Equatable, CustomStringConvertible {
  /// Without ``SimilarityComparison/named``, which has ``taps``.
  public let comparisons: [SimilarityComparison]
  /// `STORE:TAP`, two after two: is any other tap closer to the first or to the second?
  public let taps: [String]

  /// What each entry of the list may be.
  static let forms =
    SimilarityComparison.unnamed.map { ValueForm($0.rawValue) } + [ValueForm(names: "STORE:TAP")]

  public static let all = DifferenceSelection(comparisons: SimilarityComparison.unnamed)

  public init(comparisons: [SimilarityComparison], taps: [String] = []) {
    self.comparisons = comparisons
    self.taps = taps
  }

  /// - Returns: nil for an empty list, and where an entry is neither a comparison nor two names with a colon between them.
  public init?(argument text: String) {
    if text == OptionDefinition.all {
      self = .all
      return
    }
    let entries = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    guard !entries.isEmpty, entries.allSatisfy({ entry in Self.forms.contains { $0.matches(entry) } }) else {
      return nil
    }
    self.init(
      comparisons: SimilarityComparison.unnamed.filter { entries.contains($0.rawValue) },
      taps: entries.filter { $0.contains(":") })
  }

  public var description: String { (comparisons.map(\.rawValue) + taps).joined(separator: ",") }
}
