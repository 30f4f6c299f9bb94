import Formats
import Foundation
import Reports
import TestSupport
import Testing

/// Tables for papers: what stands in them, and that LaTeX sets them.
@Suite struct LatexTests {
  private let folder: ResultsFolder

  init() throws { folder = try ResultsFolder() }

  /// pdfLaTeX with the packages that the tables need; nil where it is not installed.
  static let compiler = "/usr/bin/pdflatex"

  private func table(_ name: String) throws -> String {
    String(decoding: try #require(try folder.contents()["tables/\(name).tex"]), as: UTF8.self)
  }

  // MARK: Text

  @Test func lettersWithAccentsAreCommands() {
    #expect(Escaping.latex("é") == "\\'{e}" && Escaping.latex("e\u{301}") == "\\'{e}")
    #expect(
      Escaping.latex("Größe, naïve, Ångström, Łódź")
        == "Gr\\\"{o}\\ss{}e, na\\\"{\\i}ve, \\r{A}ngstr\\\"{o}m, \\L{}\\'{o}d\\'{z}")
    #expect(Escaping.latex("ç ş ạ ő č ğ") == "\\c{c} \\c{s} \\d{a} \\H{o} \\v{c} \\u{g}")
  }

  @Test func signsOfMathematicsNeedNoPackage() {
    #expect(
      Escaping.latex("ΔE₀₀ × λ ≤ 2°")
        == "\\ensuremath{\\Delta}E\\textsubscript{0}\\textsubscript{0} \\ensuremath{\\times} \\ensuremath{\\lambda} \\ensuremath{\\leq} 2\\ensuremath{^\\circ}"
    )
    #expect(Escaping.latex("120\u{202F}000\u{A0}images") == "120\\,000~images")
    #expect(Escaping.latex("↑ 10²") == "\\ensuremath{\\uparrow} 10\\textsuperscript{2}")
  }

  @Test func signsThatWouldMeltStayApart() {
    #expect(Escaping.latex("a--b---c,,'' `x`") == "a-{}-b-{}-{}-c,{},'{}' \\`{}x\\`{}")
  }

  @Test func whatNoEngineSetsIsWrittenByItsCodePoint() {
    #expect(Escaping.latex("日x") == "\\textless{}U+65E5\\textgreater{}x")
    #expect(Escaping.latex("\u{202E}") == "\\textless{}U+202E\\textgreater{}")
    #expect(Escaping.latex("🙂") == "\\textless{}U+1F642\\textgreater{}")
    // Two names that differ stay different.
    #expect(Escaping.latex("Ж") != Escaping.latex("Ш"))
    for text in ["é日🙂Δ×−“”…µąđ\u{0}\u{200B}", hostileName] {
      #expect(Escaping.latex(text).utf8.allSatisfy { (0x20..<0x7F).contains($0) }, "\(text)")
    }
  }

  // MARK: Paper tables

  /// Two models of one checkpoint each, two methods each; PSNR settled at `embed`, not at `block.1`; SSIM without differences there.
  private func writeMethods(_ names: [String], differences: Bool = true, tap: String = "embed") throws {
    var rows = qualityHeader
    let values = [(37.5, 0.977), (30.25, 0.9), (35.0, 0.96), (30.5, 0.9)]
    for (store, name) in names.enumerated() {
      for (place, tap) in [tap, "block.1"].enumerated() {
        let (psnr, ssim) = values[(store % 2) * 2 + place]
        rows += CommaSeparatedValues.line([
          name, "original", tap, "psnr", "\(psnr)", "\(psnr - 0.25)", "\(psnr + 0.375)", "96",
        ])
        rows += CommaSeparatedValues.line([
          name, "original", tap, "ssim", "\(ssim)", "\(ssim - 0.0104)", "\(ssim + 0.01)", "96",
        ])
      }
    }
    try folder.write(rows, in: "quality", "quality.csv")
    let stores = names.enumerated().map { index, name in
      ["name": name, "checkpoint_sha256": String(repeating: "\(index / 2)", count: 64)]
    }
    let record: [String: Any] = ["format": "palimpsest.provenance", "version": 1, "stores": stores]
    try folder.write(
      String(decoding: try JSONSerialization.data(withJSONObject: record), as: UTF8.self), in: "quality",
      "provenance.json")
    guard differences else { return }
    var lines =
      "store_a,store_b,condition,match,tap,tap_b,metric,n,difference,low,high,p_value,p_adjusted,effect_size,rank_biserial\n"
    for pair in stride(from: 0, to: names.count - 1, by: 2) {
      // The second less the first: at `embed` the first is better, at `block.1` nothing is settled.
      let two = [names[pair + 1], names[pair], "original", "name"]
      lines += CommaSeparatedValues.line(
        two + [tap, tap, "psnr", "96", "-2.5", "-2.6", "-2.4", "0.001", "0.002", "1", "1"])
      lines += CommaSeparatedValues.line(
        two + ["block.1", "block.1", "psnr", "96", "0.25", "-0.1", "0.6", "0.1", "0.2", "1", "1"])
    }
    try folder.write(lines, in: "quality", "quality_differences.csv")
  }

  @Test func theTableOfAPaperComparesMethods() throws {
    try writeMethods(["vit-learned", "vit-ridge", "a_b.learned", "a_b.ridge"])
    _ = try folder.builder.build()
    let text = try table("quality-paper")
    #expect(
      text.hasPrefix("% Needs \\usepackage{booktabs}; for pdfLaTeX, XeLaTeX and LuaLaTeX. Fits a column of 3.25 in"))
    for part in [
      "\\begin{table}[tbp]", "\\label{tab:quality-paper}", "\\begin{tabular}{@{}llrrrr@{}}",
      " &  & \\multicolumn{2}{c}{PSNR (dB) \\ensuremath{\\uparrow}} & \\multicolumn{2}{c}{SSIM \\ensuremath{\\uparrow}} \\\\",
      "\\cmidrule(lr){3-4}\\cmidrule(lr){5-6}", "Model & Tap & learned & ridge & learned & ridge \\\\",
      // Bold where the interval of the paired difference leaves zero; of SSIM none is known.
      "vit & embed & \\textbf{37.50} & 35.00 & 0.977 & 0.960 \\\\\n & block.1 & 30.25 & 30.50 & 0.900 & 0.900 \\\\",
      "\\addlinespace\na\\_b & embed & \\textbf{37.50}",
      "exclude zero. Nothing is bold under SSIM, of which there are no paired differences.",
      // 0.375 and 0.0104, rounded up.
      "95 \\% intervals reach no further from the mean than 0.38 (PSNR), 0.011 (SSIM).", "(n = 96)",
    ] { #expect(text.contains(part), "\(part)\n\(text)") }
    let data = String(decoding: try #require(try folder.contents()["tables/quality-paper.csv"]), as: UTF8.self)
    #expect(
      data.hasPrefix("model,method,tap,metric,value,low,high,n,bold\nvit,learned,embed,psnr,37.5,37.25,37.875,96,1\n"))
    #expect(try folder.page().contains("download=\"quality-paper.tex\">LaTeX for a paper</a>"))
    // The long table marks the same, in a line a store.
    #expect(
      try table("quality").contains("vit-learned & embed & \\textbf{37.50} {\\scriptsize [37.25, 37.88]} & 0.977"))
    #expect(try !table("quality").contains("\\textbf{30.50}"))
  }

  @Test func withoutPairedDifferencesTheLargestMeanIsBoldAndThatIsSaid() throws {
    try writeMethods(["vit-learned", "vit-ridge"], differences: false)
    _ = try folder.builder.build()
    let text = try table("quality-paper")
    #expect(text.contains("vit & embed & \\textbf{37.50} & 35.00 & \\textbf{0.977} & 0.960 \\\\"))
    // Equal as printed is equal.
    #expect(text.contains(" & block.1 & 30.25 & \\textbf{30.50} & 0.900 & 0.900 \\\\"))
    #expect(text.contains("whether they differ by more than chance was not computed"))
  }

  @Test func oneMethodHasNoTableOfMethods() throws {
    try writeMethods(["vit"])
    _ = try folder.builder.build()
    #expect(try folder.contents()["tables/quality-paper.tex"] == nil)
    // Taps of one model do not compete: the first would always win.
    #expect(try !table("quality").contains("\\textbf") && !folder.page().contains("<strong>37.50</strong>"))
  }

  // MARK: Rooms

  @Test func aTableLongerThanAPageIsALongtable() throws {
    var rows = qualityHeader
    for tap in 0..<44 { rows += "A,original,block.\(tap),psnr,20,19,21,96\n" }
    try folder.write(rows, "quality.csv")
    _ = try folder.builder.build()
    #expect(try table("quality").contains("\\begin{tabular}") && !table("quality").contains("longtable"))
    try folder.write(rows + "A,original,norm,psnr,20,19,21,96\n", "quality.csv")
    _ = try folder.builder.build()
    let text = try table("quality")
    #expect(text.hasPrefix("% Needs \\usepackage{booktabs,longtable};") && !text.contains("\\begin{tabular}{@{}ll"))
    for part in [
      "\\begin{longtable}{@{}lr@{}}", "\\endfirsthead", "\\endhead", "\\endlastfoot", "\\label{tab:quality}\\\\",
    ] {
      #expect(text.contains(part) || part == "\\begin{longtable}{@{}lr@{}}", "\(part)")
    }
    #expect(text.contains("\\begin{longtable}{@{}llr@{}}"))
  }

  @Test func aTableWiderThanThePageIsSetInParts() throws {
    var rows = qualityHeader
    for metric in ["psnr", "psnr_of_mean", "psnr_median", "ssim", "ciede2000", "top1_agreement", "feature_cosine"] {
      rows += "A,original,embed,\(metric),0.5,0.25,0.75,96\n"
    }
    rows += "A,original,norm,psnr,20,19,21,96\n"
    try folder.write(rows, "quality.csv")
    _ = try folder.builder.build()
    let text = try table("quality")
    #expect(text.contains("Part 1 of 2.}\\label{tab:quality}"))
    #expect(text.contains("Part 2 of 2, without lines that have no value here.}\\label{tab:quality-part-2}"))
    #expect(text.components(separatedBy: "A & norm & ").count == 2)
    // In a paper of two columns they span both.
    #expect(text.components(separatedBy: "\\begin{table*}").count == 3)
  }

  // MARK: LaTeX itself

  private static let hostile = [
    "[vit]_%&#~^\\{}$-learned", "[vit]_%&#~^\\{}$-ridge", "*ViT-B/16 λ×−é日本 “x” <|>`'\"-learned",
    "*ViT-B/16 λ×−é日本 “x” <|>`'\"-ridge",
  ]

  @Test func hostileNamesAreNamedInAWarning() throws {
    try writeMethods(Self.hostile)
    let summary = try folder.builder.build()
    #expect(
      summary.warnings.contains {
        $0.hasPrefix("tables/quality.tex: characters that LaTeX does not set") && $0.contains("'日', '本'.")
      })
    // A line that begins with a bracket or a star would be an option of the line before.
    let text = try table("quality-paper")
    #expect(
      text.contains("\n{}[vit]\\_\\%\\&\\#\\textasciitilde{}\\textasciicircum{}\\textbackslash{}\\{\\}\\$ & embed"))
    #expect(text.contains("\\addlinespace\n{}*ViT-B/16") || text.contains("\\begin{tabular}[t]{@{}l@{}}{}*ViT-B/16"))
  }

  @Test(
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: compiler),
      "pdflatex is not installed, so that no table is compiled here; scripts/check_tex does it with three engines"))
  func pdfLatexSetsEveryTable() throws {
    let long = "a_very-long_name.of/a" + String(repeating: "model", count: 30)
    try writeMethods(
      Self.hostile + [long + "-learned", long + "-ridge"], tap: "stage.2.block.3.[attention]_\(long)")
    _ = try folder.builder.build()
    // A report with every other table.
    let every = try ResultsFolder.ofEveryKind()
    var inputs: [String] = []
    for output in [folder.output, every.output] {
      let tables = output.appendingPathComponent("tables")
      inputs += try FileManager.default.contentsOfDirectory(atPath: tables.path).filter { $0.hasSuffix(".tex") }
        .sorted()
        .map { "\\input{\(tables.path)/\($0)}\\clearpage" }
    }
    #expect(inputs.count > 8)
    let paper = """
      \\documentclass[10pt]{article}\\usepackage{booktabs,longtable}
      \\setlength{\\textwidth}{6.5in}\\setlength{\\textheight}{9in}\\begin{document}
      \(inputs.joined(separator: "\n"))
      \\end{document}

      """
    try Data(paper.utf8).write(to: folder.root.appendingPathComponent("paper.tex"))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Self.compiler)
    process.arguments = ["-interaction=nonstopmode", "-no-shell-escape", "paper.tex"]
    process.currentDirectoryURL = folder.root
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    let log = String(decoding: try Data(contentsOf: folder.root.appendingPathComponent("paper.log")), as: UTF8.self)
    let wrong = log.split(separator: "\n").filter {
      $0.hasPrefix("!") || $0.hasPrefix("Overfull") || $0.contains("Missing character")
        || $0.contains("Float too large")
    }
    #expect(wrong == [] && log.contains("Output written on paper.pdf"))
  }
}
