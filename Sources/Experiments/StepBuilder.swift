import Formats
import Foundation
import Imaging
import Results

/// Makes an experiment's steps, and finds references to what is not there.
final class StepBuilder {
  let experiment: Experiment
  let paths: ExperimentPaths
  let problems: ProblemList
  private(set) var steps: [Step] = []
  private var outputs: [String: String] = [:]

  /// Images as commands take them.
  struct ImageSource {
    let name: String
    let folder: String
    let labels: LabelSource?
    /// Names of the classes.
    let classes: String?
    let annotations: String?
    let subset: Subset
    /// The step that draws them.
    let need: String?
    /// How many there are; nil where the folder cannot be read.
    let count: Int?
  }

  /// A store or a training of the experiment.
  struct StepOutput {
    let step: Step
    let entry: String
    let model: String
    let images: String
  }

  private(set) var sources: [String: ImageSource] = [:]
  var features: [StepOutput] = []
  var reconstructions: [StepOutput] = []
  /// Trainings; the loaded ones have no step.
  var inverses: [(entry: String, model: String, folder: String, step: Step?, line: Int)] = []

  init(_ experiment: Experiment, paths: ExperimentPaths, problems: ProblemList) {
    self.experiment = experiment
    self.paths = paths
    self.problems = problems
  }

  func add(_ step: Step) {
    if let other = outputs.updateValue(step.name, forKey: step.output) {
      problems.add(
        line: step.line, "\(other) and \(step.name) would both write \(step.output); give one of them another name")
    } else {
      steps.append(step)
    }
  }

  // MARK: What everything has

  var device: [String] { experiment.device.map { ["--device", $0] } ?? [] }
  var threads: [String] { experiment.threads.map { ["--threads", "\($0)"] } ?? [] }

  /// What is given, with the experiment's seed where there is none of its own.
  func seeded(_ given: [GivenSetting], _ table: [OptionDefinition]) -> [GivenSetting] {
    guard let seed = experiment.seed, table.contains(where: { $0.name == "seed" }),
      !given.contains(where: { $0.name == "seed" })
    else { return given }
    return given + [GivenSetting("seed", "\(seed)")]
  }

  var deviceSetting: [GivenSetting] { experiment.device.map { [GivenSetting("device", $0)] } ?? [] }

  // MARK: References

  func models(_ names: [String]?, line: Int) -> [Experiment.Model] {
    guard let names else { return experiment.models }
    return names.compactMap { name in
      if let model = experiment.models.first(where: { $0.name == name }) { return model }
      missing("model", name, among: experiment.models.map(\.name), line: line)
      return nil
    }
  }

  /// The images of this name, or the first ones of the file.
  func source(_ name: String?, line: Int) -> ImageSource? {
    guard let name = name ?? experiment.images.first?.name else { return nil }
    if let source = sources[name] { return source }
    if !experiment.images.contains(where: { $0.name == name }) {
      missing("images", name, among: experiment.images.map(\.name), line: line)
    }
    return nil
  }

  /// The store of a model's features of this name.
  func store(_ entry: String, of model: String, line: Int) -> StepOutput? {
    if let output = features.first(where: { $0.entry == entry && $0.model == model }) { return output }
    let names = experiment.features.map(\.name)
    if names.contains(entry) {
      problems.add(line: line, "features '\(entry)' are not extracted of model '\(model)'; add it to their models")
    } else {
      missing("features", entry, among: names, line: line)
    }
    return nil
  }

  func missing(_ kind: String, _ name: String, among names: [String], line: Int) {
    problems.add(
      line: line,
      "there \(kind == "model" ? "is no model" : "are no \(kind)") '\(name)'\(Spelling.suggestion(for: name, among: names)); "
        + (names.isEmpty
          ? "the file has none" : "there \(names.count == 1 ? "is" : "are") \(names.joined(separator: ", "))"))
  }

  // MARK: Files

  func require(_ path: String, isFolder: Bool?, line: Int, _ what: String) {
    var isDirectory: ObjCBool = false
    if !FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) {
      problems.add(line: line, "\(what): \(path) is not there; relative paths are relative to the experiment's file")
    } else if let isFolder, isFolder != isDirectory.boolValue {
      problems.add(
        line: line, "\(what): \(path) is a \(isFolder ? "file" : "folder"); give a \(isFolder ? "folder" : "file")")
    }
  }

  // MARK: Images

  func addImages() {
    for images in experiment.images {
      // The same images of every step, whatever seed it has.
      let subset =
        images.sample?.subset(seed: experiment.seed.map { UInt64(clamping: $0) } ?? 0)
        ?? images.limit.map(Subset.first) ?? .all
      switch images.origin {
      case .folder(let path):
        let folder = paths.resolve(path)
        let before = problems.count
        require(folder, isFolder: !ImageFolder.isFile(folder), line: images.line, "images \(images.name)")
        let labels = images.labels.map { $0.file.map { .file(paths.resolve($0)) } ?? $0 }
        let classes = images.classes.map(paths.resolve)
        let annotations = images.annotations.map(paths.resolve)
        for file in [labels?.file, classes, annotations].compactMap({ $0 }) {
          require(file, isFolder: false, line: images.line, "images \(images.name)")
        }
        var count: Int?
        if problems.count == before {
          do { count = try ImageFolder.count(folder, taking: subset) } catch {
            problems.add(line: images.line, "images \(images.name): \(error)")
          }
        }
        sources[images.name] = ImageSource(
          name: images.name, folder: folder, labels: labels, classes: classes, annotations: annotations, subset: subset,
          need: nil, count: count)
      case .scenes(let given):
        let settings = seeded(given, StepSettings.scenes)
        let out = paths.images(images.name)
        let drawn = given.first { $0.name == "count" }.flatMap { Int($0.value) }
        let step = Step(
          name: "images/\(images.name)", kind: .draw,
          arguments: ["scenes"] + StepSettings.scenes.arguments(settings) + ["--out", out] + threads,
          settings: settings, output: out, units: drawn, why: images.why, line: images.line)
        add(step)
        sources[images.name] = ImageSource(
          name: images.name, folder: out + "/images", labels: .file(out + "/labels.csv"), classes: nil,
          annotations: out + "/annotations.json", subset: subset, need: step.name,
          count: drawn.map { min($0, subset.most ?? $0) })
      }
    }
  }

  func addModels() {
    for model in experiment.models {
      require(place(model), isFolder: nil, line: model.line, "model \(model.name)")
    }
  }
}

extension StepBuilder.ImageSource {
  /// What decides which images these are.
  var inputs: [Step.Input] { need == nil ? [Step.Input("images", .images(folder, subset))] : [] }

  var settings: [GivenSetting] {
    subset.recorded.filter { $0.value != "none" }.map { GivenSetting($0.name, $0.value) }
  }

  var subsetArguments: [String] { settings.flatMap { ["--\($0.name)", $0.value] } }
}
