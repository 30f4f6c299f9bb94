import Formats
import Imaging
import Results

/// Steps that make numbers, figures and pages.
extension StepBuilder {
  /// A store or a training that an analysis reads.
  private struct AnalysisInput {
    let path: String
    let name: String
    let entry: String
    var step: Step?
    /// The model of the experiment it comes from.
    var model: String?
    var images: String?
  }

  func addAnalyses() {
    for analysis in experiment.analyses {
      let selected = chosen(analysis)
      guard !selected.isEmpty else { continue }
      switch analysis.definition.grouping {
      case .together: add(analysis, selected, suffix: "")
      case .perStore: for input in selected { add(analysis, [input], suffix: "-\(input.name)") }
      case .perModel:
        for model in selected.compactMap(\.model).unique {
          add(analysis, selected.filter { $0.model == model }, suffix: "-\(model)")
        }
        for input in selected where input.model == nil { add(analysis, [input], suffix: "-\(input.name)") }
      }
    }
  }

  private func everything(_ source: AnalysisDefinition.Source) -> [AnalysisInput] {
    func analysisInputs(_ outputs: [StepOutput]) -> [AnalysisInput] {
      outputs.map {
        AnalysisInput(
          path: $0.step.output, name: String($0.step.name.split(separator: "/").last ?? ""), entry: $0.entry,
          step: $0.step,
          model: $0.model, images: $0.images)
      }
    }
    switch source {
    case .features: return analysisInputs(features)
    case .reconstructions: return analysisInputs(reconstructions)
    case .inverses:
      return inverses.map {
        AnalysisInput(path: $0.folder, name: "\($0.model)-\($0.entry)", entry: $0.entry, step: $0.step, model: $0.model)
      }
    }
  }

  /// What the file names, or else everything of the first kind there is.
  private func chosen(_ analysis: Experiment.Analysis) -> [AnalysisInput] {
    let definition = analysis.definition
    let models = models(analysis.models, line: analysis.line).map(\.name)
    let named: [(AnalysisDefinition.Source, [String]?)] = [
      (.features, analysis.features), (.reconstructions, analysis.reconstructions),
      (.inverses, definition.takesInverses ? nil : analysis.inverses),
    ]
    var chosen: [AnalysisInput] = []
    var isNamed = !analysis.stores.isEmpty
    for (source, names) in named {
      guard let names else { continue }
      isNamed = true
      let all = everything(source)
      for name in names {
        let matching = all.filter { $0.entry == name }
        if matching.isEmpty { missing(source.rawValue, name, among: all.map(\.entry).unique, line: analysis.line) }
        chosen += matching.filter { $0.model.map(models.contains) ?? true }
      }
    }
    if !isNamed {
      for source in definition.sources where chosen.isEmpty {
        chosen = everything(source).filter { $0.model.map(models.contains) ?? true }
        if source == .inverses { chosen = chosen.filter { $0.step != nil } }
        if definition.needsConditions { chosen = chosen.filter { $0.step.map(hasConditions) ?? true } }
      }
    }
    for path in analysis.stores {
      let store = paths.resolve(path)
      require(store, isFolder: false, line: analysis.line, "\(analysis.name): stores")
      chosen.append(AnalysisInput(path: store, name: String(store.split(separator: "/").last ?? ""), entry: ""))
    }
    if chosen.isEmpty, !models.isEmpty {
      let wanted = OptionDefinition.alternatives(definition.sources.map(\.rawValue))
      problems.add(
        line: analysis.line,
        "\(analysis.name): there are no \(wanted)\(definition.needsConditions ? " with conditions" : "") to analyse; add '\(definition.sources[0].rawValue):' to the file"
      )
    }
    return chosen
  }

  /// Whether a store has conditions beside original: its own, or those of the features it was made from.
  private func hasConditions(_ step: Step) -> Bool {
    step.value(of: "--conditions") != nil
      || features.contains { step.needs.contains($0.step.name) && $0.step.value(of: "--conditions") != nil }
  }

