import Formats
import Results

/// Steps that run models or inverses.
extension StepBuilder {
  /// How a model is loaded; of a store that is there already its size and preprocessing are known.
  private func arguments(_ model: Experiment.Model, hasImages: Bool = true) -> [String] {
    let settings = model.settings.filter { hasImages || !["size", "preprocess"].contains($0.name) }
    return ["--model", argument(model)] + StepSettings.model.arguments(settings)
  }

  private func settings(_ model: Experiment.Model) -> [GivenSetting] {
    model.settings.map { GivenSetting("model.\($0.name)", $0.value) }
  }

  /// What `--model` is given.
  func argument(_ model: Experiment.Model) -> String { model.pinned?.name ?? paths.resolve(model.path) }

  /// Where its files are.
  func place(_ model: Experiment.Model) -> String { model.pinned?.folder ?? paths.resolve(model.path) }

  func input(_ model: Experiment.Model) -> Step.Input { Step.Input("model", .model(place(model))) }

  /// Labels, and annotations where conditions act on parts.
  private func arguments(
    _ source: ImageSource, _ given: [GivenSetting], line: Int
  ) -> (arguments: [String], inputs: [Step.Input]) {
    var arguments = ["--images", source.folder] + source.subsetArguments
    var inputs = source.inputs
    if let labels = source.labels {
      arguments += ["--labels", labels.text]
      if source.need == nil, let file = labels.file { inputs.append(Step.Input("labels", .file(file))) }
    }
    if let classes = source.classes {
      arguments += ["--classes", classes]
      inputs.append(Step.Input("classes", .file(classes)))
    }
    if let region = given.first(where: { $0.name == "region" })?.value {
      if !given.contains(where: { $0.name == "conditions" }) {
        problems.add(line: line, "region \(region) restricts colour conditions, but there are none; give conditions")
      }
      if let annotations = source.annotations {
        arguments += ["--annotations", annotations]
        if source.need == nil { inputs.append(Step.Input("annotations", .file(annotations))) }
      } else {
        problems.add(line: line, "region \(region) needs masks; give the images \(source.name) annotations")
      }
    }
    return (arguments, inputs)
  }

  /// `original` and those given, each once.
  private func conditionCount(_ given: [GivenSetting]) -> Int {
    let names = given.first { $0.name == "conditions" }?.value.split(separator: ",") ?? []
    return 1 + Set(names.filter { $0 != ConditionName.original.text }).count
  }

  func addFeatures() {
    for entry in experiment.features {
      guard let source = source(entry.images, line: entry.line) else { continue }
      for model in models(entry.models, line: entry.line) {
        let name = entry.name == Experiment.plainFeatures ? model.name : "\(model.name)-\(entry.name)"
        let given = seeded(entry.settings, StepSettings.features)
        let images = arguments(source, given, line: entry.line)
        let out = paths.store(name)
        let step = Step(
          name: "features/\(name)", kind: .extract,
          arguments: ["extract"] + arguments(model) + images.arguments + StepSettings.features.arguments(given)
            + device + threads + ["--out", out],
          settings: settings(model) + source.settings + given + deviceSetting, inputs: [input(model)] + images.inputs,
          needs: source.need.map { [$0] } ?? [], output: out,
          units: source.count.map { $0 * conditionCount(given) }, why: entry.why, line: entry.line)
        add(step)
        features.append(StepOutput(step: step, entry: entry.name, model: model.name, images: source.name))
      }
    }
  }

  func addInverses() {
    for entry in experiment.inverses {
      for model in models(entry.models, line: entry.line) {
        if let load = entry.load {
          let folder = paths.resolve(load.replacing("{model}", with: model.name))
          require(folder, isFolder: true, line: entry.line, "inverses \(entry.name) of \(model.name)")
          inverses.append((entry.name, model.name, folder, nil, entry.line))
        } else if let step = training(entry, model) {
          add(step)
          inverses.append((entry.name, model.name, step.output, step, entry.line))
        }
      }
    }
  }

