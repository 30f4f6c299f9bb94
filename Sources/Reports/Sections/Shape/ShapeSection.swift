import Results

extension ShapeAnalysis: ReportedAnalysis {
  package static var sections: [any ReportSection.Type] { [ShapeSection.self] }
}

/// The section of `analyze shape`.
struct ShapeSection: ReportSection {
  static let definition = AnalysisDefinition.shape

  let folder: AnalysisFolder
  let context: SectionContext

  func section() throws -> AnalysisSection? {
    var section = try EstimateSection(
      folder: folder, table: .shape,
      introduction: "What comes back inside objects, on their boundary and in the background, at every tap.",
      context: context,
      // Dozens of classes make no figure: they stand in the table.
      isDrawn: { row, table in table.index(of: .group).map { !row.labels[$0].hasPrefix("class:") } ?? true }
    ).section()
    section.aspect = "shape"
    return section
  }
}
