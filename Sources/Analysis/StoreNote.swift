/// A sentence about a store that a reader of the tables should know; the same of several stores is said once.
package struct StoreNote: Sendable {
  private let store: String
  /// What stands around the store's name.
  private let before: String
  private let after: String

  package init(_ before: String, _ store: String, _ after: String) {
    self.before = before
    self.store = store
    self.after = after
  }

  private func isSame(as other: StoreNote) -> Bool { before == other.before && after == other.after }

  /// One sentence each, in the order in which they first came.
  package static func sentences(_ notes: [StoreNote]) -> [String] {
    var sentences: [(first: StoreNote, stores: [String])] = []
    for note in notes {
      if let known = sentences.firstIndex(where: { $0.first.isSame(as: note) }) {
        if !sentences[known].stores.contains(note.store) { sentences[known].stores.append(note.store) }
      } else {
        sentences.append((note, [note.store]))
      }
    }
    return sentences.map { note, stores in
      let names =
        stores.dropLast().joined(separator: ", ") + (stores.count > 1 ? " and " : "") + stores[stores.count - 1]
      return note.before + names + note.after
    }
  }
}
