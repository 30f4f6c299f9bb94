/// The sections that a report can have.
package enum ReportSections {
  /// One line a section, in the order of the page.
  package static var all: [any ReportSection.Type] {
    [
      SimilaritySection.self,
      QualitySection.self,
      ReconstructionsSection.self,
      ColorSection.self,
      DetailSection.self,
      ShapeSection.self,
      PrototypeSection.self,
      EfficiencySection.self,
    ]
  }
}
