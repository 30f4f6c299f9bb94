import Results

/// An analysis that reports show.
package protocol ReportedAnalysis: RegisteredAnalysis {
  /// Its sections in the order of the page.
  static var sections: [any ReportSection.Type] { get }
}

/// The sections that a report can have.
package enum ReportSections {
  /// Those of an analysis; none of one that is not ``ReportedAnalysis``.
  package static func of(_ analysis: any RegisteredAnalysis.Type) -> [any ReportSection.Type] {
    (analysis as? any ReportedAnalysis.Type)?.sections ?? []
  }
}
