import Results

/// Which model every store is of, and which inverse its pictures came back by: stores of one checkpoint, such as `vit`,
/// `vit-learned` and `vit-ridge`, are one model. Figures, tables and sentences of a report all ask here.
///
/// Where no checkpoint is recorded, names tell it if several models have several methods in common: `a-x`, `a-y`, `b-x`, `b-y`.
package struct StudyModels: Equatable {
  package struct Name: Equatable, Sendable {
    /// As people call it.
    package let model: String
    /// Of the inverse, as in the store's name; empty where the name says nothing of one.
    package let method: String

    package init(model: String, method: String) {
      self.model = model
      self.method = method
    }
  }

  /// Stores of one model, and what their names begin with.
  private struct Group {
    var stores: [Provenance.Store]
    var base: String
  }

  private struct Checkpoint: Equatable {
    let sha256: String
    let model: String
  }

  /// By store.
  private var names: [String: Name] = [:]
  /// In order of appearance.
  package private(set) var models: [String] = []
  /// In order of appearance.
  package private(set) var methods: [String] = []
  /// By model: what the names of its stores begin with, where it is called otherwise.
  private var bases: [String: String] = [:]
  private var checkpoints: [Checkpoint] = []

  /// - Parameter stores: of all analyses; the first of each name counts.
  package init(_ stores: [Provenance.Store]) {
    var known: [Provenance.Store] = []
    for store in stores where !known.contains(where: { $0.name == store.name }) { known.append(store) }
    let groups = Self.groups(known)
    let titles = groups.map { Self.title(of: $0.stores[0], base: $0.base) }
    for (group, title) in zip(groups, titles) {
      // Two checkpoints that would have one name keep those of their stores, as do stores whose names have nothing in common.
      let isClear = !title.isEmpty && titles.count { $0 == title } == 1
      if isClear, !group.base.isEmpty, group.base != title { bases[title] = group.base }
      for store in group.stores {
        names[store.name] =
          isClear
          ? Name(model: title, method: Self.rest(store.name, behind: group.base)) : Name(model: store.name, method: "")
      }
    }
    for store in known {
      guard let name = names[store.name] else { continue }
      if !models.contains(name.model) { models.append(name.model) }
      if !name.method.isEmpty, !methods.contains(name.method) { methods.append(name.method) }
      if let sha256 = store.checkpointSHA256, !sha256.isEmpty {
        checkpoints.append(Checkpoint(sha256: sha256, model: name.model))
      }
    }
  }

  /// The model of a checkpoint, of whose SHA-256 the beginning is enough.
  package func model(ofCheckpoint start: String) -> String? {
    start.isEmpty ? nil : checkpoints.first { $0.sha256.hasPrefix(start) }?.model
  }

  /// What a model may be called where it is chosen or named: as people call it, and as the names of its stores begin.
  package func spellings(of model: String) -> [String] { [model] + [bases[model]].compactMap { $0 } }

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

  // MARK: Groups

  private static func groups(_ stores: [Provenance.Store]) -> [Group] {
    let grid = grid(stores.filter { ($0.checkpointSHA256 ?? "").isEmpty }.map(\.name))
    var groups: [(key: String, group: Group)] = []
    for store in stores {
      let checkpoint = store.checkpointSHA256 ?? ""
      let key =
        !checkpoint.isEmpty
        ? "checkpoint \(checkpoint)" : grid[store.name].map { "model \($0)" } ?? "store \(store.name)"
      if let index = groups.firstIndex(where: { $0.key == key }) {
        groups[index].group.stores.append(store)
      } else {
        groups.append((key, Group(stores: [store], base: grid[store.name] ?? "")))
      }
    }
    var found = groups.map(\.group)
    for index in found.indices where found[index].base.isEmpty {
      found[index].base = base(found[index].stores.map(\.name))
    }
    // One store of a model tells its inverse by an ending that stands behind another model, or that all have.
    var methods = Set<String>()
    for group in found where group.stores.count > 1 {
      methods.formUnion(group.stores.map { rest($0.name, behind: group.base) })
    }
    let endings = found.map { ending($0.stores[0].name) }
    let common = found.count > 1 && Set(endings).count == 1 ? endings[0] : nil
    for index in found.indices where found[index].stores.count == 1 {
      let name = found[index].stores[0].name
      if let split = splits(of: name).first(where: { methods.contains($0.method) }) {
        found[index].base = split.model
      } else if let common {
        found[index].base = String(name.dropLast(common.count + 1))
      }
    }
    return found
  }

  /// The models of names of which nothing else is known, where they make a grid of models and methods.
  private static func grid(_ names: [String]) -> [String: String] {
    let all = names.map { (name: $0, parts: splits(of: $0)) }
    var methods: [String: Set<String>] = [:]
    var models: [String: Set<String>] = [:]
    for part in all.flatMap(\.parts) {
      methods[part.model, default: []].insert(part.method)
      models[part.method, default: []].insert(part.model)
    }
    var found: [String: String] = [:]
    for (name, parts) in all {
      found[name] =
        parts.first { part in
          let own = methods[part.model] ?? []
          return own.count > 1 && own.allSatisfy { models[$0]?.count ?? 0 > 1 }
        }?.model
    }
    return found
  }

  // MARK: Names

  private static let separators: Set<Character> = ["-", "_", ".", " ", "/"]

  /// A name cut in two at each of its separators, the longest model first.
  private static func splits(of name: String) -> [Name] {
    name.indices.reversed().compactMap { index in
      let method = name[name.index(after: index)...]
      guard separators.contains(name[index]), index > name.startIndex, !method.isEmpty else { return nil }
      return Name(model: String(name[..<index]), method: String(method))
    }
  }

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

  /// A store that is called as its family has the family's name as the field writes it; empty where nothing names the model.
  private static func title(of store: Provenance.Store, base: String) -> String {
    guard !base.isEmpty else { return store.model ?? "" }
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
