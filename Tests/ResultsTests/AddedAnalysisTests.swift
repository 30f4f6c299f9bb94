import Results
import Testing

/// To add an analysis is its folder, its section and one entry: with the entry alone, whatever reads the registry knows it.
@Suite struct AddedAnalysisTests {
  private enum ContrastMetric: String, CaseIterable, MetricKey {
    case contrast

    var definition: MetricDefinition {
      MetricDefinition(rawValue, title: "Contrast", better: .high, definition: "Standard deviation of luminance.")
    }
  }

  private static let added = AnalysisDefinition(
    name: "contrast", title: "Contrast", abstract: "Measure the contrast of reconstructions.",
    why: "whether contrast survives", sources: [.reconstructions],
    options: [OptionDefinition("window", .integer(atLeast: 1), "side of a window in pixels")],
    tables: [
      TableDefinition(
        "contrast.csv", row: "store, tap and metric", columns: [.store, .tap, .metric] + .estimate, role: .main,
        metrics: ContrastMetric.definitions)
    ], figures: ["depth", "contrast"], bench: .none(because: "a test"), example: "vit-back.h5")

  private let all = AnalysisDefinition.all + [added]

  @Test func itIsKnownByName() {
    #expect(all.named("contrast")?.option("window")?.kind == .integer(atLeast: 1))
    #expect(AnalysisDefinition.all.named("contrast") == nil)
    #expect(all.mainTables.map(\.file).last == "contrast.csv")
    #expect(all.table(named: "contrast.csv")?.header == ["store", "tap", "metric", "value", "low", "high", "n"])
    #expect(all.figures.last == "contrast" && all.figures.count { $0 == "depth" } == 1)
  }

  @Test func itsMetricIsReadAsItSays() {
    #expect(MetricDefinition.named("contrast", among: all).better == .high)
    #expect(MetricDefinition.named("contrast").better == .none)
  }

  @Test func itIsDocumented() {
    let text = ResultsDocumentation.markdown(all)
    #expect(text.contains("## Contrast\n") && text.contains("### `contrast.csv`"))
    #expect(text.contains("| `contrast` | Contrast | | high | Standard deviation of luminance. |"))
  }
}
