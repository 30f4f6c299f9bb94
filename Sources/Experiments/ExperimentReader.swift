import Formats
import Foundation
import Imaging
import Results

/// Reads an experiment file: what every key means, and everything that is wrong with it.
struct ExperimentReader {
  let problems: ProblemList
  /// The analyses that a file can name.
  let definitions: [AnalysisDefinition]

  static let keys = [
    "title", "summary", "notes", "output", "seed", "device", "threads", "images", "models", "features", "inverses",
    "reconstructions", "analyses", "figures", "report",
  ]

  func read(_ root: YAMLValue) throws -> Experiment {
    guard let pairs = root.pairs("an experiment", problems) else {
      try problems.requireNone()
      return Experiment()
    }
    let entry = EntryReader(pairs, title: "experiment", line: root.line, keys: Self.keys, problems)
    var experiment = Experiment()
    experiment.title = entry.text("title")
    experiment.summary = entry.text("summary")
    experiment.output = entry.text("output")
    experiment.seed = entry.integer("seed", atLeast: 0)
    experiment.device = entry.value("device").flatMap { OptionDefinition("device", .device, "").text(of: $0, problems) }
    experiment.threads = entry.integer("threads", atLeast: 1, atMost: CountRange.threads.upperBound)
    experiment.images = named("images", in: entry).map(images)
    experiment.models = named("models", in: entry).compactMap(model)
    experiment.features = listed("features", in: entry).compactMap(features)
    experiment.inverses = listed("inverses", in: entry).compactMap(inverses)
    experiment.reconstructions = listed("reconstructions", in: entry).compactMap(reconstructions)
    experiment.analyses = analyses(in: entry)
    experiment.report = report(in: entry, experiment)
    experiment.figures = figures(in: entry)
    let written = notes(in: entry, experiment)
    experiment.report?.notes += written
    for key in ["summary", "notes"] where entry.has(key) && experiment.report == nil {
      entry.add(key, "\(key) is for the report, and there is none; leave it out, or add analyses and 'report:'")
    }
    for section in ["images", "models"] where !entry.has(section) {
      entry.add("there are no \(section); add '\(section):' with at least one")
    }
    try problems.requireNone()
    return experiment
  }

  // MARK: Sections

  /// An entry of a section, its name and the keys it has or takes over.
  struct Entry {
    let name: String?
    let line: Int
    let pairs: [YAMLValue.Pair]
    /// A path or another text in place of keys.
    var short: String?
  }

  /// The entries of a section in which each has its name as a key.
  private func named(_ section: String, in entry: EntryReader) -> [Entry] {
    guard let value = entry.value(section), let pairs = value.pairs(section, problems) else { return [] }
    let entries = pairs.filter { EntryReader.isName($0.key, line: $0.line, problems) }.compactMap { pair -> Entry? in
      switch pair.value.content {
      case .text(let text): return Entry(name: pair.key, line: pair.line, pairs: [], short: text)
      case .mapping(let inner): return Entry(name: pair.key, line: pair.line, pairs: inner)
      case .list, .empty:
        problems.add(
          line: pair.line, "\(section): \(pair.key) is \(pair.value.kind); give a path, or a mapping of keys to values")
        return nil
      }
    }
    return resolved(section, entries)
  }

  /// The entries of a section that is a list, or a mapping where there is one.
  private func listed(_ section: String, in entry: EntryReader) -> [Entry] {
    guard let value = entry.value(section) else { return [] }
    var found: [Entry] = []
    switch value.content {
    case .mapping(let pairs): found = [self.entry(pairs, line: value.line)]
    case .list(let values):
      for value in values {
        switch value.content {
        case .mapping(let pairs): found.append(self.entry(pairs, line: value.line))
        case .text(let text) where section == "analyses":
          found.append(Entry(name: text, line: value.line, pairs: [], short: text))
        default:
          problems.add(line: value.line, "\(section): an entry is \(value.kind); give a mapping of keys to values")
        }
      }
    case .empty:
      problems.add(line: value.line, "\(section) is empty; leave it out, or give a mapping or a list")
    case .text:
      problems.add(line: value.line, "\(section) is \(value.kind); give a mapping, or a list of them")
    }
    return resolved(section, found)
  }

  private func entry(_ pairs: [YAMLValue.Pair], line: Int) -> Entry {
    let name = pairs.first { $0.key == "name" } ?? pairs.first { ["analysis", "inverse"].contains($0.key) }
    guard case .text(let text)? = name?.value.content else { return Entry(name: nil, line: line, pairs: pairs) }
    return Entry(name: text, line: line, pairs: pairs)
  }

