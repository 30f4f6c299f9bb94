import Results

extension TokensAnalysis: ReportedAnalysis {
  package static var sections: [any ReportSection.Type] { [TokensSection.self] }
}

/// The section of `analyze tokens`: what the tokens of an image tell apart, and which of them stand out.
struct TokensSection: ReportSection {
  static let definition = AnalysisDefinition.tokens

  let folder: AnalysisFolder
  let context: SectionContext

  func section() throws -> AnalysisSection? {
    let estimates = EstimateSection(
      folder: folder, table: .tokens,
      introduction:
        "What the tokens of an image tell apart at every depth, each at its place, and which of them have norms that stand out.",
      context: context, leavesOut: { $0 == TokenMetric.outlierNorm.rawValue })
    var section = try estimates.section()
    guard folder.has(.tokenMaps), folder.has(.tokenComponents) else { return section }
    let found = ReconstructionStores(folder, open: context.openStore)
    let figures = TokenMapFigures(
      maps: try TokenMapTable(parsing: folder.text(of: .tokenMaps), file: folder.path(of: .tokenMaps)),
      components: try TokenComponentTable(
        parsing: folder.text(of: .tokenComponents), file: folder.path(of: .tokenComponents)),
      estimates: try estimates.read().table, prefix: context.identifier, style: context.style, study: context.study,
      tree: folder.tapTree, stores: found.stores + found.inputs)
    section.figures = try figures.all(&section.warnings) + section.figures
    return section
  }
}