  private func add(_ analysis: Experiment.Analysis, _ selected: [AnalysisInput], suffix: String) {
    let definition = analysis.definition
    let images = selected.compactMap(\.images).unique
    if definition.needsSameImages, images.count > 1 {
      problems.add(
        line: analysis.line,
        "\(analysis.name) compares stores of the same images, but these are of \(images.joined(separator: " and ")); name "
          + "those to compare, as in features: [NAME]")
    }
    var given = seeded(analysis.settings, definition.options)
    var inputs = selected.filter { $0.step == nil }.map {
      Step.Input("store", definition.sources == [.inverses] ? .folder($0.path) : .file($0.path))
    }
    for (index, setting) in given.enumerated()
    where definition.options.contains(where: { $0.name == setting.name && $0.kind == .file }) {
      let path = paths.resolve(setting.value)
      require(path, isFolder: false, line: analysis.line, "\(analysis.name): \(setting.name)")
      inputs.append(Step.Input(setting.name, .file(path)))
      given[index] = GivenSetting(setting.name, path)
    }
    var arguments = ["analyze", definition.name] + selected.map(\.path)
    if definition.annotations != .none {
      let files = images.compactMap { sources[$0]?.annotations }.unique
      if files.count > 1 {
        problems.add(
          line: analysis.line,
          "\(analysis.name): these stores have different annotations; name those of one set of images")
      } else if let file = files.first {
        arguments += ["--annotations", file]
        if images.contains(where: { sources[$0]?.annotations == file && sources[$0]?.need == nil }) {
          inputs.append(Step.Input("annotations", .file(file)))
        }
      } else if definition.annotations == .required {
        problems.add(
          line: analysis.line,
          "\(analysis.name) needs to know where objects are; give the images \(images.joined(separator: ", ")) annotations"
        )
      }
    }
    // What stands in a file counts, not where the file is.
    var decisive = given.filter { setting in
      !definition.options.contains { $0.name == setting.name && $0.kind == .file }
    }
    if definition.takesModels {
      decisive.append(GivenSetting("with-models", "\(analysis.withModels)"))
      if analysis.withModels { arguments += models(of: selected, analysis, &inputs) }
    }
    var needs = selected.compactMap(\.step?.name)
    if definition.takesInverses {
      let taken = inverses(of: selected, analysis)
      arguments += taken.flatMap { ["--inverse", $0.path] }
      needs += taken.compactMap(\.step?.name)
      inputs += taken.filter { $0.step == nil }.map { Step.Input("inverse", .folder($0.path)) }
    }
    if let names = analysis.joints {
      let taken = joints(names, of: selected, line: analysis.line, analysis.name)
      arguments += taken.flatMap { ["--joints", $0.path] }
      needs += taken.compactMap(\.step?.name)
      inputs += taken.filter { $0.step == nil }.map { Step.Input("joints", .folder($0.path)) }
      decisive.append(GivenSetting("joints", names.joined(separator: ",")))
    }
    let out = paths.result(analysis.name + suffix)
    add(
      Step(
        name: "analyses/\(analysis.name)\(suffix)", kind: .analyze,
        arguments: arguments + definition.options.arguments(given) + (definition.computes ? device + threads : []) + [
          "--out", out,
        ],
        settings: decisive, inputs: inputs, needs: needs, output: out,
        units: selected.reduce(0) { $0 + ($1.step?.units ?? 0) }, why: analysis.why ?? definition.why,
        line: analysis.line))
  }

  /// The models that made these stores, each once.
  private func models(of selected: [AnalysisInput], _ analysis: Experiment.Analysis, _ inputs: inout [Step.Input])
    -> [String]
  {
    let models = selected.compactMap(\.model).unique.compactMap { name in
      experiment.models.first { $0.name == name }
    }
    let architectures = models.map { $0.settings.first { $0.name == "architecture" }?.value }
    let bare = architectures.compactMap { $0 }.unique
    if bare.count > 1 || (bare.count == 1 && architectures.contains(nil)) {
      if analysis.definition.canLeaveModelsOut { return [] }
      problems.add(
        line: analysis.line,
        "\(analysis.name): it can be given models of one architecture only where they are bare files; say with-models: "
          + "false, or name models of one")
    }
    inputs += models.map(input).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    return models.map(argument).unique.flatMap { ["--model", $0] } + (bare.first.map { ["--architecture", $0] } ?? [])
  }

