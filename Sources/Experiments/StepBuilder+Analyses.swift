import Formats
import Imaging
import Results

/// Steps that make numbers, figures and pages.
extension StepBuilder {
  /// Something an analysis reads.
  private struct Material {
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
      let material = chosen(analysis)
      guard !material.isEmpty else { continue }
      switch analysis.kind.grouping {
      case .together: add(analysis, material, suffix: "")
      case .perStore: for one in material { add(analysis, [one], suffix: "-\(one.name)") }
      case .perModel:
        for model in material.compactMap(\.model).unique {
          add(analysis, material.filter { $0.model == model }, suffix: "-\(model)")
        }
        for one in material where one.model == nil { add(analysis, [one], suffix: "-\(one.name)") }
      }
    }
  }

  private func everything(_ source: AnalysisDefinition.Source) -> [Material] {
    func materials(_ products: [Product]) -> [Material] {
      products.map {
        Material(
          path: $0.step.output, name: String($0.step.name.split(separator: "/").last ?? ""), entry: $0.entry,
          step: $0.step,
          model: $0.model, images: $0.images)
      }
    }
    switch source {
    case .features: return materials(features)
    case .reconstructions: return materials(reconstructions)
    case .inverses:
      return inverses.map {
        Material(path: $0.folder, name: "\($0.model)-\($0.entry)", entry: $0.entry, step: $0.step, model: $0.model)
      }
    }
  }

  /// What the file names, or else everything of the first kind there is.
  private func chosen(_ analysis: Experiment.Analysis) -> [Material] {
    let kind = analysis.kind
    let models = models(analysis.models, line: analysis.line).map(\.name)
    let named: [(AnalysisDefinition.Source, [String]?)] = [
      (.features, analysis.features), (.reconstructions, analysis.reconstructions),
      (.inverses, kind.takesInverses ? nil : analysis.inverses),
    ]
    var found: [Material] = []
    var isNamed = !analysis.stores.isEmpty
    for (source, names) in named {
      guard let names else { continue }
      isNamed = true
      let all = everything(source)
      for name in names {
        let matching = all.filter { $0.entry == name }
        if matching.isEmpty { missing(source.rawValue, name, among: all.map(\.entry).unique, line: analysis.line) }
        found += matching.filter { $0.model.map(models.contains) ?? true }
      }
    }
    if !isNamed {
      for source in kind.sources where found.isEmpty {
        found = everything(source).filter { $0.model.map(models.contains) ?? true }
        if source == .inverses { found = found.filter { $0.step != nil } }
        if kind.needsConditions { found = found.filter { $0.step.map(hasConditions) ?? true } }
      }
    }
    for path in analysis.stores {
      let place = paths.resolve(path)
      require(place, isFolder: false, line: analysis.line, "\(analysis.name): stores")
      found.append(Material(path: place, name: String(place.split(separator: "/").last ?? ""), entry: ""))
    }
    if found.isEmpty, !models.isEmpty {
      let wanted = OptionDefinition.alternatives(kind.sources.map(\.rawValue))
      problems.add(
        line: analysis.line,
        "\(analysis.name): there are no \(wanted)\(kind.needsConditions ? " with conditions" : "") to analyse; add '\(kind.sources[0].rawValue):' to the file"
      )
    }
    return found
  }

  /// Whether a store has conditions beside original: its own, or those of the features it was made from.
  private func hasConditions(_ step: Step) -> Bool {
    step.value(of: "--conditions") != nil
      || features.contains { step.needs.contains($0.step.name) && $0.step.value(of: "--conditions") != nil }
  }

  private func add(_ analysis: Experiment.Analysis, _ material: [Material], suffix: String) {
    let kind = analysis.kind
    let images = material.compactMap(\.images).unique
    if kind.needsSameImages, images.count > 1 {
      problems.add(
        line: analysis.line,
        "\(analysis.name) compares stores of the same images, but these are of \(images.joined(separator: " and ")); name "
          + "those to compare, as in features: [NAME]")
    }
    var given = seeded(analysis.settings, kind.options)
    var inputs = material.filter { $0.step == nil }.map {
      Step.Input("store", kind.sources == [.inverses] ? .folder($0.path) : .file($0.path))
    }
    for (place, setting) in given.enumerated()
    where kind.options.contains(where: { $0.name == setting.name && $0.kind == .file }) {
      let path = paths.resolve(setting.value)
      require(path, isFolder: false, line: analysis.line, "\(analysis.name): \(setting.name)")
      inputs.append(Step.Input(setting.name, .file(path)))
      given[place] = GivenSetting(setting.name, path)
    }
    var arguments = ["analyze", kind.name] + material.map(\.path)
    if kind.annotations != .none {
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
      } else if kind.annotations == .required {
        problems.add(
          line: analysis.line,
          "\(analysis.name) needs to know where objects are; give the images \(images.joined(separator: ", ")) annotations"
        )
      }
    }
    // What stands in a file counts, not where the file is.
    var decisive = given.filter { setting in
      !kind.options.contains { $0.name == setting.name && $0.kind == .file }
    }
    if kind.takesModels {
      decisive.append(GivenSetting("with-models", "\(analysis.withModels)"))
      if analysis.withModels { arguments += models(of: material, analysis, &inputs) }
    }
    var needs = material.compactMap(\.step?.name)
    if kind.takesInverses {
      let taken = inverses(of: material, analysis)
      arguments += taken.flatMap { ["--inverse", $0.path] }
      needs += taken.compactMap(\.step?.name)
      inputs += taken.filter { $0.step == nil }.map { Step.Input("inverse", .folder($0.path)) }
    }
    let out = paths.result(analysis.name + suffix)
    add(
      Step(
        name: "analyses/\(analysis.name)\(suffix)", kind: .analyze,
        arguments: arguments + kind.options.arguments(given) + (kind.computes ? device + threads : []) + [
          "--out", out,
        ],
        settings: decisive, inputs: inputs, needs: needs, output: out,
        units: material.reduce(0) { $0 + ($1.step?.units ?? 0) }, why: analysis.why ?? kind.why, line: analysis.line))
  }

  /// The models that made these stores, each once.
  private func models(of material: [Material], _ analysis: Experiment.Analysis, _ inputs: inout [Step.Input])
    -> [String]
  {
    let models = material.compactMap(\.model).unique.compactMap { name in
      experiment.models.first { $0.name == name }
    }
    let architectures = models.map { $0.settings.first { $0.name == "architecture" }?.value }
    let bare = architectures.compactMap { $0 }.unique
    if bare.count > 1 || (bare.count == 1 && architectures.contains(nil)) {
      if analysis.kind.canLeaveModelsOut { return [] }
      problems.add(
        line: analysis.line,
        "\(analysis.name): it can be given models of one architecture only where they are bare files; say with-models: "
          + "false, or name models of one")
    }
    let files = models.map { paths.resolve($0.path) }.unique
    inputs += files.map { Step.Input("model", .model($0)) }
    return files.flatMap { ["--model", $0] } + (bare.first.map { ["--architecture", $0] } ?? [])
  }

  /// The inverses of the models that made these stores: of each those that the file names, or the first there are.
  private func inverses(of material: [Material], _ analysis: Experiment.Analysis) -> [Material] {
    let all = everything(.inverses)
    for name in analysis.inverses ?? [] where !all.contains(where: { $0.entry == name }) {
      missing("inverses", name, among: all.map(\.entry).unique, line: analysis.line)
    }
    return material.compactMap(\.model).unique.compactMap { model in
      all.first { $0.model == model && analysis.inverses?.contains($0.entry) ?? true }
    }
  }

  func addReport() {
    let analyses = steps.filter { $0.kind == .analyze }
    guard let report = experiment.report, !analyses.isEmpty else { return }
    var given = report.settings
    if let title = experiment.title, !given.contains(where: { $0.name == "title" }) {
      given.append(GivenSetting("title", title))
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
        arguments: ["report", paths.results, "--out", out] + StepSettings.report.arguments(given) + templates,
        settings: given.filter { $0.name != "style" || inputs.first?.role != "style" }, inputs: inputs,
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
