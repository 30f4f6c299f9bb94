import Formats

/// What the author says beside what was measured, as Markdown: a summary for the first screen, and notes for sections.
public struct AuthoredText: Codable, Sendable, Equatable {
  public struct Note: Codable, Sendable, Equatable {
    /// The section's name, as in `quality`.
    public let section: String
    public let text: String
  }

  /// nil for none.
  public let summary: String?
  public let notes: [Note]

  /// - Parameter notes: each as `SECTION=TEXT`.
  /// - Throws: `ReportError` where a note names no section, or one that has a note already.
  public init(summary: String? = nil, notes: [String] = []) throws(ReportError) {
    self.summary = summary
    var found: [Note] = []
    for note in notes {
      guard let equals = note.firstIndex(of: "="), equals != note.startIndex else {
        throw ReportError("--note is '\(note.prefix(60))'; give SECTION=TEXT, as in --note 'quality=All of 96 images.'")
      }
      let section = String(note[..<equals])
      guard !found.contains(where: { $0.section == section }) else {
        throw ReportError("--note: '\(section)' is given twice; put both texts into one note")
      }
      found.append(Note(section: section, text: String(note[note.index(after: equals)...])))
    }
    self.notes = found
  }

  /// Parts of the page that are of no analysis and take notes too.
  public static let otherSections = ["compared", "methods"]

  var isEmpty: Bool { summary == nil && notes.isEmpty }
}

/// The author's text as the page shows it.
struct AuthoredBlocks {
  let summary: String
  /// By the identifier of a section.
  private(set) var notes: [String: String] = [:]
  /// What the author should know, one sentence each.
  private(set) var warnings: [String] = []
  /// Identifiers that the text links to.
  private(set) var targets: [String] = []

  /// - Parameters:
  ///   - sections: those of the page.
  ///   - possible: names of sections that other results would have.
  /// - Throws: `ReportError` where a note is of a section that no report has.
  init(_ text: AuthoredText, sections: [AnalysisSection], possible: [String]) throws(ReportError) {
    let summary = Markdown(text.summary ?? "")
    self.summary = summary.html
    warnings = summary.problems.map { "The summary: \($0)." }
    targets = summary.targets
    for note in text.notes {
      let markdown = Markdown(note.text)
      warnings += markdown.problems.map { "The note of '\(note.section)': \($0)." }
      if let identifier = Self.identifier(note.section, sections) {
        targets += markdown.targets
        notes[identifier, default: ""] += markdown.html
        continue
      }
      let folders = sections.map(\.folder.name).filter { !$0.isEmpty }
      let known = (sections.map(\.identifier) + folders + AuthoredText.otherSections)
        .reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
      guard possible.contains(note.section) else {
        throw ReportError(
          "--note: there is no section '\(note.section)'\(Spelling.suggestion(for: note.section, among: known)); "
            + "sections are \(known.joined(separator: ", "))")
      }
      warnings.append("The note of '\(note.section)' is not shown: these results have no such section.")
    }
  }

  /// The section that a name is of: its own, or that of the folder of its results.
  private static func identifier(_ name: String, _ sections: [AnalysisSection]) -> String? {
    if AuthoredText.otherSections.contains(name) { return name }
    return (sections.first { $0.identifier == name } ?? sections.first { $0.folder.name == name })?.identifier
  }
}
