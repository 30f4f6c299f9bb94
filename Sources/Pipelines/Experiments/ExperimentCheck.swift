import Activations
import Backbones
import Experiments
import Formats
import Inversion
import Torch

/// What can go wrong with the steps to do, found before any of them begins: usage, models, taps, sizes.
struct ExperimentCheck {
  let graph: StepGraph
  let file: String
  let runner: any StepRunner

  /// What the checks of one model's steps share.
  private struct Loaded {
    let source: ModelSource
    let model: LoadedModel
  }

  /// - Returns: bytes of the stores that these steps will write.
  /// - Throws: `ExperimentError` with everything that is wrong.
  func check(_ steps: [Step]) throws -> [String: Int] {
    var problems: [(line: Int, text: String)] = []
    var bytes: [String: Int] = [:]
    var loaded: Loaded?
    // One model after the other, so that only one is in memory.
    let models = steps.map { $0.value(of: "--model") ?? "" }
    let order = steps.indices.sorted { (models[$0], $0) < (models[$1], $1) }
    for index in order {
      let step = steps[index]
      do {
        bytes[step.name] = try check(runner.command(for: step).work, step, &loaded)
      } catch {
        problems.append((step.line, "\(file), line \(step.line): \(step.name): \(runner.sentence(for: error))"))
      }
    }
    guard problems.isEmpty else {
      let order = problems.indices.sorted { (problems[$0].line, $0) < (problems[$1].line, $1) }
      throw ExperimentError(order.map { problems[$0].text })
    }
    return bytes
  }

  /// Bytes of what a step writes; nil where they are not known.
  private func check(_ work: StepWork, _ step: Step, _ loaded: inout Loaded?) throws -> Int? {
    switch work {
    case .draw(let job):
      _ = try job.generator()
      return job.estimatedBytes
    case .extract(var job):
      job.images.expected = try expectedImages(step)
      return try job.prepare(load(job.model, seed: job.seed, &loaded)).plan.estimatedBytes
    case .train(let job):
      _ = try job.cuts(of: load(job.model, seed: job.seed, &loaded))
      return nil
    case .reconstruct(let job):
      guard case .images(var images, let source) = job.source else { return nil }
      images.expected = try expectedImages(step)
      let model = try load(source, seed: 0, &loaded)
      let cuts = try cuts(of: job, step, model)
      let taps =
        job.includesIntermediate ? ["all"] : try cuts.flatMap { try InversionChain.taps(of: $0, in: model.backbone) }
      var plan = try job.extraction(images, source, taps: taps.joined(separator: ","), seed: 0).prepare(model).plan
      plan.reconstructions = job.includesIntermediate ? plan.taps.map(\.name) : cuts
      return plan.estimatedBytes
    case .other: return nil
    }
  }

  private func load(_ source: ModelSource, seed: Int, _ loaded: inout Loaded?) throws -> LoadedModel {
    if let loaded, loaded.source == source { return loaded.model }
    loaded = nil
    let model = try source.load(device: .cpu, seed: seed)
    loaded = Loaded(source: source, model: model)
    return model
  }

  /// Images that an earlier step will draw.
  private func expectedImages(_ step: Step) throws -> ExpectedImages? {
    guard let folder = step.value(of: "--images"),
      let drawing = step.needs.compactMap({ graph[$0] }).first(where: {
        $0.kind == .draw && $0.output + "/images" == folder
      }), case .draw(let job) = try runner.command(for: drawing).work
    else { return nil }
    return ExpectedImages(count: job.count, size: ImageSize(height: job.height, width: job.width))
  }

  /// The cuts of a training that is done, or those that one of this experiment will make.
  private func cuts(of job: ReconstructionJob, _ step: Step, _ model: LoadedModel) throws -> [String] {
    if let training = step.needs.compactMap({ graph[$0] }).first(where: { $0.output == job.inverse }),
      case .train(let train) = try runner.command(for: training).work
    {
      return try train.cuts(of: model)
    }
    let plan = try job.plan()
    try job.check(against: plan)
    return plan.cuts
  }
}
