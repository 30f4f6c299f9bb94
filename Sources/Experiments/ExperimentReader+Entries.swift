import Formats
import Imaging
import Results

/// What the entries of each section hold.
extension ExperimentReader {
  func images(_ entry: Entry) -> Experiment.Images {
    let name = entry.name ?? ""
    if let path = entry.short {
      return Experiment.Images(name: name, origin: .folder(path), line: entry.line)
    }
    let reader = EntryReader(
      entry.pairs, title: "images \(name)", line: entry.line,
      keys: ["folder", "scenes", "labels", "classes", "annotations", "limit", "sample", "like", "why"], problems)
    let limit = reader.integer("limit", atLeast: 1, atMost: CountRange.images.upperBound)
    let sample = reader.text("sample").flatMap { text in
      let sample = RandomSample(text)
      if sample == nil { reader.add("sample", "sample is '\(text)'; \(RandomSample.forms)") }
      return sample
    }
    if limit != nil, sample != nil {
      reader.add("sample", "both limit, the first so many, and sample, so many at random; give one of them")
    }
    var origin = Experiment.Images.Origin.folder(reader.text("folder") ?? "")
    if let scenes = reader.value("scenes") {
      if reader.has("folder") { reader.add("scenes", "both folder and scenes; give one of them") }
      for key in ["labels", "classes", "annotations"] where reader.has(key) {
        reader.add(key, "scenes have their own \(key); leave \(key) out")
      }
      let pairs = scenes.pairs("scenes of \(name)", problems) ?? []
      let inner = EntryReader(
        pairs, title: "scenes of \(name)", line: scenes.line, keys: StepSettings.scenes.map(\.name), problems)
      if !inner.has("count") { inner.add("count is missing; say how many images to draw") }
      origin = .scenes(inner.settings(StepSettings.scenes))
    } else if !reader.has("folder") {
      reader.add("neither folder nor scenes; give a folder of images, or scenes to draw")
    }
    return Experiment.Images(
      name: name, origin: origin, labels: reader.text("labels").map(LabelSource.init),
      classes: reader.text("classes"), annotations: reader.text("annotations"), limit: limit, sample: sample,
      why: reader.text("why"), line: entry.line)
  }

  func model(_ entry: Entry) -> Experiment.Model? {
    guard let name = entry.name else { return nil }
    if let path = entry.short { return Experiment.Model(name: name, path: path, settings: [], line: entry.line) }
    let reader = EntryReader(
      entry.pairs, title: "model \(name)", line: entry.line, keys: ["path", "like"] + StepSettings.model.map(\.name),
      problems)
    if !reader.has("path") { reader.add("path is missing; give a folder or a .safetensors file") }
    guard let path = reader.text("path") else { return nil }
    return Experiment.Model(
      name: name, path: path, settings: reader.settings(StepSettings.model), line: entry.line)
  }

  func features(_ entry: Entry) -> Experiment.Features? {
    let reader = EntryReader(
      entry.pairs, title: "features", line: entry.line,
      keys: ["name", "models", "images", "like", "why"] + StepSettings.features.map(\.name), problems)
    let name = reader.has("name") ? reader.name("name") : Experiment.plainFeatures
    guard let name else { return nil }
    return Experiment.Features(
      name: name, models: reader.names("models"), images: reader.text("images"),
      settings: reader.settings(StepSettings.features), why: reader.text("why"), line: entry.line)
  }

  func inverses(_ entry: Entry) -> Experiment.Inverses? {
    let table = StepSettings.inverses.map(\.name)
    let sources = [
      "images", "features", "validation-images", "validation-features", "test-images", "test-features",
    ]
    let reader = EntryReader(
      entry.pairs, title: "inverses", line: entry.line,
      keys: ["name", "models"] + sources + ["load", "like", "why"] + table, problems)
    let load = reader.text("load")
    if load != nil,
      let key = entry.pairs.first(where: { pair in
        table.contains(pair.key) || sources.contains(pair.key)
      })
    {
      problems.add(
        line: key.line, "inverses: \(key.key) is for training, but load takes a folder as it is; leave one of them out")
    }
    if reader.has("images"), reader.has("features") {
      reader.add("features", "both images and features; give one of them")
    }
    let settings = reader.settings(StepSettings.inverses)
    func given(_ name: String) -> String? { settings.first { $0.name == name }?.value }
    // Without a name they are called by what they are.
    let network = given("inverse") ?? "network"
    let kind = load != nil ? "loaded" : network == "network" ? given("mode") ?? "modular" : network
    let name = reader.has("name") ? reader.name("name") : kind
    guard let name else { return nil }
    return Experiment.Inverses(
      name: name, models: reader.names("models"), images: reader.text("images"), features: reader.text("features"),
      validationImages: reader.text("validation-images"), validationFeatures: reader.text("validation-features"),
      testImages: reader.text("test-images"), testFeatures: reader.text("test-features"),
      load: load, settings: settings, why: reader.text("why"), line: entry.line)
  }

  func reconstructions(_ entry: Entry) -> Experiment.Reconstructions? {
    let reader = EntryReader(
      entry.pairs, title: "reconstructions", line: entry.line,
      keys: ["name", "inverses", "models", "images", "features", "like", "why"]
        + StepSettings.reconstructions.map(\.name), problems)
    if reader.has("images"), reader.has("features") {
      reader.add("features", "both images and features; give one of them")
    }
    if reader.has("name"), reader.name("name") == nil { return nil }
    return Experiment.Reconstructions(
      name: reader.text("name"), inverses: reader.names("inverses"), models: reader.names("models"),
      images: reader.text("images"), features: reader.text("features"),
      settings: reader.settings(StepSettings.reconstructions), why: reader.text("why"), line: entry.line)
  }

  func analysis(_ entry: Entry) -> Experiment.Analysis? {
    let names = definitions.map(\.name)
    var given = entry.short
    if given == nil, case .text(let text)? = entry.pairs.first(where: { $0.key == "analysis" })?.value.content {
      given = text
    }
    guard let given else {
      problems.add(
        line: entry.line, "analyses: an entry without 'analysis'; give one of \(names.joined(separator: ", "))")
      return nil
    }
    guard let definition = definitions.named(given) else {
      problems.add(
        line: entry.pairs.first { $0.key == "analysis" }?.line ?? entry.line,
        "analyses: there is no analysis '\(given)'\(Spelling.suggestion(for: given, among: names)); there are "
          + names.joined(separator: ", "))
      return nil
    }
    let reader = EntryReader(
      entry.pairs, title: given, line: entry.line,
      keys: ["analysis", "name", "models"] + definition.sources.map(\.rawValue)
        + (definition.sources == [.inverses] ? [] : ["stores"])
        + (definition.takesInverses ? ["inverses"] : []) + (definition.takesJoints ? ["joints"] : [])
        + (definition.takesModels ? ["with-models"] : []) + [
          "like", "why",
        ]
        + definition.options.map(\.name), problems)
    let name = reader.has("name") ? reader.name("name") : given
    guard let name else { return nil }
    return Experiment.Analysis(
      name: name, definition: definition, models: reader.names("models"), features: reader.names("features"),
      reconstructions: reader.names("reconstructions"), inverses: reader.names("inverses"),
      joints: reader.names("joints"),
      stores: reader.names("stores") ?? [], withModels: reader.flag("with-models") ?? true,
      settings: reader.settings(definition.options), why: reader.text("why"), line: entry.line)
  }
}
