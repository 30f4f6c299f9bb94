import Figures
import Testing

/// Numbers that no measurement gives, but a table may hold.
@Suite struct HugeNumberTests {
  let measurer = EvenMeasurer()

  private func line(_ values: [Double?]) -> LineFigure {
    let series = LineFigure.Series(name: "a", values: values, low: values, high: values)
    let labels = values.indices.map { "tap.\($0)" }
    return LineFigure(
      panels: [.init(title: "p", labels: labels, series: [series])], valueLabel: "relative L2", range: 0...1,
      description: description("depth"))
  }

  private func isFinite(_ figure: Figure) -> Bool {
    figure.scene.size.width.isFinite && figure.scene.size.height.isFinite
      && figure.scene.placedTexts(measurer).allSatisfy { $0.bounds.x.isFinite && $0.bounds.y.isFinite }
  }

  /// From 1.9e18 on the number of ticks was once no whole number of a machine.
  @Test(arguments: [1e18, 2e18, 9.3e18, 1e19, 1e100, 1e300, -1e300, 5e-324, -0.0, .nan, .infinity])
  func everyKindOfFigureIsDrawn(value: Double) throws {
    let style = try repositoryStyle("tmlr")
    let values: [Double?] = [0.5, value, nil]
    #expect(isFinite(try line(values).laidOut(style: style, measurer: measurer)))
    let bars = BarFigure(
      panels: [
        .init(
          title: "p", groups: ["a", "b", "c"],
          series: [.init(name: "s", values: values, low: values, high: values)])
      ], valueLabel: "v", description: description("bars"))
    #expect(isFinite(try bars.laidOut(style: style, measurer: measurer)))
    for scale in [AxisScale.linear, .logarithmic] {
      let plot = PlotFigure(
        panels: [.init(series: [.init(name: "s", x: values, y: values)])], horizontal: .init("x", scale: scale),
        vertical: .init("y", scale: scale), mark: .lineWithPoints, description: description("plot"))
      #expect(isFinite(try plot.laidOut(style: style, measurer: measurer)), "\(scale)")
    }
  }

  @Test func whatIsBeyondEveryAxisIsRefusedByName() throws {
    let style = try repositoryStyle("tmlr")
    #expect(
      throws: FigureError("series 'a' of 'p' has the value 1e+301; nothing beyond 1e+300 can be drawn")
    ) { try line([1, 1e301]).laidOut(style: style, measurer: measurer) }
  }

  @Test func axesOfEveryRangeHaveTicks() {
    for (low, high) in [(0, 1e300), (-1e300, 1e300), (1e300, 1e300), (1e-300, 2e-300), (0, 5e-324), (1e17, 1e17 + 64)] {
      let axis = NumericAxis([low, high])
      #expect(!axis.ticks.isEmpty && axis.ticks.count < 100)
      #expect(axis.range.lowerBound < axis.range.upperBound)
    }
    let wide = NumericAxis([1e-300, 1e300], scale: .logarithmic)
    #expect(wide.ticks.count > 1)
    #expect(wide.fraction(1e-300).map { $0 >= 0 } == true)
  }
}
