import Figures
import Formats
import Results

extension EfficiencySection {
  /// Errors of images that neither trained nor chose, a line a run and cut.
  func testTable(_ comparable: ComparableRuns) throws -> ResultTable {
    let file = folder.path(of: .efficiencyTest)
    let text = try folder.text(of: .efficiencyTest)
    let table = try CommaSeparatedValues(parsing: text, file: file)
    let indices = try Self.indices(
      [.run, .mode, .inverse, .cut, .count, .peakSignalToNoise, .low, .high, .tested], table, file)
    var rows: [ResultTable.Line] = []
    for record in table.records {
      let fields = indices.map { record.fields[$0] }
      guard let count = Double(fields[4]), let ratio = Double(fields[5]) else {
        throw ReportError("\(file): line \(record.line): n and psnr must be numbers")
      }
      rows.append(
        (
          [fields[3], fields[0], fields[1], fields[2]],
          // The best of a cut is one of the same model on the same images.
          [fields[3], comparable.checkpoint(of: fields[0]), fields[8]].joined(separator: "\u{1F}"),
          [ResultTable.Value(ratio, low: Double(fields[6]), high: Double(fields[7])), ResultTable.Value(count)]
        ))
    }
    let cuts = rows.map { $0.names[0] }.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return ResultTable(
      name: "\(context.identifier)-test",
      caption:
        "PSNR on test images, with the weights that the validation images chose: test images neither trained nor chose epoch or "
        + "ridge. Means with 95 % intervals over images. Bold: the best of a cut.",
      nameColumns: ["Cut", "Run", "Mode", "Inverse"],
      columns: [ResultTable.Column(QualityMetric.psnr.definition), .count("Test images")],
      rows: cuts.flatMap { cut in rows.filter { $0.names[0] == cut } }, commaSeparated: text)
  }
}
