/// Which model each store is of, and by which method its reconstructions were made, as the names of the stores tell: `vit-learned` and
/// `vit-ridge`, of one checkpoint, are the model `vit` by the methods `learned` and `ridge`.
struct StoreMethods: Sendable, Equatable {
  struct Parts: Sendable, Equatable {
    let model: String
    /// Empty where a store is the only one of its model and its name says no method.
    let method: String
  }

  private let parts: [String: Parts]
  private let order: [String]

  /// - Parameters:
  ///   - stores: names, in order.
  ///   - records: what the provenance says of them. Stores of an unknown checkpoint are models of their own.
  init(_ stores: [String], records: [Provenance.Store]) {
    let checkpoints = Dictionary(records.map { ($0.name, $0.checkpointSHA256) }) { first, _ in first }
    var groups: [[String]] = []
    for store in stores {
      let checkpoint = checkpoints[store] ?? nil
      if let checkpoint, let known = groups.firstIndex(where: { checkpoints[$0[0]] == checkpoint }) {
        groups[known].append(store)
      } else {
        groups.append([store])
      }
    }
    var parts: [String: Parts] = [:]
    for group in groups where group.count > 1 {
      for (store, found) in zip(group, Self.parts(group)) { parts[store] = found }
    }
    // A model with one store may still name a method that others have.
    let methods = Set(parts.values.map(\.method))
    for group in groups where group.count == 1 {
      let found = Self.split(group[0]).first { methods.contains($0.method) }
      parts[group[0]] = found ?? Parts(model: group[0], method: "")
    }
    // Two checkpoints whose stores would be called alike keep the names of their stores.
    let names = groups.map { group in parts[group[0]]?.model ?? group[0] }
    for (group, name) in zip(groups, names) where names.count(where: { $0 == name }) > 1 {
      for store in group { parts[store] = Parts(model: store, method: "") }
    }
    self.parts = parts
    order = stores
  }

  private static let separators: Set<Character> = ["-", "_", ".", " ", "/", ":"]

  /// The ways to part a name in two at a separator, the longest model first.
  private static func split(_ name: String) -> [Parts] {
    name.indices.reversed().compactMap { place in
      guard separators.contains(name[place]) else { return nil }
      let (model, method) = (name[..<place], name[name.index(after: place)...])
      return model.isEmpty || method.isEmpty ? nil : Parts(model: String(model), method: String(method))
    }
  }

  /// Of stores of one checkpoint: what their names begin with in common is the model.
  private static func parts(_ group: [String]) -> [Parts] {
    let ways = group.map(split)
    let common = ways[0].first { way in
      ways.dropFirst().allSatisfy { $0.contains { $0.model == way.model } }
    }
    guard let common else { return group.map { Parts(model: group[0], method: $0) } }
    return ways.map { found in found.first { $0.model == common.model } ?? common }
  }

  func model(_ store: String) -> String { parts[store]?.model ?? store }
  func method(_ store: String) -> String { parts[store]?.method ?? "" }

  /// Models and methods, each once, in the order of the stores.
  var models: [String] { order.map(model).reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
  var methods: [String] { order.map(method).reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }

  /// Whether some model was inverted by several methods.
  var compares: Bool { models.count < order.count }

  /// The store of a model by a method; nil where there is none.
  func store(_ model: String, _ method: String) -> String? {
    order.first { self.model($0) == model && self.method($0) == method }
  }
}
