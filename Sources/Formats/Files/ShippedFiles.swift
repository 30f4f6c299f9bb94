import Foundation

/// Files that come with the program: in its checkout, or in `share/palimpsest` of an installation, where they have the same names.
public enum ShippedFiles {
  private static let share = "share/palimpsest"

  /// The folder `name` that holds `part`: above the program, each time in `share/palimpsest` first, which is where `make install` puts the
  /// files; else above the working folder; else where the program was built. nil where there is none.
  public static func folder(_ name: String, holding part: String) -> URL? {
    let working = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return [program, working, source].compactMap { $0 }.lazy.flatMap(foldersAbove)
      .flatMap { [$0.appendingPathComponent(share), $0] }.map { $0.appendingPathComponent(name) }
      .first { FileManager.default.fileExists(atPath: $0.appendingPathComponent(part).path) }
  }

  /// The folder `name` of an installation's own files; nil in a checkout, and where there is none.
  public static func installedFolder(_ name: String) -> URL? {
    program.flatMap { program in
      foldersAbove(program).lazy.map { $0.appendingPathComponent("\(share)/\(name)") }
        .first { FileManager.default.fileExists(atPath: $0.path) }
    }
  }

  /// The folder of the running program, whatever link led to it.
  private static var program: URL? {
    Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
  }

  /// The folder itself and those above it, up to the root.
  private static func foldersAbove(_ folder: URL) -> [URL] {
    var folders = [folder]
    while let last = folders.last, last.path != "/" { folders.append(last.deletingLastPathComponent()) }
    return folders
  }
}
