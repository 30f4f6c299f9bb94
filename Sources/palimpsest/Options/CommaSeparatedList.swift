import Analysis
import ArgumentParser
import Foundation
import Results

/// Choices that an option takes several of, by their names.
protocol ListedChoice: RawRepresentable, Equatable, Sendable where RawValue == String {
  /// Every choice, in the order in which they are kept.
  static var choices: [Self] { get }
  /// Whether `all` stands for every one.
  static var hasAll: Bool { get }
}

extension ListedChoice {
  static var hasAll: Bool { true }
}

extension ListedChoice where Self: CaseIterable {
  static var choices: [Self] { Array(allCases) }
}

extension Quality.Metric: ListedChoice {}
extension Similarity.Measure: ListedChoice {}

extension Similarity.Estimator: ListedChoice {
  /// The estimators of HSIC, for CKA: the other measures have one each.
  static var choices: [Self] { hsic }
  static var hasAll: Bool { false }
}

/// Choices separated by commas, each once, in the order of their type.
struct CommaSeparatedList<Choice: ListedChoice>: ExpressibleByArgument, Sendable {
  let chosen: [Choice]

  /// Every choice.
  static var all: CommaSeparatedList { CommaSeparatedList(Choice.choices) }

  init(_ chosen: [Choice]) { self.chosen = chosen }

  init?(argument: String) {
    if argument == "all", Choice.hasAll {
      self = .all
      return
    }
    let names = NameList(argument).names
    let known = Choice.choices.map(\.rawValue)
    guard !names.isEmpty, names.allSatisfy(known.contains) else { return nil }
    chosen = Choice.choices.filter { names.contains($0.rawValue) }
  }

  var isAll: Bool { Choice.hasAll && chosen == Choice.choices }

  var defaultValueDescription: String { isAll ? "all" : chosen.map(\.rawValue).joined(separator: ",") }

  static var allValueStrings: [String] { Choice.choices.map(\.rawValue) + (Choice.hasAll ? ["all"] : []) }

  static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// Names separated by commas.
struct NameList: ExpressibleByArgument, Sendable {
  let names: [String]

  init(_ text: String) {
    names = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  init?(argument: String) { self.init(argument) }

  var defaultValueDescription: String { names.joined(separator: ",") }
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
