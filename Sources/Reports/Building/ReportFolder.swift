import Formats
import Foundation

/// A report under construction: written beside its place under another name, and put there by renaming once it is
/// whole.
struct ReportFolder {
  let staging: URL
  private let output: URL
  private let lock: OutputLock

  /// A line of every `index.html` of ours, by which a folder is known as a report that may be replaced.
  static let mark = "<meta name=\"generator\" content=\"Palimpsest"

  /// Makes the staging folder.
  /// - Throws: `ReportError` if `output` holds something that is not a report, `OutputInUse` where another process writes there,
  ///   `FileWritingError` where nothing can be written.
  init(output place: URL) throws {
    // A link to a folder stays, and what it leads to is replaced.
    let output = URL(fileURLWithPath: AtomicFile.target(of: place.standardizedFileURL.path)).standardizedFileURL
    self.output = output
    let manager = FileManager.default
    let parent = output.deletingLastPathComponent()
    do { try manager.createDirectory(at: parent, withIntermediateDirectories: true) } catch {
      throw FileWritingError(path: parent.path, error)
    }
    lock = try OutputLock(beside: output.path)
    FolderExchange.restore(output.path)
    if let content = try? manager.contentsOfDirectory(atPath: output.path) {
      let page = manager.contents(atPath: output.appendingPathComponent("index.html").path)
      let isReport = page.map { String(decoding: $0.prefix(2000), as: UTF8.self).contains(Self.mark) } ?? false
      guard content.isEmpty || isReport else {
        throw ReportError("\(output.path) is not empty and holds no report; choose another folder with --out")
      }
    } else if manager.fileExists(atPath: output.path) {
      throw ReportError("\(output.path) is a file; choose another folder with --out")
    }
    staging = parent.appendingPathComponent(".\(output.lastPathComponent).partial")
    UnfinishedFiles.add(staging.path)
    do {
      try? manager.removeItem(at: staging)
      for folder in ["figures", "tables", "explorer"] {
        try manager.createDirectory(at: staging.appendingPathComponent(folder), withIntermediateDirectories: true)
      }
    } catch {
      throw FileWritingError(path: staging.path, error)
    }
  }

  func write(_ text: String, to path: String) throws { try write(Data(text.utf8), to: path) }

  func write(_ data: Data, to path: String) throws {
    let file = staging.appendingPathComponent(path)
    do {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    } catch {
      throw FileWritingError(path: file.path, error)
    }
    try AtomicFile.write(data, to: file.path)
  }

  /// A file already written, as an address that holds it.
  func dataAddress(of path: String) throws -> String {
    let file = staging.appendingPathComponent(path)
    guard let data = FileManager.default.contents(atPath: file.path) else {
      throw ReportError("cannot read \(file.path)")
    }
    let types = [
      "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "pdf": "application/pdf", "csv": "text/csv",
      "tex": "application/x-tex", "json": "application/json",
    ]
    let type = types[file.pathExtension] ?? "application/octet-stream"
    let encoded = "data:\(type);base64,\(data.base64EncodedString())"
    guard file.pathExtension == "svg" else { return encoded }
    // Pictures in it are base64 already, which escaping leaves as it is.
    let escaped = "data:\(type)," + Self.escaped(data)
    return escaped.utf8.count < encoded.utf8.count ? escaped : encoded
  }

  /// Bytes as part of an address, with nothing that HTML would escape once more.
  private static func escaped(_ data: Data) -> String {
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*();/?:@=+$,".utf8)
    let digits = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(data.count * 5 / 4)
    for byte in data {
      if plain.contains(byte) {
        text.append(byte)
      } else {
        text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Removes everything written so far.
  func empty() throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: staging.path) {
      try FileManager.default.removeItem(at: staging.appendingPathComponent(name))
    }
  }

  /// Puts the report in its place; what was there before goes only then. The last that is done with the folder.
  func publish() throws {
    let manager = FileManager.default
    let sheets = staging.appendingPathComponent("explorer")
    if (try? manager.contentsOfDirectory(atPath: sheets.path))?.isEmpty == true { try? manager.removeItem(at: sheets) }
    try FolderExchange.publish(staging.path, at: output.path)
    UnfinishedFiles.remove(staging.path)
    lock.release()
  }

  /// Leaves nothing behind after a failure.
  func discard() {
    try? FileManager.default.removeItem(at: staging)
    UnfinishedFiles.remove(staging.path)
    lock.release()
  }
}
