import FiguresCairo
import Foundation

/// A report under construction: written beside its place under another name, and put there by renaming once it is
/// whole.
struct ReportFolder {
  let staging: URL
  private let output: URL

  /// A line of every `index.html` of ours, by which a folder is known as a report that may be replaced.
  static let mark = "<meta name=\"generator\" content=\"Palimpsest"

  /// Makes the staging folder.
  /// - Throws: `ReportError` if `output` holds something that is not a report.
  init(output place: URL) throws {
    let output = place.standardizedFileURL
    self.output = output
    let manager = FileManager.default
    if let content = try? manager.contentsOfDirectory(atPath: output.path) {
      let page = manager.contents(atPath: output.appendingPathComponent("index.html").path)
      let isReport = page.map { String(decoding: $0.prefix(2000), as: UTF8.self).contains(Self.mark) } ?? false
      guard content.isEmpty || isReport else {
        throw ReportError("\(output.path) is not empty and holds no report; choose another folder with --out")
      }
    } else if manager.fileExists(atPath: output.path) {
      throw ReportError("\(output.path) is a file; choose another folder with --out")
    }
    let parent = output.deletingLastPathComponent()
    staging = parent.appendingPathComponent(".\(output.lastPathComponent).partial")
    do {
      try? manager.removeItem(at: staging)
      for folder in ["figures", "tables"] {
        try manager.createDirectory(at: staging.appendingPathComponent(folder), withIntermediateDirectories: true)
      }
    } catch {
      throw ReportError(
        "--out \(output.path): cannot make \(staging.path) (\(FileSystemReason.text(of: error))); "
          + "choose another place")
    }
  }

  func write(_ text: String, to path: String) throws {
    let file = staging.appendingPathComponent(path)
    do { try Data(text.utf8).write(to: file) } catch {
      throw ReportError("cannot write \(file.path): \(FileSystemReason.text(of: error))")
    }
  }

  /// Puts the report in its place; what was there before goes only then.
  func publish() throws {
    let manager = FileManager.default
    let previous = output.deletingLastPathComponent().appendingPathComponent(".\(output.lastPathComponent).previous")
    do {
      try? manager.removeItem(at: previous)
      if manager.fileExists(atPath: output.path) { try manager.moveItem(at: output, to: previous) }
      try manager.moveItem(at: staging, to: output)
      try? manager.removeItem(at: previous)
    } catch {
      throw ReportError("cannot put the report at \(output.path): \(FileSystemReason.text(of: error))")
    }
  }

  /// Leaves nothing behind after a failure.
  func discard() { try? FileManager.default.removeItem(at: staging) }
}