  private func resolved(_ section: String, _ entries: [Entry]) -> [Entry] {
    let resolver = LikeResolver(
      section: section, entries: entries.map { ($0.name ?? "", $0.line, $0.pairs) }, own: ["name", "like", "why"])
    return zip(entries, resolver.resolved(problems)).map { entry, pairs in
      Entry(name: entry.name, line: entry.line, pairs: pairs, short: entry.short)
    }
  }

  private func analyses(in entry: EntryReader) -> [Experiment.Analysis] {
    listed("analyses", in: entry).compactMap(analysis)
  }

  /// What is set of the figures: keys of settings, mappings where names follow them, and kinds of figures with such keys.
  private func figures(in entry: EntryReader) -> [GivenSetting] {
    entry.value("figures").map(figureSettings) ?? []
  }

  /// Settings of figures, as `figures:` of an experiment has them.
  func figureSettings(_ value: YAMLValue) -> [GivenSetting] {
    (value.pairs("figures", problems) ?? []).flatMap { figureSettings($0, before: "") }
  }

  private func figureSettings(_ pair: YAMLValue.Pair, before: String) -> [GivenSetting] {
    let key = before + pair.key
    let kinds = definitions.figures
    switch pair.value.content {
    case .mapping(let pairs):
      let isKind = before.isEmpty && kinds.contains(pair.key)
      let known = FigureSetting.all.filter(\.isNamed).map(\.key) + (before.isEmpty ? kinds : [])
      guard isKind || known.contains(pair.key) else {
        problems.add(
          line: pair.line,
          "figures: '\(key)' takes no mapping\(Spelling.suggestion(for: pair.key, among: known)); docs/figure-settings.md lists what is set"
        )
        return []
      }
      return pairs.flatMap { figureSettings($0, before: key + ".") }
    case .text(let text): return [figureSetting(key, text, line: pair.line)].compactMap { $0 }
    case .list(let values):
      let texts = values.compactMap { value -> String? in
        guard case .text(let text) = value.content else { return nil }
        return text
      }
      guard texts.count == values.count else {
        problems.add(line: pair.line, "figures: \(key) is a list of other things than texts; give texts")
        return []
      }
      return [figureSetting(key, texts.joined(separator: ","), line: pair.line)].compactMap { $0 }
    case .empty:
      problems.add(line: pair.line, "figures: \(key) is empty; give a value, or leave it out")
      return []
    }
  }

  private func figureSetting(_ key: String, _ value: String, line: Int) -> GivenSetting? {
    let (figure, plain) = FigureSetting.parts(of: key, kinds: definitions.figures)
    guard let setting = FigureSetting.of(plain) else {
      let keys = FigureSetting.all.map(\.key) + (plain == key ? definitions.figures : [])
      problems.add(
        line: line,
        "figures: unknown key '\(key)'\(Spelling.suggestion(for: plain, among: keys)); docs/figure-settings.md lists them"
      )
      return nil
    }
    if let problem = setting.problem(with: value, limitedTo: figure) {
      problems.add(line: line, "figures: \(key) \(problem)")
      return nil
    }
    return GivenSetting(key, value)
  }

  private func report(in entry: EntryReader, _ experiment: Experiment) -> Experiment.Report? {
    let line = entry.line(of: "report")
    guard let value = entry.value("report") else {
      guard !experiment.analyses.isEmpty else { return nil }
      return Experiment.Report(settings: [], line: line)
    }
    if case .text(let text) = value.content, let wanted = OptionDefinition.isTrue(text) {
      return wanted ? Experiment.Report(settings: [], line: line) : nil
    }
    guard let pairs = value.pairs("report", problems) else { return nil }
    let reader = EntryReader(
      pairs, title: "report", line: line,
      keys: ["out", "templates", "notes", "why"] + StepSettings.report.map(\.name), problems)
    if experiment.analyses.isEmpty, !entry.has("analyses") {
      reader.add("there are no analyses to report; add 'analyses:', or leave the report out")
    }
    return Experiment.Report(
      out: reader.text("out"), notes: notes(in: reader, experiment), settings: reader.settings(StepSettings.report),
      templates: reader.text("templates"),
      why: reader.text("why"), line: line)
  }
}

extension Experiment {
  /// Reads a file.
  ///
  /// - Parameter file: what it is called in messages.
  /// - Throws: ``ExperimentError`` with everything that is wrong with it.
  public init(parsing text: String, file: String, analyses: [AnalysisDefinition] = AnalysisDefinition.all) throws {
    self = try ExperimentReader(problems: ProblemList(file: file), definitions: analyses).read(
      YAMLValue(parsing: text, file: file))
  }
}
