import Experiments
import Testing

@Suite struct CompositionLayoutTests {
  private func problems(_ text: String) -> [String] {
    do {
      _ = try CompositionLayout(parsing: text, file: "teaser.yaml")
      return []
    } catch {
      return (error as? ExperimentError)?.problems ?? ["\(error)"]
    }
  }

  @Test func rowsArePartsBesideEachOther() throws {
    let layout = try CompositionLayout(
      parsing: """
        width: 6.5
        results: results
        letters: no
        figures: {names: {vit: ViT-B/16}}
        rows:
        - parts: [{kind: depth, metric: psnr, width: 2}, {kind: shares, results: other, figures: {range: 0..1}}]
          height: 2.5
        - scatter

        """, file: "teaser.yaml")
    #expect(layout.rows.map { $0.parts.map(\.kind) } == [["depth", "shares"], ["scatter"]])
    #expect(layout.rows.map(\.height) == [2.5, nil] && layout.width == "6.5" && !layout.letters)
    #expect(layout.rows[0].parts.map(\.results) == ["results", "other"])
    #expect(layout.rows[0].parts.map(\.width) == [2, 1])
    #expect(layout.rows[0].parts[1].settings.map { "\($0.name)=\($0.value)" } == ["names.vit=ViT-B/16", "range=0..1"])
  }

  @Test func unknownKeysAreRefusedWithWhatIsNear() {
    #expect(
      problems(
        "widht: 3\nlegend: left\nrows:\n- {kind: depth, results: r, metrik: psnr}\n- [{kind: depth, results: r, figures: {rnage: 1..2}}]\n"
      ) == [
        "teaser.yaml, line 1: layout: unknown key 'widht' (did you mean 'width'?); known are title, caption, width, style, letters, "
          + "legend, results, figures, rows",
        "teaser.yaml, line 2: layout: legend is 'left'; give one of above, below, parts, none",
        "teaser.yaml, line 4: part: unknown key 'metrik' (did you mean 'metric'?); known are kind, metric, results, width, title, figures",
        "teaser.yaml, line 5: figures: unknown key 'rnage' (did you mean 'range'?); docs/figure-settings.md lists them",
      ])
    #expect(
      problems("rows:\n- depth\n") == ["teaser.yaml, line 2: a part is 'depth'; give a mapping of keys to values"])
    #expect(
      problems("width: 3\n") == [
        "teaser.yaml, line 1: layout: there are no rows; give 'rows:' with a list, a row each: a part, or a list of parts"
      ])
  }
}
