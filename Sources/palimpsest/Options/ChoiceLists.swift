import Analysis
import ArgumentParser
import Results
import Terminal

extension Quality.Metric: ListedChoice {}
extension Similarity.Measure: ListedChoice {}

extension Similarity.Estimator: ListedChoice {
  /// The estimators of HSIC, for CKA: the other measures have one each.
  public static var choices: [Self] { hsic }
  public static var hasAll: Bool { false }
}

/// What an image is at a tap: token modes separated by commas, each once, in the order given. At least one.
struct TokenModeList: ExpressibleByArgument, Sendable {
  let modes: [TokenMode]

  init(_ mode: TokenMode) { modes = [mode] }

  init?(argument: String) {
    let names = NameList(argument).names
    let modes = names.compactMap { try? TokenMode($0) }
    guard !modes.isEmpty, modes.count == names.count else { return nil }
    self.modes = modes.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  var defaultValueDescription: String { modes.map(\.description).joined(separator: ",") }

  static var allValueStrings: [String] { AnalysisDefinition.similarity.option("tokens")?.values ?? [] }

  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

extension DifferenceSelection: ExpressibleByArgument {}
extension Similarity.Pairs: ExpressibleByArgument {}
extension IntervalMethod: ExpressibleByArgument {}
extension MultipleComparisons: ExpressibleByArgument {}
