import Formats
import Results

/// The author's words for single sections of the report.
extension ExperimentReader {
  /// Parts of the page that are of no analysis and take notes too, as reports name them.
  private static let otherSections = ["compared", "methods"]

  /// `notes:`, a mapping from sections to texts.
  func notes(in entry: EntryReader, _ experiment: Experiment) -> [Experiment.Report.Note] {
    guard let value = entry.value("notes"), let pairs = value.pairs("notes", problems) else { return [] }
    let known = sections(of: experiment)
    return pairs.compactMap { pair in
      guard known.contains(pair.key) else {
        problems.add(
          line: pair.line,
          "notes: the report has no section '\(pair.key)'\(Spelling.suggestion(for: pair.key, among: known)); sections are "
            + known.joined(separator: ", "))
        return nil
      }
      guard case .text(let text) = pair.value.content else {
        problems.add(line: pair.line, "notes: \(pair.key) is \(pair.value.kind); give a text")
        return nil
      }
      return Experiment.Report.Note(section: pair.key, text: text)
    }
  }

  /// What the report of an experiment has sections for: its analyses, where one is done for each model also that of a model, and
  /// what the reconstructions look like.
  private func sections(of experiment: Experiment) -> [String] {
    var sections = experiment.analyses.flatMap { analysis -> [String] in
      var own = [analysis.name]
      if analysis.definition.grouping == .perModel {
        own += (analysis.models ?? experiment.models.map(\.name)).map { "\(analysis.name)-\($0)" }
      }
      if analysis.definition.name == AnalysisDefinition.quality.name { own.append("reconstructions") }
      return own
    }
    sections += Self.otherSections
    return sections.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
