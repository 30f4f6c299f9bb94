/// Which model and which method each store of a report is of: stores of one checkpoint are of one model, and what tells their names
/// apart is the method, such as the inverse.
///
/// Where no checkpoint is recorded, names tell it if several models have several methods in common: `a-x`, `a-y`, `b-x`, `b-y`.
struct StudyStores {
  struct Member: Equatable, Sendable {
    var model: String
    /// Empty for a store that has none, such as one of features.
    var method: String
  }

  private(set) var members: [String: Member] = [:]
  /// In order of appearance.
  private(set) var models: [String] = []
  private(set) var methods: [String] = []
  /// Checkpoints of which models are known, with the model.
  private var checkpoints: [(sha256: String, model: String)] = []

  /// The model of a checkpoint, of whose SHA-256 the beginning is enough.
  func model(ofCheckpoint start: String) -> String? {
    start.isEmpty ? nil : checkpoints.first { $0.sha256.hasPrefix(start) }?.model
  }

  private static let separators: Set<Character> = ["-", "_", ".", " ", "/"]

  init(_ stores: [Provenance.Store]) {
    var order: [String] = []
    var checkpoints: [String: String] = [:]
    for store in stores where checkpoints[store.name] == nil {
      order.append(store.name)
      checkpoints[store.name] = store.checkpointSHA256 ?? ""
    }
    for name in order {
      let checkpoint = checkpoints[name] ?? ""
      let group = checkpoint.isEmpty ? [] : order.filter { checkpoints[$0] == checkpoint }
      guard group.count > 1, let model = Self.commonStart(group) else { continue }
      members[name] = Member(model: model, method: Self.rest(of: name, behind: model))
    }
    addByName(order.filter { (checkpoints[$0] ?? "").isEmpty })
    // A model of which there is one store alone may still have one of the methods of the others.
    let known = Set(members.values.map(\.method)).subtracting([""])
    for name in order where members[name] == nil {
      members[name] = Self.splits(of: name).first { known.contains($0.method) } ?? Member(model: name, method: "")
    }
    for name in order {
      guard let member = members[name] else { continue }
      if !models.contains(member.model) { models.append(member.model) }
      if let checkpoint = checkpoints[name], !checkpoint.isEmpty {
        self.checkpoints.append((checkpoint, member.model))
      }
      if !member.method.isEmpty, !methods.contains(member.method) { methods.append(member.method) }
    }
  }

  /// Names of which nothing else is known, where they make a grid of models and methods.
  private mutating func addByName(_ names: [String]) {
    let splits = names.flatMap { name in Self.splits(of: name).map { (name, $0) } }
    func shared(_ member: Member) -> Bool {
      let methods = Set(splits.filter { $0.1.model == member.model }.map(\.1.method))
      return methods.count > 1
        && methods.allSatisfy { method in Set(splits.filter { $0.1.method == method }.map(\.1.model)).count > 1 }
    }
    for (name, member) in splits where members[name] == nil && shared(member) { members[name] = member }
  }

  /// A name cut in two at each of its separators, the longest model first.
  private static func splits(of name: String) -> [Member] {
    name.indices.reversed().compactMap { index in
      let method = name[name.index(after: index)...]
      guard separators.contains(name[index]), index > name.startIndex, !method.isEmpty else { return nil }
      return Member(model: String(name[..<index]), method: String(method))
    }
  }

  /// What names have in common from their start, up to a separator or the end of one; nil for nothing.
  private static func commonStart(_ names: [String]) -> String? {
    guard let first = names.min(by: { $0.count < $1.count }) else { return nil }
    let characters = Array(first)
    for length in stride(from: characters.count, to: 0, by: -1) {
      let start = String(characters.prefix(length))
      let isCommon = names.allSatisfy { name in
        guard name.hasPrefix(start) else { return false }
        return name.count == length || separators.contains(Array(name)[length])
      }
      if isCommon, let last = start.last, !separators.contains(last) { return start }
    }
    return nil
  }

  private static func rest(of name: String, behind model: String) -> String {
    String(name.dropFirst(model.count).drop { separators.contains($0) })
  }
}
