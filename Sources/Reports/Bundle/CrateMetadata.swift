import Foundation

/// `ro-crate-metadata.json`: the bundle as an RO-Crate 1.1 of the profile Process Run Crate 0.5. Every analysis is an action with
/// its program, settings, inputs and results; every file is described with its size and SHA-256.
struct CrateMetadata {
  static let name = "ro-crate-metadata.json"
  private static let profile = "https://w3id.org/ro/wfrun/process/0.5"

  let title: String
  let description: String
  /// ISO 8601, a day.
  let date: String
  let license: BundleLicense
  let authors: [BundleAuthor]
  /// Every file of the bundle but this one and the list of sums.
  let files: [BundleContents.Listed]
  let record: ReportRecord
  /// What was run: the analysis's name, the folder of its results in the bundle, and its provenance.
  let runs: [(name: String, folder: String, provenance: Provenance)]

  private var graph: [CrateValue] = []
  private var known: Set<String> = []
  private var actions: [String] = []

  init(
    title: String, description: String, date: String, license: BundleLicense, authors: [BundleAuthor],
    files: [BundleContents.Listed], record: ReportRecord,
    runs: [(name: String, folder: String, provenance: Provenance)]
  ) {
    self.title = title
    self.description = description
    self.date = date
    self.license = license
    self.authors = authors.isEmpty ? [.anonymous] : authors
    self.files = files
    self.record = record
    self.runs = runs
  }

  /// The file, its entities in a fixed order.
  mutating func encoded() throws -> Data {
    graph = []
    known = []
    actions = []
    let places = Set(files.map(\.name))
    for (place, run) in runs.enumerated() { add(run, number: place + 1, places: places) }
    addDrawing(places: places)
    let context: CrateValue = [
      "https://w3id.org/ro/crate/1.1/context",
      [
        "sha256": "https://w3id.org/ro/terms/workflow-run#sha256",
        "environment": "https://w3id.org/ro/terms/workflow-run#environment",
      ],
    ]
    let crate: CrateValue = [
      "@context": context, "@graph": .list([descriptor, root, profileEntity, licenseEntity] + people + graph + parts),
    ]
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(crate) + Data("\n".utf8)
  }

  // MARK: The crate itself

  private var descriptor: CrateValue {
    [
      "@id": .text(Self.name), "@type": "CreativeWork", "about": .reference("./"),
      "conformsTo": .reference("https://w3id.org/ro/crate/1.1"),
    ]
  }

  private var root: CrateValue {
    [
      "@id": "./", "@type": "Dataset", "name": .text(title), "description": .text(description),
      "datePublished": .text(date), "license": .reference(license.identifier),
      "author": .references(authors.indices.map(Self.author)), "conformsTo": .reference(Self.profile),
      "hasPart": .references(files.map { EntryName.address($0.name) }), "mentions": .references(actions),
      "mainEntity": .reference("report/index.html"),
    ]
  }

  private var profileEntity: CrateValue {
    ["@id": .text(Self.profile), "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"]
  }

  private var licenseEntity: CrateValue {
    [
      "@id": .text(license.identifier), "@type": "CreativeWork", "name": .text(license.name),
      "description": .text(license.description),
    ]
  }

  private static func author(_ place: Int) -> String { "#author-\(place + 1)" }

  private var people: [CrateValue] {
    authors.enumerated().map { place, author in
      [
        "@id": .text(Self.author(place)), "@type": .text(author.isPerson ? "Person" : "Organization"),
        "name": .text(author.fullName),
      ]
    }
  }

  private var parts: [CrateValue] {
    files.map { file in
      [
        "@id": .text(EntryName.address(file.name)), "@type": "File", "name": .text(file.name),
        "contentSize": .text("\(file.size)"), "sha256": .text(file.sha256),
        "encodingFormat": .text(Self.mediaType(file.name)),
      ]
    }
  }

  private static func mediaType(_ name: String) -> String {
    let types = [
      "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "pdf": "application/pdf", "csv": "text/csv",
      "tex": "application/x-tex", "json": "application/json", "html": "text/html", "md": "text/markdown",
      "yaml": "application/yaml", "cff": "application/yaml", "txt": "text/plain",
      "py": "text/x-python",
    ]
    return types[(name as NSString).pathExtension.lowercased()] ?? "application/octet-stream"
  }

  // MARK: What was run

  /// An entity that several others may refer to; the first of an identifier counts.
  private mutating func add(_ identifier: String, _ entity: CrateValue) -> String {
    if known.insert(identifier).inserted { graph.append(entity) }
    return identifier
  }

  private mutating func add(_ tool: Provenance.Tool) -> String {
    let identifier = "#\(EntryName.address(tool.name))-\(EntryName.address(tool.version))"
    return add(
      identifier,
      [
        "@id": .text(identifier), "@type": "SoftwareApplication", "name": .text(tool.name),
        "softwareVersion": .text(tool.version),
      ])
  }