  /// The inverses of the models that made these stores: of each those that the file names, or the first there are.
  private func inverses(of selected: [AnalysisInput], _ analysis: Experiment.Analysis) -> [AnalysisInput] {
    let all = everything(.inverses)
    for name in analysis.inverses ?? [] where !all.contains(where: { $0.entry == name }) {
      missing("inverses", name, among: all.map(\.entry).unique, line: analysis.line)
    }
    return selected.compactMap(\.model).unique.compactMap { model in
      all.first { $0.model == model && analysis.inverses?.contains($0.entry) ?? true }
    }
  }

  /// The inverses of these names that made any of the stores.
  private func joints(_ names: [String], of selected: [AnalysisInput], line: Int, _ analysis: String)
    -> [AnalysisInput]
  {
    let all = everything(.inverses)
    let made = selected.compactMap { $0.step?.value(of: "--inverse") }
    return names.flatMap { name -> [AnalysisInput] in
      let named = all.filter { $0.entry == name }
      if named.isEmpty { missing("joints", name, among: all.map(\.entry).unique, line: line) }
      let taken = named.filter { made.contains($0.path) }
      if !named.isEmpty, taken.isEmpty {
        problems.add(
          line: line,
          "\(analysis): joints: the inverses \(name) made none of the stores; name those that 'reconstructions' has")
      }
      return taken
    }
  }

  func addReport() {
    let analyses = steps.filter { $0.kind == .analyze }
    guard let report = experiment.report, !analyses.isEmpty else { return }
    var given = report.settings
    if let title = experiment.title, !given.contains(where: { $0.name == "title" }) {
      given.append(GivenSetting("title", title))
    }
    if let summary = experiment.summary, !given.contains(where: { $0.name == "summary" }) {
      given.append(GivenSetting("summary", summary))
    }
    // A report's own note goes before the experiment's.
    let notes = report.notes.reduce(into: [Experiment.Report.Note]()) { kept, note in
      if !kept.contains(where: { $0.section == note.section }) { kept.append(note) }
    }
    var inputs: [Step.Input] = []
    if let index = given.firstIndex(where: {
      $0.name == "style" && ($0.value.contains("/") || $0.value.hasSuffix(".json"))
    }) {
      let path = paths.resolve(given[index].value)
      require(path, isFolder: false, line: report.line, "report: style")
      inputs.append(Step.Input("style", .file(path)))
      given[index] = GivenSetting("style", path)
    }
    var templates: [String] = []
    if let path = report.templates.map(paths.resolve) {
      require(path, isFolder: true, line: report.line, "report: templates")
      inputs.append(Step.Input("templates", .folder(path)))
      templates = ["--templates", path]
    }
    let out = report.out.map(paths.resolve) ?? paths.output + "/report"
    add(
      Step(
        name: "report", kind: .report,
        arguments: ["report", paths.results, "--out", out] + StepSettings.report.arguments(given)
          + notes.flatMap { ["--note", "\($0.section)=\($0.text)"] } + templates
          + experiment.figures.flatMap { ["--set", "\($0.name)=\($0.value)"] },
        settings: given.filter { $0.name != "style" || inputs.first?.role != "style" }
          + notes.map { GivenSetting("note \($0.section)", $0.text) }
          + experiment.figures.map { GivenSetting("figures.\($0.name)", $0.value) }, inputs: inputs,
        needs: analyses.map(\.name), output: out, why: report.why, line: report.line))
  }
}

extension StepGraph {
  /// The steps of an experiment.
  ///
  /// - Parameter file: what the file is called in messages.
  /// - Throws: ``ExperimentError`` with every reference to what is not there.
  public init(_ experiment: Experiment, paths: ExperimentPaths, file: String) throws {
    let problems = ProblemList(file: file)
    let builder = StepBuilder(experiment, paths: paths, problems: problems)
    builder.addImages()
    builder.addModels()
    builder.addFeatures()
    builder.addInverses()
    builder.addReconstructions()
    builder.addAnalyses()
    builder.addReport()
    try problems.requireNone()
    try self.init(builder.steps)
  }
}
