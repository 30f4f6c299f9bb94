import Foundation
import Mustache

/// The Mustache templates, the style sheet and the script of a report, from `templates/report`.
struct ReportTemplates {
  private let library: MustacheLibrary
  let styleSheet: String
  let script: String

  /// Reads every `.mustache` file of `folder` (a partial is called by its name without the ending), `report.css` and
  /// `report.js`.
  init(folder: URL) throws {
    MustacheContentTypes.register(SafeHTML(), named: SafeHTML.name)
    func text(_ name: String) throws -> String {
      let file = folder.appendingPathComponent(name)
      guard let data = FileManager.default.contents(atPath: file.path) else {
        throw ReportError("no template \(file.path); give the folder of templates with --templates DIR")
      }
      return String(decoding: data, as: UTF8.self)
    }
    var library = MustacheLibrary()
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names.sorted() where name.hasSuffix(".mustache") {
      do {
        try library.register(
          "{{% CONTENT_TYPE:\(SafeHTML.name)}}\n" + text(name), named: String(name.dropLast(".mustache".count)))
      } catch let error as ReportError {
        throw error
      } catch {
        throw ReportError("the template \(folder.appendingPathComponent(name).path) cannot be read: \(error)")
      }
    }
    self.library = library
    styleSheet = try text("report.css")
    script = try text("report.js")
    guard library.getTemplate(named: "index") != nil else {
      throw ReportError("no template \(folder.appendingPathComponent("index.mustache").path)")
    }
  }

  /// The page `index` with the values of `page`.
  func render(_ page: some Any) throws -> String {
    guard let text = library.render(page, withTemplate: "index") else {
      throw ReportError("the template 'index' could not be rendered")
    }
    return text
  }

  /// Escapes every scalar by itself. Mustache's own escapes by character, and so lets a quote with a combining mark
  /// behind it out of an attribute.
  private struct SafeHTML: MustacheContentType {
    static let name = "PALIMPSEST"

    func escapeText(_ text: String) -> String { Escaping.html(text) }
  }
}
