import Foundation

/// Paths taken apart as POSIX's `dirname` and `basename` take them.
///
/// Not `deletingLastPathComponent` of `NSString`, which ends the program at a path of one character (Foundation of Swift 6.3
/// on Linux), and not that of `URL`, which makes relative paths absolute.
public enum FilePath {
  /// The user's home by the environment, as shells and Python take it; not that of the password file.
  public static var home: String? { ProcessInfo.processInfo.environment["HOME"] }

  /// The folder that a path lies in: `a/b` of `a/b/c`, `.` of `c` and of the empty path, `/` of `/c` and of `/`.
  public static func folder(of path: String) -> String {
    let bytes = trimmed(path)
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    let above = withoutSlashes(bytes[..<slash])
    return above.isEmpty ? "/" : String(decoding: above, as: UTF8.self)
  }

  /// The last name of a path: `c` of `a/b/c` and of `a/b/c/`, `/` of `/`, empty of the empty path.
  public static func name(of path: String) -> String {
    let bytes = trimmed(path)
    guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")), bytes.count > 1 else {
      return String(decoding: bytes, as: UTF8.self)
    }
    return String(decoding: bytes[(slash + 1)...], as: UTF8.self)
  }

  /// The last name without its ending: `c` of `a/c.yaml`; a name that only begins with a dot keeps it.
  public static func stem(of path: String) -> String {
    let name = name(of: path)
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return name }
    return String(name[..<dot])
  }

  /// A path as it is written from a folder: `../b/c` of `/a/b/c` from `/a/d`. Links on the way are followed.
  public static func relative(_ path: String, from folder: String) -> String {
    func parts(_ path: String) -> [String] {
      URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path.split(separator: "/").map(
        String.init)
    }
    let (target, start) = (parts(path), parts(folder))
    let shared = zip(target, start).prefix { $0 == $1 }.count
    return (start.dropFirst(shared).map { _ in ".." } + target.dropFirst(shared)).joined(separator: "/")
  }

  /// The path with `home` for a `~` that stands alone or before a slash, as a shell reads it; other paths, and all where `home`
  /// is nil or empty, stay.
  public static func expandingHome(_ path: String, home: String?) -> String {
    guard let home, !home.isEmpty, path == "~" || path.hasPrefix("~/") else { return path }
    return home + path.dropFirst()
  }

  /// Without slashes at the end; of slashes alone, one.
  private static func trimmed(_ path: String) -> ArraySlice<UInt8> {
    let bytes = Array(path.utf8)
    let trimmed = withoutSlashes(bytes[...])
    return trimmed.isEmpty ? bytes.prefix(1) : trimmed
  }

  private static func withoutSlashes(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var bytes = bytes
    while bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
    return bytes
  }
}
