import Formats
import Foundation

/// Paths of an experiment: relative ones are relative to its file.
public struct ExperimentPaths: Sendable {
  /// The folder of the file; empty for the working folder.
  public let base: String
  /// Where everything goes.
  public let output: String

  /// - Parameters:
  ///   - file: the experiment's file.
  ///   - output: from the command line, relative to the working folder; else the file's own, relative to it.
  public init(file: String, own: String?, output: String?) {
    let above = FilePath.folder(of: file)
    let folder = above == "." ? "" : above
    base = folder
    let stem = FilePath.stem(of: file)
    self.output =
      output ?? ExperimentPaths.resolve(own ?? "\(stem)-results", in: folder)
  }

  public func resolve(_ path: String) -> String { ExperimentPaths.resolve(path, in: base) }

  public var state: String { output + "/.palimpsest" }
  public var results: String { output + "/results" }
  public func store(_ name: String) -> String { "\(output)/stores/\(name).h5" }
  public func inverse(_ name: String) -> String { "\(output)/inverses/\(name)" }
  public func images(_ name: String) -> String { "\(output)/images/\(name)" }
  public func result(_ name: String) -> String { "\(results)/\(name)" }

  private static func resolve(_ path: String, in base: String) -> String {
    let path = FilePath.expandingHome(path, home: FilePath.home)
    if path.hasPrefix("/") { return path }
    let joined = base.isEmpty ? path : base == "/" ? base + path : base + "/" + path
    let short = collapsed(joined)
    // A folder that is a link has another one above it than its path says.
    return identity(short) == identity(joined) ? short : joined
  }

  /// Without `.`, and without `..` where a name stands before it.
  private static func collapsed(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    let text = parts.joined(separator: "/")
    return path.hasPrefix("/") ? "/" + text : text.isEmpty ? "." : text
  }

  /// Of the deepest part of a path that is there.
  private static func identity(_ path: String) -> [UInt64] {
    var rest = path.isEmpty ? "." : path
    var depth: UInt64 = 0
    var status = stat()
    while stat(rest, &status) != 0 {
      let above = FilePath.folder(of: rest)
      if above == rest { return [0, 0, depth] }
      rest = above
      depth += 1
    }
    return [UInt64(status.st_dev), UInt64(status.st_ino), depth]
  }
}
