import Figures
import Foundation

/// The provenance as the page prints it. What is unknown is left out.
struct ProvenanceFacts {
  let content: ReportContent

  init(_ content: ReportContent) {
    self.content = content
  }

  private typealias Fact = ReportPage.Fact

  /// One line a store: those of the provenances, or the names and taps that sections found in their tables.
  func stores() -> [ReportPage.Store] {
    let unknown = "–"
    let recorded = content.collection.folders.flatMap { $0.provenance?.stores ?? [] }
    var described: [Provenance.Store] = []
    for store in recorded
    where !described.contains(where: { $0.name == store.name && $0.checkpointSHA256 == store.checkpointSHA256 }) {
      described.append(store)
    }
    let found = content.sections.flatMap(\.stores)
    for store in found where !described.contains(where: { $0.name == store.name }) {
      described.append(
        Provenance.Store(
          name: store.name, model: nil, family: nil, checkpointSHA256: nil, images: nil, taps: store.taps,
          preprocessing: nil, tokens: nil))
    }
    return described.map { store in
      let own = found.filter { $0.name == store.name }
      let taps = store.taps ?? own.first?.taps ?? []
      return ReportPage.Store(
        name: store.name, model: store.model ?? unknown, family: store.family ?? unknown,
        checkpointShort: store.checkpointSHA256.map { String($0.prefix(12)) } ?? unknown,
        checkpoint: store.checkpointSHA256 ?? "not recorded", source: store.modelSource ?? "",
        hasSource: store.modelSource != nil,
        images: images(of: store) ?? own.compactMap(\.images).max().map(Numbers.grouped) ?? unknown,
        taps: taps.isEmpty ? unknown : "\(taps.count)", tapNames: taps.joined(separator: ", "),
        tokens: store.tokens ?? unknown,
        preprocessing: store.preprocessing ?? unknown)
    }
  }

  /// Which models of the Hub the stores are of, as a methods section says it; nil where there are none.
  func origins() -> Method? {
    let stores = content.collection.folders.flatMap { $0.provenance?.stores ?? [] }
    let texts = stores.compactMap { store in
      store.modelSource.map {
        "\($0) of the Hugging Face Hub (SHA-256 of the weights \(store.checkpointSHA256 ?? "not recorded"))"
      }
    }
    let each = texts.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return each.isEmpty ? nil : Method("Checkpoints", "The models are \(each.joined(separator: "; ")).")
  }

  /// "192", or "192 (similarity, prototypes), 96 (quality)" where analyses took different numbers of a store's images; nil
  /// where none is recorded.
  private func images(of store: Provenance.Store) -> String? {
    var counts: [(images: Int, analyses: [String])] = []
    for folder in content.collection.folders {
      let own = folder.provenance?.stores?.first {
        $0.name == store.name && $0.checkpointSHA256 == store.checkpointSHA256
      }
      guard let images = own?.images else { continue }
      let name = folder.name.isEmpty ? content.sections.first { $0.folder.url == folder.url }?.identifier : folder.name
      let index = counts.firstIndex { $0.images == images } ?? counts.endIndex
      if index == counts.endIndex { counts.append((images, [])) }
      if let name, !counts[index].analyses.contains(name) { counts[index].analyses.append(name) }
    }
    guard counts.count > 1 else { return counts.first.map { Numbers.grouped($0.images) } }
    return counts.map { "\(Numbers.grouped($0.images)) (\($0.analyses.joined(separator: ", ")))" }.joined(
      separator: ", ")
  }

  /// Command, tool, dates, host, settings and files of every folder of results.
  func runs() -> [ReportPage.Run] {
    content.collection.folders.enumerated().map { index, folder in
      run(
        folder, identifier: "run-\(index + 1)",
        heading: folder.name.isEmpty ? "The analysis" : folder.name)
    }
  }

