/// Values by relative path, else by the end of the path, else by file name where that is the only one of its kind.
///
/// Paths from Windows are understood: a backslash stands for `/` where no path has it otherwise.
struct PathIndex<Value: Sendable & Equatable>: Sendable, Equatable {
  private var byPath: [String: Value] = [:]
  /// Paths by their last name, in the order in which they came.
  private var byName: [String: [String]] = [:]

  /// The paths and what is kept for them, in no order.
  var count: Int { byPath.count }

  /// Keeps `value` for a path; returns the value already there, which stays, if any.
  mutating func insert(_ value: Value, at path: String) -> Value? {
    let path = PathIndex.plain(path)
    if let present = byPath[path] { return present }
    byPath[path] = value
    byName[PathIndex.name(path), default: []].append(path)
    return nil
  }

  /// The path under which there is something for `path`; nil where nothing fits or several do.
  func key(for path: String) -> String? {
    let path = PathIndex.plain(path)
    if byPath[path] != nil { return path }
    guard let candidates = byName[PathIndex.name(path)] else { return nil }
    if candidates.count == 1 { return candidates[0] }
    // `train/a/1.png` in a file is `a/1.png` of a folder that begins further down, or further up.
    let fitting = candidates.filter { ("/" + $0).hasSuffix("/" + path) || ("/" + path).hasSuffix("/" + $0) }
    return fitting.count == 1 ? fitting[0] : nil
  }

  subscript(path: String) -> Value? { key(for: path).flatMap { byPath[$0] } }

  private static func plain(_ path: String) -> String {
    var path = path.contains("\\") ? path.replacing("\\", with: "/")[...] : path[...]
    while path.hasPrefix("./") { path = path.dropFirst(2) }
    return String(path)
  }

  private static func name(_ path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }
}

/// How what a file says of pictures fits the pictures of a folder.
public struct PathMatches: Sendable, Equatable {
  /// For each picture the path in the file that is meant; nil where there is none, or where several pictures would share it.
  public var keys: [String?]
  /// Pictures that nothing is said of, by their paths.
  public var missing: [String] = []
  /// Pictures that share one entry of the file by their file name alone, and so get nothing.
  public var shared: [String] = []
  /// How many entries of the file are of none of the pictures.
  public var unused: Int
}

extension PathIndex {
  /// Finds the entry of every picture. Where two pictures would get one entry because only their last names are the same, neither
  /// does.
  func matches(_ paths: [String]) -> PathMatches {
    let keys = paths.map(key(for:))
    var uses: [String: Int] = [:]
    for key in keys.compactMap({ $0 }) { uses[key, default: 0] += 1 }
    var result = PathMatches(keys: keys, unused: count - uses.count)
    for (index, path) in paths.enumerated() {
      guard let key = keys[index] else {
        result.missing.append(path)
        continue
      }
      guard uses[key] ?? 0 > 1, key != PathIndex.plain(path) else { continue }
      result.keys[index] = nil
      result.shared.append(path)
    }
    return result
  }
}
