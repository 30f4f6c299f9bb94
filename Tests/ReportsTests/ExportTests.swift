import Figures
import Foundation
import Reports
import TestSupport
import Testing

/// The numbers of figures for other programs, and what a reader without Palimpsest does with a bundle.
@Suite struct ExportTests {
  /// Python with numpy and matplotlib; nil where there is none.
  static let python: String? = ["/usr/bin/python3", "/usr/local/bin/python3", "/root/.pyenv/shims/python3"].first {
    FileManager.default.isExecutableFile(atPath: $0) && (try? run($0, ["-c", "import numpy, matplotlib"]))?.status == 0
  }

  static let withoutPython: Comment =
    "no python3 with numpy and matplotlib is installed, so that exported scripts and replay.py are read here, not run"

  private static func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  private func text(_ files: [(name: String, data: Data)], _ name: String) throws -> String {
    String(decoding: try #require(files.first { $0.name == name }).data, as: UTF8.self)
  }

  /// One figure of every form, from results of every kind.
  private func figures(_ folder: ResultsFolder) throws -> (style: FigureStyle, figures: [ReportFigure]) {
    let style = try FigureStyle.named("tmlr", templates: templates)
    let all = try ReportContent(
      results: folder.results, style: style, openStore: { _ in MemoryPictures() }
    ).figures
    var kinds: Set<String> = []
    return (style, all.filter { kinds.insert($0.kind).inserted })
  }

  // MARK: Tables

  @Test func theNumbersOfAFigureStandBesideIt() throws {
    let folder = try ResultsFolder.ofEveryKind()
    func table(_ name: String) throws -> String {
      try String(contentsOf: folder.output.appendingPathComponent("figures/\(name).csv"), encoding: .utf8)
    }
    let psnr = try table("quality-psnr")
    #expect(psnr.hasPrefix("panel,series,x,x_name,y,low,high,joined\n"))
    // Four values of quality.csv, each once.
    for numbers in ["30.0,29.0,31.0", "20.0,19.0,21.0", "28.0,27.0,29.0", "24.0,23.0,25.0"] {
      #expect(psnr.components(separatedBy: ",\(numbers),").count == 2, "\(numbers)")
    }
    let maps = try table("within-models-cka_linear-debiased")
    #expect(maps.hasPrefix("panel,row_group,row,column_group,column,value\n"))
    let size = vitTaps.count * vitTaps.count + swinTaps.count * swinTaps.count
    #expect(maps.split(separator: "\n").count == size + 1)
    let pictures = try table("reconstructions-of-A")
    #expect(pictures.hasPrefix("panel,row,column,text,picture\n"))
    // Pictures are files that all figures share.
    let places = pictures.split(separator: "\n").compactMap { $0.split(separator: ",").last }.filter {
      $0.hasSuffix(".png")
    }
    #expect(!places.isEmpty && places.allSatisfy { $0.hasPrefix("data/pictures/") })
    let record = try String(
      contentsOf: folder.output.appendingPathComponent("data/quality-psnr.json"), encoding: .utf8)
    #expect(
      record.contains(
        #""numbers":{"form":"line","levels":[],"shares_scale":true,"title":"PSNR over depth""#))
  }

  @Test func everyFigureIsExported() throws {
    let folder = try ResultsFolder.ofEveryKind()
    let (style, figures) = try figures(folder)
    #expect(figures.count > 6)
    for figure in figures {
      let files = try figure.exported(as: "a figure", FigureExport.allCases, style: style)
      let script = try text(files, "a figure.py")
      // One line of facts, one function, four lines around.
      #expect(
        script.contains("import matplotlib.pyplot as plt") && !script.contains("true") && !script.contains("null"))
      #expect(try text(files, "a figure.csv").split(separator: "\n").count > 1)
      let paper = try text(files, "a figure.pgf.tex")
      #expect(paper.utf8.allSatisfy { $0 == 0x0A || (0x20..<0x7F).contains($0) })
      #expect(paper.count { $0 == "{" } == paper.count { $0 == "}" }, "\(figure.name)")
      #expect(paper.contains("\\begin{tikzpicture}") && paper.hasSuffix("\\end{tikzpicture}\n"))
      let alone = try figure.exported(as: "b", [], style: style)
      #expect(alone.map(\.name) == ["b.csv"])
    }
  }

  @Test(.enabled(if: python != nil, withoutPython)) func exportedScriptsDrawTheirTables() throws {
    let folder = try ResultsFolder.ofEveryKind()
    let (style, figures) = try figures(folder)
    let place = folder.root.appendingPathComponent("exported")
    var scripts: [String] = []
    for figure in figures {
      for (file, data) in try figure.exported(as: figure.name, [.matplotlib], style: style) {
        let target = place.appendingPathComponent(file)
        try FileManager.default.createDirectory(
          at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: target)
        if file.hasSuffix(".py") { scripts.append(target.path) }
      }
    }
    let all = "import runpy, sys, matplotlib; matplotlib.use('Agg'); [runpy.run_path(name) for name in sys.argv[1:]]"
    let (status, output) = try Self.run(#require(Self.python), ["-c", all] + scripts)
    #expect(status == 0, "\(output)")
    for figure in figures {
      let drawn = FileManager.default.contents(
        atPath: place.appendingPathComponent("\(figure.name)-matplotlib.pdf").path)
      #expect(drawn?.starts(with: Data("%PDF".utf8)) == true, "\(figure.name)")
    }
  }

  // MARK: Bundles

  /// Four images: PSNR 30, 32, 34, 36 of a and 28, 31, 32, 33 of b; differences 2, 1, 2, 3.
  private func bundledStudy() throws -> (folder: ResultsFolder, unpacked: URL) {
    let folder = try ResultsFolder()
    var images = "store,condition,tap,path,metric,value\n"
    for (store, values) in [("a", [30, 32, 34, 36]), ("b", [28, 31, 32, 33])] {
      for (place, value) in values.enumerated() { images += "\(store),original,embed,\(place).png,psnr,\(value)\n" }
    }
    try folder.write(images, "quality_images.csv")
    try folder.write(
      qualityHeader
        + "a,original,embed,psnr,33.0,29.5,36.5,4\na,original,embed,psnr_median,33.0,,,4\n"
        + "b,original,embed,psnr,31.0,28,34,4\nb,original,embed,psnr_median,31.5,,,4\n", "quality.csv")
    // Of 16 patterns of signs two have so large a sum; 2.449… is 2 over the square root of 2/3.
    try folder.write(
      """
      store_a,store_b,condition,match,tap,tap_b,metric,n,difference,low,high,p_value,p_adjusted,effect_size,rank_biserial
      a,b,original,name,embed,embed,psnr,4,2.0,0.7,3.3,0.125,0.125,2.449489742783178,1.0

      """, "quality_differences.csv")
    try folder.write(
      """
      {"format":"palimpsest.provenance","version":1,"finished_at":"2026-11-30T10:00:00Z",
       "settings":[{"name":"correction","value":"holm"}],"stores":[{"name":"a"},{"name":"b"}]}
      """, "provenance.json")
    _ = try folder.builder.build()
    _ = try folder.bundle()
    let unpacked = folder.root.appendingPathComponent("somewhere else")
    try BundleFile(folder.path("bundle.zip")).extract(to: unpacked) { _ in true }
    return (folder, unpacked)
  }

  @Test func aBundleSaysOnTopWhatIsInIt() throws {
    let folder = try ResultsFolder.ofEveryKind()
    _ = try folder.bundle()
    let contents = try folder.unpack()
    let page = String(decoding: try #require(contents["index.html"]), as: UTF8.self)
    for part in [
      "href=\"report/index.html\"", "python3 replay.py", "palimpsest replay BUNDLE.zip", "sha256sum --check SHA256SUMS",
      "href=\"report/index.html#quality-psnr\"", "href=\"report/figures/quality-psnr.csv\"", "<td>PSNR over depth</td>",
    ] { #expect(page.contains(part), "\(part)") }
    // Every address leads to a file of the bundle.
    for link in page.matches(of: /(?:href|src)="([^"#]+)[^"]*"/).map({ String($0.1) }) {
      #expect(contents[link.removingPercentEncoding ?? ""] != nil, "\(link)")
    }
    let figures = contents.keys.count { $0.hasPrefix("report/figures/") && $0.hasSuffix(".pdf") }
    #expect(page.components(separatedBy: "<tr><td>").count == figures + 1)
    let script = String(decoding: try #require(contents["replay.py"]), as: UTF8.self)
    #expect(script.hasPrefix("#!/usr/bin/env python3\n") && script.hasSuffix("sys.exit(main())\n"))
    for function in ["draw_series", "draw_matrix", "draw_pictures", "check_files", "check_means", "main"] {
      #expect(script.components(separatedBy: "\ndef \(function)(").count == 2, "\(function)")
    }
  }

  @Test(.enabled(if: python != nil, withoutPython)) func aReaderWithoutPalimpsestChecksTheNumbers() throws {
    let (folder, unpacked) = try bundledStudy()
    let out = folder.path("drawn")
    let script = unpacked.appendingPathComponent("replay.py").path
    let (status, output) = try Self.run(#require(Self.python), [script, "--out", out])
    #expect(status == 0, "\(output)")
    for line in [
      "results/quality.csv: means over images: 4 compared, 0 differ",
      "results/quality_differences.csv: paired differences, 1 p-values corrected (holm): 1 compared, 0 differ",
      "all is as it should be",
    ] { #expect(output.contains(line), "\(line)\n\(output)") }
    let names = try FileManager.default.contentsOfDirectory(atPath: out).sorted()
    #expect(names.contains("quality-psnr.png") && names.contains("quality-differences.png"))
    #expect(output.contains("\(names.count) of \(names.count) figures are drawn"))

    // Another value of an image, and what follows from it.
    let images = unpacked.appendingPathComponent("results/quality_images.csv")
    let text = try String(contentsOf: images, encoding: .utf8)
    try text.replacingOccurrences(of: "a,original,embed,0.png,psnr,30", with: "a,original,embed,0.png,psnr,34").write(
      to: images, atomically: true, encoding: .utf8)
    let (changed, found) = try Self.run(#require(Self.python), [script, "--no-figures"])
    #expect(changed == 1)
    for line in [
      "results/quality_images.csv is not the file that was bundled",
      "psnr of a, original, embed: 33.0 (n = 4), from quality_images.csv 34.0 (n = 4)",
      "psnr of a less b at embed: 2.0 (n = 4), from the images 3.0 (n = 4)",
    ] { #expect(found.contains(line), "\(line)\n\(found)") }
  }
}
