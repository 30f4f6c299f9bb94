import Figures
import Formats
import Results

extension DetailAnalysis: ReportedAnalysis {
  package static var sections: [any ReportSection.Type] { [DetailSection.self] }
}

/// The section of `analyze detail`: which spatial frequencies come back.
struct DetailSection: ReportSection {
  static let definition = AnalysisDefinition.detail

  let folder: AnalysisFolder
  let context: SectionContext

  func section() throws -> AnalysisSection? {
    var section = try EstimateSection(
      folder: folder, table: .detail,
      introduction:
        "Which spatial frequencies of the input come back from every tap: coherence, Fourier ring correlation and power ratio of "
        + "reconstruction and input by radial frequency, and where they fall below one half.", context: context,
      // Cycles per patch are those per image on another scale.
      leavesOut: [DetailMetric.cutoffCoherencePerPatch, .cutoffPowerPerPatch].map(\.rawValue).contains
    ).section()
    if folder.has(.detailSpectrum) {
      section.figures = try SpectrumFigures(folder: folder, context: context).all() + section.figures
    }
    let table = try folder.estimates(.detail, required: [.store, .tap, .metric])
    let name = DepthFigure(
      table: table, prefix: context.identifier, style: context.style, tree: folder.tapTree, study: context.study
    ).name(of: DetailMetric.cutoffCoherence.rawValue)
    let words = DetailHeadlines(
      table: table, tree: folder.tapTree, models: context.models,
      figure: section.allFigures.first { $0.name == name }?.name ?? "")
    if let headline = words.headline() { section.headlines = [headline] }
    section.keyNumbers = [words.keyNumber()].compactMap { $0 }
    section.aspect = "detail"
    return section
  }
}
