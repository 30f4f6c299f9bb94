import Formats

/// What taps are in the trees of their models: results over depth follow it, not the order of a list.
///
/// Stores record it. Where they do not, names that are Palimpsest's tell it; other names stand for layers in the order of the
/// store.
struct TapTree {
  /// The taps of a store in order of depth.
  struct Course: Equatable {
    /// Layers from shallow to deep, each value once.
    var trunk: [String] = []
    /// What is read off the trunk: class scores, boxes. They stand beside each other, not behind each other.
    var heads: [String] = []
    /// What is inside blocks: each beside the trunk, in the order of depth.
    var parts: [String] = []

    /// The trunk and what is read off it, as figures over depth show them.
    var all: [String] { trunk + heads }
  }

  private struct Entry {
    let parent: String
    let role: TapRole
  }

  /// By store, then by tap.
  private var recorded: [String: [String: Entry]] = [:]

  init(_ stores: [Provenance.Store]) {
    for store in stores where recorded[store.name] == nil {
      guard let taps = store.taps, let parents = store.parents, let roles = store.roles, parents.count == taps.count,
        roles.count == taps.count
      else { continue }
      recorded[store.name] = Dictionary(
        zip(taps, zip(parents, roles)).map { tap, entry in
          (tap, Entry(parent: entry.0, role: TapRole(rawValue: entry.1) ?? .trunk))
        }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// The course of some taps of a store, which are given in its order. Another name of a value is left out where the value is
  /// there under its own.
  func course(of taps: [String], in store: String) -> Course {
    var course = Course()
    for tap in taps {
      let entry = entry(tap, among: taps, in: store)
      switch entry.role {
      case .head: course.heads.append(tap)
      case .alias where taps.contains(entry.parent): continue
      case .inside, .weights: course.parts.append(tap)
      case .alias, .trunk, .norm: course.trunk.append(tap)
      }
    }
    return course
  }

  /// The deepest layer among some taps of a store: of heads alone the last one, and so of what is inside blocks.
  func deepest(of taps: [String], in store: String) -> String? {
    let course = course(of: taps, in: store)
    return course.trunk.last ?? course.heads.last ?? course.parts.last
  }

  /// The layers between which steps are taken: those of the trunk but the normalisation behind the last.
  func layers(of taps: [String], in store: String) -> [String] {
    course(of: taps, in: store).trunk.filter { entry($0, among: taps, in: store).role != .norm }
  }

  /// Names of values that some taps of a store have twice, and the name under which each stands in the model's tree.
  func aliases(of taps: [String], in store: String) -> [(tap: String, original: String)] {
    taps.compactMap { tap in
      let entry = entry(tap, among: taps, in: store)
      return entry.role == .alias ? (tap, entry.parent) : nil
    }
  }

  private func entry(_ tap: String, among taps: [String], in store: String) -> Entry {
    if let known = recorded[store]?[tap] { return known }
    let none = Entry(parent: "", role: .trunk)
    guard taps.allSatisfy({ Self.isOwnName(BlockPart.split($0)?.block ?? $0) }) else { return none }
    if let (_, part) = BlockPart.split(tap) { return Entry(parent: "", role: part.holdsWeights ? .weights : .inside) }
    switch tap {
    case "logits", "boxes": return Entry(parent: "", role: .head)
    case "norm": return Entry(parent: "", role: .norm)
    default:
      // A stage's output is its last block's.
      let blocks = taps.filter { $0.hasPrefix(tap + ".block.") && BlockPart.split($0) == nil }
      guard tap.hasPrefix("stage."), let last = blocks.last else { return none }
      return Entry(parent: last, role: .alias)
    }
  }

  /// Whether a name is one of Palimpsest's own taps.
  private static func isOwnName(_ name: String) -> Bool {
    let words = name.split(separator: ".", omittingEmptySubsequences: false)
    func isNumber(_ place: Int) -> Bool { Int(words[place]) != nil }
    switch words.count {
    case 1: return ["embed", "projection", "norm", "logits", "boxes"].contains(name)
    case 2:
      if words[0] == "backbone" { return words[1].hasPrefix("layer") && Int(words[1].dropFirst(5)) != nil }
      return ["block", "encoder", "decoder", "stage"].contains(words[0]) && isNumber(1)
    case 4: return words[0] == "stage" && words[2] == "block" && isNumber(1) && isNumber(3)
    default: return false
    }
  }
}
