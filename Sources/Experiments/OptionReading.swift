import Formats
import Foundation
import Imaging
import Results

/// What an experiment's file gives for an option of a step, as the command that carries the step out takes it.
extension OptionDefinition {
  /// The value as it is typed; `true` of a flag. nil where it is of another type, which is added to `problems`.
  func text(of value: YAMLValue, _ problems: ProblemList) -> String? {
    switch kind {
    case .list, .conditions, .choices:
      guard let names = texts(of: value) else {
        problems.add(line: value.line, "\(name) is \(value.kind); give \(expectation)")
        return nil
      }
      guard areKnown(names, line: value.line, problems) else { return nil }
      return names.joined(separator: ",")
    default: break
    }
    guard case .text(let text) = value.content else {
      problems.add(line: value.line, "\(name) is \(value.kind); give \(expectation)")
      return nil
    }
    guard let wrong = reason(against: text) else {
      return kind == .flag ? "\(OptionDefinition.isTrue(text) ?? false)" : text
    }
    problems.add(line: value.line, wrong)
    return nil
  }

  /// What a value has to be.
  private var expectation: String {
    switch kind {
    case .text: "a text"
    case .flag: "true or false"
    case .integer(let least): "a whole number of \(least) or more"
    case .number: "a number"
    case .choice(let names): OptionDefinition.alternatives(names)
    case .list, .conditions: "names, as in [a, b]"
    case .choices: OptionDefinition.alternatives(values)
    case .size: "width and height in pixels, as in 160x120"
    case .device: "auto, cpu, cuda, cuda:N or mps"
    case .file: "a file"
    }
  }

  private func reason(against text: String) -> String? {
    let isFine =
      switch kind {
      case .text, .list, .conditions, .choices: true
      case .file: !text.isEmpty
      case .flag: OptionDefinition.isTrue(text) != nil
      case .integer(let least): Int(text).map { $0 >= least } ?? false
      case .number: Double(text)?.isFinite ?? false
      case .choice(let names): names.contains(text)
      case .size: OptionDefinition.isSize(text)
      case .device: OptionDefinition.isDevice(text)
      }
    guard !isFine else { return nil }
    return "\(name) is '\(text)'; give \(expectation)"
  }

  private func texts(of value: YAMLValue) -> [String]? {
    switch value.content {
    case .text(let text): return text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
    case .list(let values):
      var texts: [String] = []
      for case .text(let text) in values.map(\.content) { texts.append(text) }
      return texts.count == values.count && !texts.isEmpty ? texts : nil
    case .mapping, .empty: return nil
    }
  }

  /// Whether the names of a list are such as the option takes; the first that is not is added to `problems`.
  private func areKnown(_ names: [String], line: Int, _ problems: ProblemList) -> Bool {
    switch kind {
    case .conditions:
      for name in names {
        do { _ = try ColorCondition(parsing: name) } catch {
          problems.add(line: line, "\(error)")
          return false
        }
      }
    case .choices(let forms, let orAll):
      if orAll, names == [OptionDefinition.all] { return true }
      guard !names.isEmpty else {
        problems.add(line: line, "\(name) is empty; give \(expectation)")
        return false
      }
      for unknown in names where !forms.contains(where: { $0.matches(unknown) }) {
        let nearest = Spelling.suggestion(for: unknown, among: forms.map(\.description))
        problems.add(line: line, "\(name): '\(unknown)' is unknown\(nearest); give \(expectation)")
        return false
      }
    default: break
    }
    return true
  }

  static func isTrue(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    default: nil
    }
  }

  private static func isSize(_ text: String) -> Bool {
    ImageSize(text) != nil
  }

  /// A name as `--device` takes it. `Device` of Torch reads it too, but would have this target need libtorch.
  private static func isDevice(_ text: String) -> Bool {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard ["cpu", "cuda", "mps"].contains(parts[0]) else { return text == "auto" }
    return parts.count == 1 || Int32(parts[1]) != nil && parts[1].allSatisfy(\.isNumber)
  }

  /// `a`, `a or b`, `a, b or c`.
  public static func alternatives(_ names: [String]) -> String {
    guard names.count > 1, let last = names.last else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " or " + last
  }
}

/// A setting that was given.
public struct GivenSetting: Sendable, Equatable {
  public let name: String
  public let value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension [OptionDefinition] {
  /// The flags of what was given, as they are typed, in the order of the table.
  func arguments(_ given: [GivenSetting]) -> [String] {
    flatMap { option -> [String] in
      guard let value = given.first(where: { $0.name == option.name })?.value else { return [] }
      if option.kind == .flag { return value == "true" ? ["--\(option.name)"] : [] }
      // A value that begins with a dash would be taken for a flag.
      return value.hasPrefix("-") ? ["--\(option.name)=\(value)"] : ["--\(option.name)", value]
    }
  }
}
