import Formats
import Foundation

/// What was bundled.
public struct BundleSummary: Codable, Sendable {
  public let path: String
  public let bytes: Int
  public let sha256: String
  public let files: Int
  public let figures: Int
  /// Tiles with a picture of an image, in the report.
  public let pictures: Int
  public let pixels: BundlePixels
  /// What the user should know, one sentence each.
  public let notes: [String]
}

/// Puts a report and everything it rests on into one zip: the same bytes for the same run. The file appears whole or not at all.
public struct BundleBuilder {
  /// The folder of a report.
  public var report: URL
  /// The zip to write.
  public var output: URL
  /// `docs/definitions.md`.
  public var definitions: URL
  /// The results; nil for those the report was made of, where they still are.
  public var results: URL?
  /// The experiment's file; nil for the one the report is of, where there is one.
  public var experiment: URL?
  public var pixels: BundlePixels
  public var authors: [BundleAuthor]
  public var license: BundleLicense
  /// ISO 8601, a day; nil for that of the last analysis.
  public var date: String?
  /// Of Palimpsest.
  public var toolVersion: String
  /// Whether paths are cut to what does not tell whose machine it was; `authors` must be empty.
  public var isAnonymous = false
  /// The user's folder, of which an anonymous bundle says nothing.
  public var home = NSHomeDirectory()

  public init(
    report: URL, output: URL, definitions: URL, results: URL? = nil, experiment: URL? = nil,
    pixels: BundlePixels = .full, authors: [BundleAuthor] = [], license: BundleLicense, date: String? = nil,
    toolVersion: String
  ) {
    self.report = report
    self.output = output
    self.definitions = definitions
    self.results = results
    self.experiment = experiment
    self.pixels = pixels
    self.authors = authors
    self.license = license
    self.date = date
    self.toolVersion = toolVersion
  }

  private static let experimentName = "experiment.yaml"
  private static let definitionsName = "definitions.md"

  private typealias Run = (name: String, folder: String, provenance: Provenance)

  /// Gathers, hashes and writes.
  /// - Parameter check: is called between files; what it throws ends the work and leaves nothing.
  /// - Throws: `ReportError`, `FigureError` or `BundleError`, each a sentence for people.
  public func build(check: () throws -> Void = {}) throws -> BundleSummary {
    let record = try ReportRecord(of: report)
    var contents = BundleContents()
    var notes: [String] = []
    try contents.addFolder(report, as: "report")
    var pictures = BundlePictures(report: report, record: record, pixels: pixels, toolVersion: toolVersion)
    try pictures.apply(to: &contents)
    if pixels != .full { leaveOutForeignPictures(&contents, record, pictures.files, &notes) }
    try contents.add("pictures.csv", .data(Data(pictures.table.utf8)))
    let runs = try addResults(record, to: &contents, &notes)
    let hasExperiment = try addExperiment(record, to: &contents, &notes)
    guard FileManager.default.isReadableFile(atPath: definitions.path) else {
      throw BundleError(.badInput, "\(definitions.path) cannot be read; it goes into every bundle")
    }
    try contents.add(Self.definitionsName, .file(definitions))
    let date = try day(of: runs)
    let abstract =
      "Figures, tables and numbers of \(record.figures.count) figures, with their data and provenance, made by Palimpsest "
      + "\(record.tool.version)."
    try contents.add(
      CitationFile.name,
      .data(
        Data(
          CitationFile(
            title: record.title, abstract: abstract, date: date, license: license, authors: authors, tool: record.tool
          ).text.utf8)))
    try contents.add(
      "README.md",
      .data(
        Data(
          BundleReadme(
            title: record.title, tool: record.tool, figures: record.figures.count, pictures: pictures.count,
            pixels: pixels, hasResults: contents.names.contains { $0.hasPrefix("results/") },
            hasExperiment: hasExperiment
          ).text.utf8)))
    try contents.add(ReplayScript.name, .data(Data(ReplayScript.text.utf8)))
    try contents.add(
      BundleIndex.name, .data(Data(BundleIndex(record: record, report: report, contents: contents).text().utf8)))
    let anonymous = isAnonymous ? try anonymousPaths(record, runs, contents) : nil
    var revealed: [String: [String]] = [:]
    if let anonymous { revealed = try cutPaths(of: &contents, anonymous) }
    var listed = try contents.listed(check)
    var crate = CrateMetadata(
      title: record.title, description: abstract, date: date, license: license, authors: authors, files: listed,
      record: record, runs: runs)
    var metadata = try crate.encoded()
    if let anonymous {
      metadata = anonymous.applied(to: metadata)
      for name in anonymous.revealedNames(in: metadata) { revealed[name, default: []].append(CrateMetadata.name) }
      notes += Self.warnings(revealed, title: record)
    }
    listed.append(Self.listed(CrateMetadata.name, metadata))
    let sums = BundleSums.text(listed.map { ($0.name, $0.sha256) })
    listed.append(Self.listed(BundleSums.name, Data(sums.utf8)))
    let (bytes, sha256) = try write(listed.sorted { EntryName.precedes($0.name, $1.name) }, check)
    return BundleSummary(
      path: output.path, bytes: bytes, sha256: sha256, files: listed.count, figures: record.figures.count,
      pictures: pictures.count, pixels: pixels, notes: notes)
  }

