import ArgumentParser
import Foundation

/// Choices that an option takes several of, by their names.
public protocol ListedChoice: RawRepresentable, Equatable, Sendable where RawValue == String {
  /// Every choice, in the order in which they are kept.
  static var choices: [Self] { get }
  /// Whether `all` stands for every one.
  static var hasAll: Bool { get }
}

extension ListedChoice {
  public static var hasAll: Bool { true }
}

extension ListedChoice where Self: CaseIterable {
  public static var choices: [Self] { Array(allCases) }
}

/// Choices separated by commas, each once, in the order of their type.
public struct CommaSeparatedList<Choice: ListedChoice>: ExpressibleByArgument, Sendable {
  public let chosen: [Choice]

  /// Every choice.
  public static var all: CommaSeparatedList { CommaSeparatedList(Choice.choices) }

  public init(_ chosen: [Choice]) { self.chosen = chosen }

  public init?(argument: String) {
    if argument == "all", Choice.hasAll {
      self = .all
      return
    }
    let names = NameList(argument).names
    let known = Choice.choices.map(\.rawValue)
    guard !names.isEmpty, names.allSatisfy(known.contains) else { return nil }
    chosen = Choice.choices.filter { names.contains($0.rawValue) }
  }

  public var isAll: Bool { Choice.hasAll && chosen == Choice.choices }

  public var defaultValueDescription: String { isAll ? "all" : chosen.map(\.rawValue).joined(separator: ",") }

  public static var allValueStrings: [String] { Choice.choices.map(\.rawValue) + (Choice.hasAll ? ["all"] : []) }

  public static var defaultCompletionKind: CompletionKind { .list(allValueStrings) }
}

/// Names separated by commas.
public struct NameList: ExpressibleByArgument, Sendable {
  public let names: [String]

  public init(_ text: String) {
    names = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  public init?(argument: String) { self.init(argument) }

  public var defaultValueDescription: String { names.joined(separator: ",") }
}
