import Results

/// Which model every store is of, and which inverse its pictures came back by: stores of one checkpoint, such as `vit`,
/// `vit-learned` and `vit-ridge`, are one model.
package struct StudyModels: Equatable {
  package struct Name: Equatable {
    /// As people call it.
    package let model: String
    /// Of the inverse, as in the store's name; empty where the name says nothing of one.
    package let method: String

    package init(model: String, method: String) {
      self.model = model
      self.method = method
    }
  }

  /// By store.
  private var names: [String: Name] = [:]
  /// In order of appearance.
  package private(set) var models: [String] = []

  /// - Parameter stores: of all analyses; the first of each name counts.
  package init(_ stores: [Provenance.Store]) {
    var known: [Provenance.Store] = []
    for store in stores where !known.contains(where: { $0.name == store.name }) { known.append(store) }
    var groups: [[Provenance.Store]] = []
    for store in known {
      let index = groups.firstIndex {
        store.checkpointSHA256 != nil && $0[0].checkpointSHA256 == store.checkpointSHA256
      }
      if let index { groups[index].append(store) } else { groups.append([store]) }
    }
    var bases = groups.map { Self.base($0.map(\.name)) }
    // One store of each model tells its inverse by an ending that all have, or that stands behind another model.
    var methods = Set<String>()
    for (group, base) in zip(groups, bases) where group.count > 1 {
      methods.formUnion(group.map { Self.rest($0.name, behind: base) })
    }
    let endings = groups.map { Self.ending($0[0].name) }
    let common = groups.count > 1 && Set(endings).count == 1 ? endings[0] : nil
    for (index, group) in groups.enumerated() where group.count == 1 {
      guard let ending = endings[index], methods.contains(ending) || ending == common else { continue }
      bases[index] = String(group[0].name.dropLast(ending.count + 1))
    }
    let titles = zip(groups, bases).map { Self.title(of: $0[0], base: $1) }
    for (index, group) in groups.enumerated() {
      // Two checkpoints that would have one name keep those of their stores.
      let isClear = titles.count { $0 == titles[index] } == 1
      for store in group {
        let own =
          isClear
          ? Name(model: titles[index], method: Self.rest(store.name, behind: bases[index]))
          : Name(model: store.name, method: "")
        names[store.name] = own
        if !models.contains(own.model) { models.append(own.model) }
      }
    }
  }

  /// A store that is not known is a model by its own name.
  package func name(of store: String) -> Name { names[store] ?? Name(model: store, method: "") }

  /// "Swin (ridge)", or "Swin" where a name says nothing of an inverse.
  package func label(of store: String) -> String {
    let name = name(of: store)
    return name.method.isEmpty ? name.model : "\(name.model) (\(name.method))"
  }

  /// The models of some stores, each once.
  package func models(of stores: [String]) -> [String] {
    stores.map { name(of: $0).model }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// The inverses of some stores, each once.
  package func methods(of stores: [String]) -> [String] {
    stores.map { name(of: $0).method }.filter { !$0.isEmpty }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  // MARK: Names

  private static let separators: Set<Character> = ["-", "_", ".", " "]

  /// What the names of one model's stores begin with.
  private static func base(_ names: [String]) -> String {
    guard names.count > 1, var common = names.first else { return names.first ?? "" }
    for name in names { common = String(zip(common, name).prefix { $0 == $1 }.map(\.0)) }
    let isWhole = names.allSatisfy { name in
      name == common || name.dropFirst(common.count).first.map(separators.contains) ?? false
    }
    if !isWhole {
      common = String(common.prefix(upTo: common.lastIndex(where: separators.contains) ?? common.startIndex))
    }
    while let last = common.last, separators.contains(last) { common.removeLast() }
    return common
  }

  private static func rest(_ name: String, behind base: String) -> String {
    let rest = name.dropFirst(base.count)
    return String(base.isEmpty ? rest : rest.drop { separators.contains($0) })
  }

  /// What stands behind the last separator of a name; nil without one.
  private static func ending(_ name: String) -> String? {
    guard let place = name.lastIndex(where: separators.contains), place != name.startIndex else { return nil }
    let ending = String(name[name.index(after: place)...])
    return ending.isEmpty || ending.allSatisfy(\.isNumber) ? nil : ending
  }

  /// A store that is called as its family has the family's name as the field writes it.
  private static func title(of store: Provenance.Store, base: String) -> String {
    guard !base.isEmpty else { return store.model ?? store.name }
    guard base.lowercased() == store.family?.lowercased() else { return base }
    switch base.lowercased() {
    case "vit": return "ViT"
    case "deit": return store.model?.hasPrefix("deit3") ?? false ? "DeiT III" : "DeiT"
    case "swin": return "Swin"
    case "detr": return "DETR"
    default: return base
    }
  }
}
