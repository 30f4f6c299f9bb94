import Results
import TestAnalysis
import Testing

/// To add an analysis is its folder, its section and one entry: with the entry alone, whatever reads the registry knows it.
@Suite struct AddedAnalysisTests {
  private let all = (AnalysisDefinition.registered + [ContrastAnalysis.self]).map { $0.definition }

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
