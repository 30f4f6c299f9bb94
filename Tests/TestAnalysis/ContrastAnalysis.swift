import Reports
import Results

/// An analysis that only tests register: `AnalysisDefinition.registered + [ContrastAnalysis.self]` is all that has to be written
/// for it. Its command is in `Tests/CommandTests/AddedAnalysisTests.swift`.
package enum ContrastAnalysis: RegisteredAnalysis {
  private enum Metric: String, CaseIterable, MetricKey {
    case contrast

    var definition: MetricDefinition {
      MetricDefinition(rawValue, title: "Contrast", better: .high, definition: "Standard deviation of luminance.")
    }
  }

  package static let definition = AnalysisDefinition(
    name: "contrast", title: "Contrast", abstract: "Measure the contrast of reconstructions.",
    why: "whether contrast survives", sources: [.reconstructions],
    options: [OptionDefinition("window", .integer(atLeast: 1), "side of a window in pixels")],
    tables: [
      TableDefinition(
        "contrast.csv", row: "store, tap and metric", columns: [.store, .tap, .metric] + .estimate, role: .main,
        metrics: Metric.definitions)
    ], figures: ["depth", "contrast"], bench: .none(because: "a test"), example: "vit-back.h5")
}

extension ContrastAnalysis: ReportedAnalysis {
  package static var sections: [any ReportSection.Type] { [ContrastSection.self] }
}

/// Its section: a sentence.
package struct ContrastSection: ReportSection {
  package static let definition = ContrastAnalysis.definition

  private let folder: AnalysisFolder
  private let context: SectionContext

  package init(folder: AnalysisFolder, context: SectionContext) {
    self.folder = folder
    self.context = context
  }

  package func section() throws -> AnalysisSection? {
    AnalysisSection(
      identifier: context.identifier, heading: context.heading, introduction: "It is about contrast.", folder: folder)
  }
}
