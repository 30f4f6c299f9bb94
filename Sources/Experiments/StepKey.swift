import Formats

/// Everything that decides a step's result; the same key, the same result.
public struct StepKey: Codable, Sendable, Equatable {
  public struct Part: Codable, Sendable, Equatable {
    public let name: String
    public let value: String
  }

  public let step: String
  public let kind: String
  /// Version of the program.
  public let tool: String
  public let settings: [Part]
  /// Role and digest of what comes from outside.
  public let inputs: [Part]
  /// Names and hashes of the steps it needs.
  public let needs: [Part]

  package init(_ step: Step, tool: String, inputs: [String], needs: [String]) {
    self.step = step.name
    kind = step.kind.rawValue
    self.tool = tool
    settings = step.settings.map { Part(name: $0.name, value: $0.value) }.sorted { $0.name < $1.name }
    self.inputs = zip(step.inputs, inputs).map { Part(name: $0.role, value: $1) }
    self.needs = zip(step.needs, needs).map { Part(name: $0, value: $1) }
  }

  /// SHA-256 of the key as canonical JSON, in hexadecimal.
  public var hash: String {
    func list(_ parts: [Part]) -> CanonicalJSON {
      .list(parts.map { .object([("name", .text($0.name)), ("value", .text($0.value))]) })
    }
    return ContentDigest(
      CanonicalJSON.object([
        ("step", .text(step)), ("kind", .text(kind)), ("tool", .text(tool)), ("settings", list(settings)),
        ("inputs", list(inputs)), ("needs", list(needs)),
      ]).encoded
    ).hexadecimal
  }

  /// What is otherwise than in an earlier key, in words.
  func difference(from earlier: StepKey) -> String {
    if tool != earlier.tool { return "made by version \(earlier.tool)" }
    let before = Dictionary(earlier.settings.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    for part in settings where before[part.name] != part.value {
      return before[part.name].map { "\(part.name) was \($0)" } ?? "\(part.name) is new"
    }
    if let gone = earlier.settings.first(where: { part in !settings.contains { $0.name == part.name } }) {
      return "\(gone.name) was \(gone.value)"
    }
    if let changed = zip(inputs, earlier.inputs).first(where: { $0 != $1 })?.0 { return "\(changed.name) changed" }
    if inputs.count != earlier.inputs.count { return "other inputs" }
    if needs.map(\.name) != earlier.needs.map(\.name) { return "other steps before it" }
    if let changed = zip(needs, earlier.needs).first(where: { $0 != $1 })?.0 { return "\(changed.name) changed" }
    return "changed"
  }
}
