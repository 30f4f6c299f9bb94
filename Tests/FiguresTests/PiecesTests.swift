import Figures
import Testing

@Suite struct PiecesTests {
  @Test func numbersAreWrittenWithoutALocale() {
    #expect(Numbers.fixed(0.125, digits: 2) == "0.13")
    #expect(Numbers.fixed(-0.004, digits: 2) == "0.00")
    #expect(Numbers.fixed(-0.04, digits: 2) == "\u{2212}0.04")
    #expect(Numbers.fixed(-12.5, digits: 1, minus: "-") == "-12.5")
    #expect(Numbers.fixed(0.05, digits: 1) == "0.1")
    #expect(Numbers.fixed(7, digits: 0) == "7")
    #expect(Numbers.fixed(.nan, digits: 2) == "nan")
    #expect(Numbers.grouped(3321) == "3321")
    #expect(Numbers.grouped(Int(saturating: 1e19)) == "≥ 2^63")
    #expect(Numbers.grouped(1_234_567) == "1\u{202F}234\u{202F}567")
  }

  @Test func ticksStandAtRoundValuesInsideTheRange() {
    #expect(Ticks(in: 0...1, count: 5).labels == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
    #expect(Ticks(in: 0...1, count: 4).labels == ["0.00", "0.25", "0.50", "0.75", "1.00"])
    #expect(Ticks(in: -30...250, count: 5).labels == ["0", "50", "100", "150", "200", "250"])
    #expect(Ticks(in: 0.3...0.3, count: 5).values == [0.3])
    for (low, high) in [(0.0, 0.037), (-1e-5, 2e-5), (1e6, 3.3e6), (0.999, 1.0)] {
      let ticks = Ticks(in: low...high, count: 5)
      #expect(ticks.values.count >= 3 && ticks.values.count <= 9)
      #expect(ticks.values.allSatisfy { $0 >= low - 1e-9 && $0 <= high + 1e-9 })
      #expect(Set(ticks.labels).count == ticks.labels.count)
    }
  }

  @Test func colourMapsHaveTheirPublishedEnds() throws {
    #expect(ColorMap.viridis.color(at: 0).hex == "#440154")
    #expect(ColorMap.viridis.color(at: 1).hex == "#fde725")
    #expect(ColorMap.magma.color(at: 0).hex == "#000004")
    #expect(ColorMap.cividis.color(at: -3).hex == "#00224e")
    for name in ColorMap.names { #expect(try ColorMap.named(name).colors.count == 256) }
    #expect(throws: FigureError("no colour map 'jet'; there are viridis, cividis, magma, coolwarm")) {
      try ColorMap.named("jet")
    }
  }

  @Test func numbersOnCellsAreReadable() {
    for map in [ColorMap.viridis, .cividis, .magma, .coolwarm] {
      for color in map.colors {
        let (a, b) = (color.luminance + 0.05, color.readableInk.luminance + 0.05)
        #expect(max(a, b) / min(a, b) >= 3.9, "\(map.name) \(color.hex)")
      }
    }
  }

  @Test func longTextIsShortenedInItsMiddle() {
    let measurer = EvenMeasurer()
    let text = "transformer.encoder.layers.attention.block.17"
    let short = measurer.elided(text, toWidth: 60, size: 7)
    #expect(measurer.width(of: short, size: 7) <= 60)
    #expect(short.hasPrefix("transf"))
    #expect(short.hasSuffix("ock.17"))
    #expect(measurer.elided("block.17", toWidth: 60, size: 7) == "block.17")
  }

  @Test func shortenedLabelsKeepTheWholeText() throws {
    let long = "transformer.encoder_layers.a_very_long_name_of_a_users_own_hook.block.3"
    let style = try repositoryStyle("tmlr")
    let texts = try figureOf([square([long, "b"])]).laidOut(style: style, measurer: EvenMeasurer()).scene
      .placedTexts(EvenMeasurer())
    #expect(texts.count { $0.run.fullText == long && $0.run.text.contains("…") } == 2)
  }

  @Test func thinnedLabelsKeepTheEndsOfEveryModel() throws {
    let style = try repositoryStyle("tmlr")
    let texts = try figureOf([square(Family.swin.taps)], annotations: .never)
      .laidOut(style: style, measurer: EvenMeasurer(), width: 200).scene.placedTexts(EvenMeasurer()).map(\.run.text)
    #expect(texts.count < 2 * 31)
    for end in ["embed", "logits"] { #expect(texts.count { $0 == end } == 2) }
  }

  @Test func labelsAreLeftOutAtARegularStep() throws {
    let style = try repositoryStyle("tmlr")
    let taps = (0..<60).map { "block.\($0)" }
    let texts = try figureOf([square(taps)], annotations: .never)
      .laidOut(style: style, measurer: EvenMeasurer(), width: 260).scene.placedTexts(EvenMeasurer()).map(\.run.text)
    let written = taps.indices.filter { texts.contains(taps[$0]) }
    let steps = Set(zip(written, written.dropFirst()).map { $1 - $0 }.dropLast(2))
    #expect(written.first == 0 && written.last == 59)
    #expect(steps == [4])
  }

  @Test func textTurnedUpwardsTakesItsRoomAboveItsStart() {
    let run = TextRun("abcd", at: Point(10, 100), size: 10, direction: .upwards, color: .black)
    let bounds = run.bounds(TextExtent(width: 22, ascent: 8, descent: 2))
    #expect(bounds == Rectangle(x: 2, y: 78, width: 10, height: 22))
  }
}