  private static func listed(_ name: String, _ data: Data) -> BundleContents.Listed {
    .init(name: name, source: .data(data), size: data.count, sha256: ContentDigest(data).hexadecimal)
  }

  // MARK: Parts

  /// Pictures that others put into the report's folder show images as well.
  private func leaveOutForeignPictures(
    _ contents: inout BundleContents, _ record: ReportRecord, _ files: Set<String>, _ notes: inout [String]
  ) {
    let own = files.union(
      record.figures.map { "report/figures/\($0).png" } + record.sheets.map { "report/\($0.path)" })
    let endings = ["png", "jpg", "jpeg", "gif", "webp", "tif", "tiff", "bmp"]
    for name in contents.names
    where endings.contains((name as NSString).pathExtension.lowercased()) && !own.contains(name) {
      contents.remove(name)
      notes.append(
        "\(name) is left out: it is no figure of the report, and --pixels \(pixels.rawValue) shows no images")
    }
  }

  /// The tables of the analyses and their provenances, as they were when the report was made.
  private func addResults(
    _ record: ReportRecord, to contents: inout BundleContents, _ notes: inout [String]
  ) throws -> [Run] {
    let place = results ?? report.appendingPathComponent(record.results).standardizedFileURL
    guard results != nil || FileManager.default.fileExists(atPath: place.path) else {
      notes.append(
        "the results are no longer at \(place.path), so that the bundle has the report's own tables only; "
          + "give them with --results")
      return try provenancesOfReport()
    }
    var runs: [Run] = []
    let collection = try ResultsCollection(place)
    for folder in collection.folders {
      notes += folder.warnings()
      let prefix = folder.name.isEmpty ? "results" : "results/\(folder.name)"
      var names = Set(folder.tables.map(\.name))
      for output in folder.provenance?.outputs ?? []
      where ["csv", "json"].contains((output.path as NSString).pathExtension) {
        names.insert(output.path)
      }
      for name in names.sorted(by: EntryName.precedes) where EntryName.problem(name) == nil {
        let file = folder.url.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: file.path) else { continue }
        try contents.add("\(prefix)/\(name)", .file(file))
      }
      guard let provenance = folder.provenance else { continue }
      let file = folder.url.appendingPathComponent(AnalysisFolder.provenanceName)
      let copy = report.appendingPathComponent(collection.provenanceName(of: folder))
      guard FileManager.default.contentsEqual(atPath: file.path, andPath: copy.path) else {
        throw BundleError(
          .badInput,
          "the results in \(folder.url.path) are not those the report was made of; "
            + "make the report again with palimpsest report")
      }
      try contents.add("\(prefix)/\(AnalysisFolder.provenanceName)", .file(file))
      runs.append((folder.name.isEmpty ? "Analysis" : folder.name, prefix, provenance))
    }
    return runs
  }

  /// Where the results are gone, the report has copies of what was run.
  private func provenancesOfReport() throws -> [Run] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: report.path)) ?? [])
      .filter { $0.hasSuffix(AnalysisFolder.provenanceName) }.sorted(by: EntryName.precedes)
    return try names.compactMap { name in
      let file = report.appendingPathComponent(name)
      guard let data = FileManager.default.contents(atPath: file.path) else { return nil }
      let stem = name.dropLast(AnalysisFolder.provenanceName.count + 1)
      return (stem.isEmpty ? "Analysis" : String(stem), "results", try Provenance.decoded(from: data, file: file.path))
    }
  }

  private func addExperiment(
    _ record: ReportRecord, to contents: inout BundleContents, _ notes: inout [String]
  ) throws -> Bool {
    let recorded = record.experiment.map { report.appendingPathComponent($0).standardizedFileURL }
    guard let file = experiment ?? recorded else { return false }
    guard FileManager.default.isReadableFile(atPath: file.path) else {
      if experiment != nil { throw BundleError(.badInput, "\(file.path) cannot be read; give the experiment's file") }
      notes.append("the experiment is no longer at \(file.path); give it with --experiment")
      return false
    }
    try contents.add(Self.experimentName, .file(file))
    return true
  }

  /// The clock must not reach a bundle: its day is that on which the last analysis ended.
  private func day(of runs: [Run]) throws -> String {
    let found = date ?? runs.compactMap(\.provenance.finishedAt).max().map { String($0.prefix(10)) }
    guard let found, found.wholeMatch(of: /\d{4}-\d{2}-\d{2}/) != nil else {
      throw BundleError(
        .badInput,
        date.map { "--date is '\($0)'; give a day such as 2026-11-26" }
          ?? "no provenance says when the numbers came about; give a day with --date, such as 2026-11-26")
    }
    return found
  }

  // MARK: Blind review

  private func anonymousPaths(
    _ record: ReportRecord, _ runs: [Run], _ contents: BundleContents
  ) throws -> AnonymousPaths {
    func absolute(_ place: String) -> String { report.appendingPathComponent(place).standardizedFileURL.path }
    var paths = record.command + [record.results] + [record.experiment].compactMap { $0 }
    paths += AnonymousPaths.paths(in: String(decoding: try contents.data(of: Self.experimentName), as: UTF8.self))
    for run in runs {
      paths += (run.provenance.command ?? []) + (run.provenance.settings?.entries.map(\.value) ?? [])
      paths += ((run.provenance.inputs ?? []) + (run.provenance.outputs ?? [])).map(\.path)
    }
    // Notes name stores and images.
    for note in runs.flatMap({ $0.provenance.notes ?? [] }) {
      let marks = CharacterSet(charactersIn: "'\",;:()")
      paths += note.split(separator: " ").map { $0.trimmingCharacters(in: marks) }
    }
    // --option=/a/path
    paths += paths.compactMap { argument in
      argument.firstIndex(of: "=").map { String(argument[argument.index(after: $0)...]) }
    }
    let study =
      [absolute("."), results?.standardizedFileURL.path ?? absolute(record.results)]
      + [experiment?.standardizedFileURL.path ?? record.experiment.map(absolute)].compactMap { $0 }
    return AnonymousPaths(paths, study: study, home: home)
  }

  /// Cuts the paths in what was recorded of the runs.
  ///
  /// - Returns: by names that tell whose machine it was, the files that have them nevertheless.
  private func cutPaths(of contents: inout BundleContents, _ paths: AnonymousPaths) throws -> [String: [String]] {
    var revealed: [String: [String]] = [:]
    let texts = ["json", "html", "csv", "tex", "yaml", "md", "cff"]
    // The definitions come with the program: what stands in them tells nothing of the user.
    for name in contents.names
    where name != Self.definitionsName && texts.contains((name as NSString).pathExtension.lowercased()) {
      let text = try contents.data(of: name)
      let records = ["report/index.html", "report/\(ReportRecord.place)", Self.experimentName]
      let isRecord = records.contains(name) || name.hasSuffix(AnalysisFolder.provenanceName)
      let cut = isRecord ? paths.applied(to: text) : text
      if cut != text { contents.replace(name, with: cut) }
      for word in paths.revealedNames(in: cut) { revealed[word, default: []].append(name) }
    }
    return revealed
  }

  /// What a blind review could still tell, one sentence each.
  private static func warnings(_ revealed: [String: [String]], title record: ReportRecord) -> [String] {
    var notes = revealed.sorted { $0.key < $1.key }.map { word, files in
      "'\(word)' still stands in \(files.prefix(6).joined(separator: ", "))"
        + (files.count > 6 ? " and \(files.count - 6) more files" : "")
        + "; look into \(files.count == 1 ? "it" : "them") before you hand the bundle to a blind review"
    }
    if record.command.contains(where: { $0 == "--title" || $0.hasPrefix("--title=") }) {
      notes.append(
        "the title '\(record.title)' stands in the page, \(BundleIndex.name), data/report.json, README.md, \(CitationFile.name) and "
          + "\(CrateMetadata.name) as it is; if it names anybody, make the report again with another --title")
    }
    if let text = record.text, !text.isEmpty {
      notes.append(
        "the author's summary and notes stand in the page and data/report.json as they are; if they name anybody, make the "
          + "report again without them")
    }
    return notes
  }

  // MARK: Writing

  private func write(_ files: [BundleContents.Listed], _ check: () throws -> Void) throws -> (Int, String) {
    let zip = try ZipWriter(path: output.path)
    for file in files {
      try check()
      // What is compressed already only costs time.
      let isCompressed = !["png", "jpg", "jpeg"].contains((file.name as NSString).pathExtension.lowercased())
      var digest = ContentDigest()
      try zip.add(file.name, size: file.size, isCompressed: isCompressed) { take in
        try BundleContents.read(file.source) { piece in
          digest.update(piece)
          try take(piece)
        }
      }
      guard digest.hexadecimal == file.sha256 else {
        throw BundleError(.failed, "\(file.name) changed while it was bundled; run the same command again")
      }
    }
    try zip.publish()
    var digest = ContentDigest()
    var bytes = 0
    try BundleContents.read(.file(output)) { piece in
      digest.update(piece)
      bytes += piece.count
    }
    return (bytes, digest.hexadecimal)
  }
}
