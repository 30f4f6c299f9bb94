import Foundation

/// A folder of its own for a test, removed with the value.
public final class TemporaryFolder: Sendable {
  /// Without symbolic links, as programs report it.
  public let path: String
  public var url: URL { URL(fileURLWithPath: path, isDirectory: true) }

  /// - Throws: `CocoaError` where the folder cannot be made.
  public init() throws {
    var template = Array("\(NSTemporaryDirectory())/palimpsest-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil, let real = realpath(template, nil) else { throw CocoaError(.fileWriteUnknown) }
    path = String(cString: real)
    free(real)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  public func path(_ name: String) -> String { path + "/" + name }

  public func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// What it holds, sorted.
  public func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

  /// Makes a folder in it, and those above.
  public func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
  }

  /// Writes a file, and makes the folders above it.
  ///
  /// - Returns: Where the file is.
  @discardableResult
  public func write(_ bytes: some Sequence<UInt8>, to name: String) throws -> URL {
    let file = URL(fileURLWithPath: path(name))
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
    return file
  }

  @discardableResult
  public func write(_ text: String, to name: String) throws -> URL { try write(text.utf8, to: name) }

  public func bytes(of name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  public func text(of name: String) throws -> String {
    try String(contentsOf: URL(fileURLWithPath: path(name)), encoding: .utf8)
  }

  public func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: path(name)) }
}
