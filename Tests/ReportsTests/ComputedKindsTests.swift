import Figures
import Foundation
import Reports
import Testing

/// Figures of what was computed and had none: forest plots, single images, joints, the course of trainings.
@Suite struct ComputedKindsTests {
  private static let differencesHeader =
    "store_a,store_b,condition,match,tap,tap_b,metric,n,difference,low,high,p_value,p_adjusted,effect_size,rank_biserial\n"

  private func figures(_ folder: ResultsFolder, _ settings: [String] = []) throws -> [ReportFigure] {
    try ReportContent(
      results: folder.results, style: FigureStyle.named("tmlr", templates: templates), openStore: nil,
      settings: FigureSettings(texts: settings)
    ).figures
  }

  /// The rows of a figure's table, without the header.
  private func rows(_ figure: ReportFigure) throws -> [[String]] {
    let style = try FigureStyle.named("tmlr", templates: templates)
    let files = try figure.exported(as: "f", [], style: style)
    return String(decoding: files[0].data, as: UTF8.self).split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private func quality() throws -> ResultsFolder {
    let folder = try ResultsFolder()
    var images = "store,condition,tap,path,metric,value\n"
    for (store, values) in [("vit-learned", [30, 32, 34, 36, 38]), ("vit-ridge", [28, 31, 32, 33, 31])] {
      for (place, value) in values.enumerated() {
        images += "\(store),original,embed,\(place).png,psnr,\(value)\n"
      }
    }
    try folder.write(images, "quality_images.csv")
    try folder.write(
      qualityHeader
        + "vit-learned,original,embed,psnr,34,30,38,5\nvit-ridge,original,embed,psnr,31,28,34,5\n"
        + "vit-learned,original,block.2,psnr,24,20,28,5\n", "quality.csv")
    try folder.write(
      Self.differencesHeader
        + "vit-learned,vit-ridge,original,name,embed,embed,psnr,5,3.0,1.5,4.5,0.0625,0.125,1,1\n"
        + "vit-learned,vit-ridge,original,name,block.2,block.2,psnr,5,0.5,0.2,0.8,0.001,0.002,1,1\n",
      "quality_differences.csv")
    // One checkpoint: two methods of one model.
    try folder.write(
      """
      {"format":"palimpsest.provenance","version":1,"finished_at":"2026-11-30T10:00:00Z","settings":[],
       "stores":[{"name":"vit-learned","checkpoint_sha256":"ab"},{"name":"vit-ridge","checkpoint_sha256":"ab"}]}
      """, "provenance.json")
    return folder
  }

  /// A store may have taps that the other lacks: the differences that there are have their lines, with the corrected p-values.
  @Test func aForestPlotHasALineForEveryDifference() throws {
    let figure = try #require(figures(quality()).first { $0.kind == "forest" })
    let rows = try rows(figure)
    #expect(rows.map { $0[4...6].joined(separator: " ") } == ["3.0 1.5 4.5", "0.5 0.2 0.8"])
    #expect(rows.map { $0[3] } == ["embed", "block.2"])
    let forest = try #require(figure.content(as: ForestFigure.self))
    #expect(forest.groups.map(\.title) == ["vit: learned \u{2212} ridge"])
    #expect(forest.groups[0].rows.map { $0.estimates[0].note } == ["0.1250", "0.0020"])
    // The interval excludes 0 in both; after correction p is below 0.05 in one.
    #expect(forest.groups[0].rows.map { $0.estimates[0].isFull } == [false, true])
    #expect(forest.fields[0].reference == 0)
    #expect(forest.description.caption.contains("which are 1 of the 2"))
  }

  @Test func severalMetricsShareTheLinesOfAForestPlot() throws {
    let folder = try quality()
    let file = folder.results.appendingPathComponent("quality_differences.csv")
    try
      (String(contentsOf: file, encoding: .utf8)
      + "vit-learned,vit-ridge,original,name,embed,embed,ssim,5,0.1,0.05,0.15,0.01,0.02,1,1\n")
      .write(to: file, atomically: true, encoding: .utf8)
    let all = try figures(folder, ["forest.metrics=psnr,ssim", "forest.taps=embed"]).filter { $0.kind == "forest" }
    #expect(all.count == 1)
    let forest = try #require(all.first?.content(as: ForestFigure.self))
    #expect(forest.fields.count == 2)
    #expect(forest.groups[0].rows.map { $0.estimates.map(\.value) } == [[3.0, 0.1]])
  }

  /// Quartiles as numpy's: those of 30, 32, 34, 36, 38 are 32, 34, 36.
  @Test func everyImageIsInADistribution() throws {
    let figure = try #require(figures(quality()).first { $0.kind == "distribution" })
    let values = try rows(figure).filter { $0[1] == "learned" }.compactMap { Double($0[4]) }
    #expect(values == [30, 32, 34, 36, 38])
    let content = try #require(figure.content(as: DistributionFigure.self))
    let sample = try #require(content.panels[0].series[0].samples[0])
    #expect([0.25, 0.5, 0.75].map(sample.quantile) == [32, 34, 36])
    #expect(content.panels[0].groups == ["embed"])
  }

  @Test func theErrorsAtJointsAreDrawn() throws {
    let folder = try quality()
    try folder.write(
      "store,condition,start,tap,n,directions,variance,error,image_error,image_error_isotropic,seen_directions,seen_share\n"
        + "vit-learned,original,block.2,embed,5,4,2.0,0.5,0.01,0.04,3,0.6\n", "joints.csv")
    try folder.write(
      "store,condition,start,tap,direction,gain,variance,error,image_share\n"
        + "vit-learned,original,block.2,embed,1,4,4,1,0.5\nvit-learned,original,block.2,embed,2,2,2,1,0.3\n"
        + "vit-learned,original,block.2,embed,3,1,1,0.2,0.1\nvit-learned,original,block.2,embed,4,0.5,0,0,0.1\n",
      "joint_spectra.csv")
    let figures = try figures(folder)
    let joints = try #require(figures.first { $0.kind == "joints" }?.content(as: ForestFigure.self))
    let row = try #require(joints.groups.first?.rows.first)
    #expect(row.label == "block.2 \u{2192} embed")
    // 0.5 / 2, the share as it stands, 0.01 / 0.04; chance is 3 of 4.
    #expect(row.estimates.map(\.value) == [0.25, 0.6, 0.25])
    #expect(row.estimates.map(\.mark) == [nil, 0.75, nil])
    let spectra = try #require(figures.first { $0.kind == "joint-spectra" }?.content(as: PlotFigure.self))
    let curve = try #require(spectra.panels.first?.series.first)
    #expect(curve.x == [0.125, 0.375, 0.625, 0.875])
    #expect(curve.y == [0.25, 0.5, 0.2, nil])
  }

  /// Epochs of a second phase go on from the first one's; a map in closed form is a level.
  @Test func theCourseOfATrainingIsDrawnWithItsFloor() throws {
    let folder = try ResultsFolder()
    try folder.write(
      "run,mode,inverse,module,metric,value,unit\nm,modular,network,all,parameters,2,count\n", "efficiency.csv")
    try folder.write(
      "run,mode,inverse,phase,cut,epoch,step,images,operations,seconds,mse,psnr\n"
        + "m,modular-then-polish,network,modular,embed,0,0,0,1,1,0.1,10\n"
        + "m,modular-then-polish,network,modular,embed,1,10,100,2,20,0.02,17\n"
        + "m,modular-then-polish,network,modular-then-polish,embed,1,20,200,3,40,0.01,20\n"
        + "r,modular,ridge,modular,embed,1,0,100,0,5,0.1,11\n", "efficiency_curves.csv")
    try folder.write(
      "run,mode,inverse,phase,module,split,epoch,step,seconds,loss\n"
        + "m,modular-then-polish,network,modular,embed,train,1,10,20,0.5\n"
        + "m,modular-then-polish,network,modular,embed,validation,1,10,20,0.6\n", "efficiency_history.csv")
    let figures = try figures(folder).filter { $0.kind == "training" }
    #expect(figures.map(\.name) == ["efficiency-training-psnr", "efficiency-training-loss"])
    let course = try #require(figures[0].content(as: PlotFigure.self))
    #expect(course.panels.map(\.title) == ["embed"])
    #expect(course.panels[0].series.map(\.name) == ["m", "r"])
    #expect(course.panels[0].series[0].x == [0, 1, 2] && course.panels[0].series[0].y == [10, 17, 20])
    #expect(course.panels[0].series[1].x == [0, 2] && course.panels[0].series[1].y == [11, 11])
    let losses = try #require(figures[1].content(as: PlotFigure.self))
    #expect(losses.panels.map(\.title) == ["embed, train", "embed, validation"])
    #expect(losses.vertical.scale == .logarithmic)
  }

  /// A line for each two models and aggregate: the value beside what chance exceeds, and the calibrated score.
  @Test func calibratedScoresAreDrawn() throws {
    let folder = try ResultsFolder()
    try folder.write(similarityCSV([("vit", vitTaps), ("swin", swinTaps)]), "similarity.csv")
    try folder.write(
      "store_a,store_b,measure,estimator,aggregate,tap_a,tap_b,n,permutations,value,threshold,calibrated,p_value,p_adjusted\n"
        + "vit,swin,cka_linear,debiased,max,embed,embed,512,100,0.8,0.2,0.75,0.01,0.02\n"
        + "vit,swin,cka_linear,debiased,mean,,,512,100,0.3,0.28,0.03,0.2,0.4\n", "similarity_calibrated.csv")
    let figure = try #require(try figures(folder).first { $0.kind == "calibrated" })
    let forest = try #require(figure.content(as: ForestFigure.self))
    #expect(forest.groups.map(\.title) == ["vit and swin"])
    let rows = forest.groups[0].rows
    #expect(rows.map(\.label) == ["most similar taps", "mean of all taps"])
    #expect(rows.map { $0.estimates.map(\.value) } == [[0.8, 0.75], [0.3, 0.03]])
    #expect(rows.map { $0.estimates[0].mark } == [0.2, 0.28])
    #expect(rows.map { $0.estimates[1].isFull } == [true, false])
    #expect(try figures(folder, ["calibrated.models=vit"]).contains { $0.kind == "calibrated" } == false)
  }

  /// A composed figure is in the report, and drawn again from its data.
  @Test func aCompositionIsReplayed() throws {
    let folder = try quality()
    let found = try figures(folder)
    let depth = try #require(found.first { $0.kind == "depth" })
    let forest = try #require(found.first { $0.kind == "forest" })
    var builder = folder.builder
    builder.compositions = [
      ReportFigure.composed(
        ComposedFigure(
          rows: [.init([depth.part(share: 1, title: ""), forest.part(share: 1, title: "")])], width: 5,
          description: ReportFigure.composed(
            [depth, forest], title: "Both", caption: nil, letters: true, style: "tmlr")),
        name: "teaser")
    ]
    let summary = try builder.build()
    #expect(summary.files.contains("figures/teaser.pdf") && summary.files.contains("tables/teaser.csv"))
    let page = try folder.page()
    #expect(page.contains("Composed figures") && page.contains("figures/teaser.svg"))
    let replay = try FigureReplay(report: folder.output, toolVersion: "1.2.3")
    #expect(replay.record.figures.first == "teaser")
    #expect(try replay.run().outcomes.allSatisfy { $0.status == .same })
    #expect(try replay.compareData(withResults: folder.results).differing.isEmpty)
  }
}