  private func run(_ folder: AnalysisFolder, identifier: String, heading: String) -> ReportPage.Run {
    let provenance = folder.provenance
    var facts: [Fact] = []
    func add(_ name: String, _ value: String?) {
      if let value, !value.isEmpty { facts.append(Fact(name: name, value: value)) }
    }
    add("Command", provenance?.command.map(Self.shell))
    add("Tool", provenance?.tool.map { "\($0.name) \($0.version)" })
    add("Started", provenance?.startedAt)
    add("Finished", provenance?.finishedAt)
    add("Seed", provenance?.seed.map { "\($0)" })
    add("Threads", provenance?.threads.map { "\($0)" })
    add("Processor", provenance?.host?.cpu)
    add("Cores", provenance?.host?.cores.map { "\($0)" })
    add("Memory", provenance?.host?.memoryBytes.map { Numbers.fixed(Double($0) / 1_073_741_824, digits: 1) + " GiB" })
    add("System", provenance?.host?.os)
    let settings = Self.facts(provenance?.settings)
    let inputs = (provenance?.inputs ?? []).map(Self.file)
    let outputs = (provenance?.outputs ?? []).map(Self.file)
    return ReportPage.Run(
      identifier: identifier, heading: heading, facts: facts, settings: settings, inputs: inputs, outputs: outputs,
      tables: folder.tables.map { Self.file($0, in: folder) }, hasSettings: !settings.isEmpty,
      hasInputs: !inputs.isEmpty, hasOutputs: !outputs.isEmpty)
  }

  /// Where one figure comes from.
  func figure(_ description: FigureDescription, of folder: AnalysisFolder, builder: ReportBuilder) -> [ReportPage.Fact]
  {
    let provenance = folder.provenance
    var facts: [Fact] = []
    if let command = provenance?.command { facts.append(Fact(name: "Numbers", value: Self.shell(command))) }
    if !builder.command.isEmpty {
      facts.append(Fact(name: "Drawing", value: Self.shell(Self.withoutText(builder.command))))
    }
    var tools = ["drawn by Palimpsest \(builder.toolVersion)"]
    if let tool = provenance?.tool { tools.insert("computed by \(tool.name) \(tool.version)", at: 0) }
    facts.append(Fact(name: "Tool", value: tools.joined(separator: ", ")))
    if let date = provenance?.finishedAt { facts.append(Fact(name: "Computed on", value: date)) }
    facts += description.settings.map { Fact(name: Self.capitalised($0.name), value: $0.value) }
    for table in folder.tables where !table.definition.isExportOnly {
      facts.append(Fact(name: folder.path(inResults: table.name), value: "SHA-256 \(table.sha256)"))
    }
    let inputs = provenance?.inputs ?? []
    if inputs.count > 2 {
      facts.append(Fact(name: "Files read", value: "\(inputs.count), with their checksums under Provenance"))
    } else {
      for input in inputs {
        if let hash = input.sha256 { facts.append(Fact(name: input.path, value: "SHA-256 \(hash)")) }
      }
    }
    return facts
  }

  /// The command without the author's text, which stands in the page already.
  private static func withoutText(_ command: [String]) -> [String] {
    let options = ["--summary", "--note"]
    return command.enumerated().map { index, word in
      if index > 0, options.contains(command[index - 1]) { return "…" }
      return options.first { word.hasPrefix($0 + "=") }.map { $0 + "=…" } ?? word
    }
  }

  private static func capitalised(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  private static func facts(_ values: NamedValues?) -> [Fact] {
    (values?.entries ?? []).map { Fact(name: $0.name, value: $0.value) }
  }

  /// A table of results, with what the report does with it.
  private static func file(_ table: AnalysisFolder.Table, in folder: AnalysisFolder) -> ReportPage.ResultFile {
    ReportPage.ResultFile(
      path: folder.path(inResults: table.name), sha256: table.sha256, bytes: Numbers.grouped(table.bytes),
      use: table.definition.exportReason.map { "for other programs: \($0)" } ?? "shown")
  }

  private static func file(_ file: Provenance.File) -> ReportPage.File {
    ReportPage.File(
      path: file.path, sha256: file.sha256 ?? "–", bytes: file.bytes.map(Numbers.grouped) ?? "–", role: file.role ?? "",
      facts: facts(file.description))
  }

  /// A command as it can be typed into a shell.
  static func shell(_ command: [String]) -> String {
    command.map { word in
      let plain = word.utf8.allSatisfy { byte in
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
          || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "_-./:,=+@".utf8.contains(byte)
      }
      if plain, !word.isEmpty { return word }
      return "'" + word.unicodeScalars.map { $0 == "'" ? "'\\''" : String($0) }.joined() + "'"
    }.joined(separator: " ")
  }
}
