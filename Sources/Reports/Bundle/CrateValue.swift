/// A value of JSON-LD.
enum CrateValue: Encodable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  case text(String)
  case list([CrateValue])
  case object([String: CrateValue])

  /// A reference to the entity of that identifier.
  static func reference(_ identifier: String) -> CrateValue { ["@id": .text(identifier)] }

  /// References to entities: one stands for itself, as RO-Crate advises; nil for none, which is left out.
  static func references(_ identifiers: [String]) -> CrateValue? {
    identifiers.count > 1 ? .list(identifiers.map(reference)) : identifiers.first.map(reference)
  }

  init(stringLiteral value: String) { self = .text(value) }
  init(arrayLiteral elements: CrateValue...) { self = .list(elements) }
  /// What is nil is left out.
  init(dictionaryLiteral elements: (String, CrateValue?)...) {
    self = .object(
      Dictionary(elements.compactMap { name, value in value.map { (name, $0) } }, uniquingKeysWith: { _, last in last })
    )
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .list(let list): try container.encode(list)
    case .object(let object): try container.encode(object)
    }
  }
}