  private func training(_ entry: Experiment.Inverses, _ model: Experiment.Model) -> Step? {
    let name = "\(model.name)-\(entry.name)"
    let given = seeded(entry.settings, StepSettings.inverses)
    var arguments = ["train"] + self.arguments(model, hasImages: entry.features == nil)
    var inputs = [input(model)]
    var needs: [String] = []
    var decisive = settings(model) + given + deviceSetting
    var images: Int?
    for (features, names, prefix) in [
      (entry.features, entry.images, ""), (entry.validationFeatures, entry.validationImages, "validation-"),
      (entry.testFeatures, entry.testImages, "test-"),
    ] where prefix.isEmpty || features != nil || names != nil {
      if let features {
        guard let product = store(features, of: model.name, line: entry.line) else { return nil }
        guard product.step.value(of: "--tokens") ?? "all" == "all" else {
          problems.add(
            line: entry.line,
            "inverses \(entry.name): features '\(features)' keep tokens: \(product.step.value(of: "--tokens") ?? ""), but inverses need all"
          )
          return nil
        }
        arguments += ["--\(prefix)features", product.step.output]
        needs.append(product.step.name)
        if prefix.isEmpty { images = source(product.images, line: entry.line)?.count }
      } else {
        guard let source = source(names, line: entry.line) else { return nil }
        arguments += ["--\(prefix)images", source.folder]
        // `train` takes the same part of all folders.
        if prefix.isEmpty {
          arguments += source.subsetArguments
          decisive += source.settings
          images = source.count
        }
        inputs += source.inputs.map { Step.Input(prefix + $0.role, $0.content) }
        if let need = source.need { needs.append(need) }
      }
    }
    let epochs = given.first { $0.name == "epochs" }.flatMap { Int($0.value) }
    let isNetwork = ["network", "residual"].contains(given.first { $0.name == "inverse" }?.value ?? "network")
    let out = paths.inverse(name)
    return Step(
      name: "inverses/\(name)", kind: .train,
      arguments: arguments + StepSettings.inverses.arguments(given) + device + threads + ["--out", out],
      settings: decisive, inputs: inputs, needs: needs, output: out,
      units: images.map { $0 * (isNetwork ? epochs ?? 10 : 1) }, why: entry.why, line: entry.line)
  }

  func addReconstructions() {
    for entry in experiment.reconstructions {
      let names = entry.inverses ?? experiment.inverses.map(\.name).unique
      if names.isEmpty {
        problems.add(
          line: entry.line, "reconstructions: the file has no inverses; add 'inverses:' to train or load some")
      }
      let chosen = models(entry.models, line: entry.line).map(\.name)
      for name in names {
        let found = inverses.filter { $0.entry == name && chosen.contains($0.model) }
        if found.isEmpty, !experiment.inverses.contains(where: { $0.name == name }) {
          missing("inverses", name, among: experiment.inverses.map(\.name).unique, line: entry.line)
        } else if found.isEmpty, !chosen.isEmpty {
          problems.add(
            line: entry.line, "reconstructions: there are no inverses '\(name)' of \(chosen.joined(separator: ", "))")
        }
        for inverse in found { addReconstruction(entry, inverse) }
      }
    }
  }

  private func addReconstruction(
    _ entry: Experiment.Reconstructions,
    _ inverse: (entry: String, model: String, folder: String, step: Step?, line: Int)
  ) {
    guard let model = experiment.models.first(where: { $0.name == inverse.model }) else { return }
    let label = entry.name ?? inverse.entry
    let name = "\(model.name)-\(label)"
    var needs = inverse.step.map { [$0.name] } ?? []
    var inputs = inverse.step == nil ? [Step.Input("inverse", .folder(inverse.folder))] : []
    var arguments = ["reconstruct"]
    var decisive = entry.settings + deviceSetting
    let images: String
    var units: Int?
    if let features = entry.features {
      guard let product = store(features, of: model.name, line: entry.line) else { return }
      arguments += ["--features", product.step.output, "--inverse", inverse.folder]
      needs.append(product.step.name)
      images = product.images
      units = product.step.units
    } else {
      guard let source = source(entry.images, line: entry.line) else { return }
      let from = self.arguments(source, entry.settings, line: entry.line)
      arguments += self.arguments(model) + ["--inverse", inverse.folder] + from.arguments
      inputs += [input(model)] + from.inputs
      if let need = source.need { needs.append(need) }
      decisive += settings(model) + source.settings
      images = source.name
      units = source.count.map { $0 * conditionCount(entry.settings) }
    }
    let out = paths.store(name)
    let step = Step(
      name: "reconstructions/\(name)", kind: .reconstruct,
      arguments: arguments + StepSettings.reconstructions.arguments(entry.settings) + device + threads + [
        "--out", out,
      ],
      settings: decisive, inputs: inputs, needs: needs, output: out, units: units, why: entry.why, line: entry.line)
    add(step)
    reconstructions.append(StepOutput(step: step, entry: label, model: model.name, images: images))
  }
}