  private mutating func add(_ identifier: String, named name: String, value: String) -> String {
    add(
      identifier,
      ["@id": .text(identifier), "@type": "PropertyValue", "name": .text(name), "value": .text(value)])
  }

  /// A file that is not in the bundle: a store, a checkpoint. It is told apart by its content.
  private mutating func add(absent file: Provenance.File, of action: String, number: Int) -> String {
    let identifier = file.sha256.map { "#file-\($0)" } ?? "\(action)-file-\(number)"
    return add(
      identifier,
      [
        "@id": .text(identifier), "@type": "CreativeWork", "name": .text(file.path),
        "description": .text("not in the bundle" + (file.role.map { ": \($0)" } ?? "")),
        "sha256": file.sha256.map { .text($0) }, "contentSize": file.bytes.map { .text("\($0)") },
      ])
  }

  private mutating func add(
    _ run: (name: String, folder: String, provenance: Provenance), number: Int, places: Set<String>
  ) {
    let action = "#run-\(number)"
    let provenance = run.provenance
    var objects: [String] = []
    for (place, input) in (provenance.inputs ?? []).enumerated() {
      objects.append(add(absent: input, of: "\(action)-input", number: place + 1))
    }
    for (place, setting) in (provenance.settings?.entries ?? []).enumerated() {
      objects.append(add("\(action)-setting-\(place + 1)", named: setting.name, value: setting.value))
    }
    if let seed = provenance.seed { objects.append(add("\(action)-seed", named: "seed", value: "\(seed)")) }
    var results: [String] = []
    for (place, output) in (provenance.outputs ?? []).enumerated() {
      let name = "\(run.folder)/\(output.path)"
      results.append(
        places.contains(name)
          ? EntryName.address(name) : add(absent: output, of: "\(action)-output", number: place + 1))
    }
    var environment: [String] = []
    let host = provenance.host
    for (name, value) in [
      ("processor", host?.cpu), ("cores", host?.cores.map { "\($0)" }),
      ("memory in bytes", host?.memoryBytes.map { "\($0)" }), ("system", host?.os),
      ("threads", provenance.threads.map { "\($0)" }),
    ] {
      guard let value else { continue }
      environment.append(
        add("\(action)-\(EntryName.address(name))", named: name, value: value))
    }
    let tool = add(provenance.tool ?? Provenance.Tool(name: "unknown", version: "unknown"))
    graph.append([
      "@id": .text(action), "@type": "CreateAction", "name": .text(run.name),
      "description": .text(provenance.command.map(ProvenanceFacts.shell) ?? "The command is not recorded."),
      "instrument": .reference(tool), "object": .references(objects), "result": .references(results),
      "environment": .references(environment), "actionStatus": "http://schema.org/CompletedActionStatus",
      "agent": .reference(Self.author(0)), "startTime": provenance.startedAt.map { .text(Self.time($0)) },
      "endTime": provenance.finishedAt.map { .text(Self.time($0)) },
    ])
    actions.append(action)
  }

  /// The report: from tables to figures and the page.
  private mutating func addDrawing(places: Set<String>) {
    let action = "#report"
    let drawn = record.drawnWith
    var environment: [String] = []
    for case (let name, let version?) in drawn.libraries {
      environment.append(add("\(action)-\(name)", named: name, value: version))
    }
    for (place, font) in drawn.fonts.enumerated() {
      environment.append(
        add("\(action)-font-\(place + 1)", named: "font \(font.family) \(font.style)", value: font.version))
    }
    let figures = record.figures.flatMap { name in ["pdf", "svg", "png"].map { "report/figures/\(name).\($0)" } }
    let tables = files.map(\.name).filter { $0.hasPrefix("results/") && $0.hasSuffix(".csv") }
    let data = record.figures.map { "report/data/\($0).json" }
    graph.append([
      "@id": .text(action), "@type": "CreateAction", "name": "Report", "instrument": .reference(add(record.tool)),
      "description": .text(
        record.command.isEmpty ? "Figures, tables and the page." : ProvenanceFacts.shell(record.command)),
      "object": .references((tables + data).map(EntryName.address)),
      "result": .references((["report/index.html"] + figures).filter(places.contains).map(EntryName.address)),
      "environment": .references(environment), "actionStatus": "http://schema.org/CompletedActionStatus",
      "agent": .reference(Self.author(0)),
    ])
    actions.append(action)
  }

  /// The profile wants an offset where provenance has a Z.
  private static func time(_ text: String) -> String {
    text.hasSuffix("Z") ? text.dropLast() + "+00:00" : text
  }
}
