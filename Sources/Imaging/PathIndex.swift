/// Values by relative path, else by file name where that is the only one of its kind.
struct PathIndex<Value: Sendable & Equatable>: Sendable, Equatable {
  private var byPath: [String: Value] = [:]
  /// The only path with this file name; nil where several have it.
  private var byName: [String: String?] = [:]

  /// Keeps `value` for a path; returns the value already there, which stays, if any.
  mutating func insert(_ value: Value, at path: String) -> Value? {
    let path = PathIndex.plain(path)
    if let present = byPath[path] { return present }
    byPath[path] = value
    let name = PathIndex.name(path)
    byName[name] = byName.keys.contains(name) ? .some(nil) : .some(path)
    return nil
  }

  subscript(path: String) -> Value? {
    let path = PathIndex.plain(path)
    if let value = byPath[path] { return value }
    guard let entry = byName[PathIndex.name(path)], let only = entry else { return nil }
    return byPath[only]
  }

  private static func plain(_ path: String) -> String {
    var path = path[...]
    while path.hasPrefix("./") { path = path.dropFirst(2) }
    return String(path)
  }

  private static func name(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }
}
