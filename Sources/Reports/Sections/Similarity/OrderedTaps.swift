/// Stores and their taps in order of first insertion.
struct OrderedTaps {
  private(set) var all: [(store: String, taps: [String])] = []
  private var stores: [String: Int] = [:]
  private var known: [String: Set<String>] = [:]

  mutating func insert(_ store: String, _ tap: String) {
    let index =
      stores[store]
      ?? {
        all.append((store, []))
        return all.count - 1
      }()
    stores[store] = index
    if known[store, default: []].insert(tap).inserted { all[index].taps.append(tap) }
  }

  func contains(_ store: String, _ tap: String) -> Bool { known[store]?.contains(tap) ?? false }
}
