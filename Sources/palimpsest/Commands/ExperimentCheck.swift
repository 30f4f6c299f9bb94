import Activations
import ArgumentParser
import Backbones
import Experiments
import Foundation
import Imaging
import Inversion
import Pipelines
import Scenes
import Torch

/// What can go wrong with the steps to do, found before any of them begins: usage, models, taps, sizes.
struct ExperimentCheck {
  let graph: StepGraph
  let file: String

  /// What the checks of one model's steps share.
  private struct Loaded {
    let source: ModelSource
    let model: LoadedModel
  }

  /// - Returns: bytes of the stores that these steps will write.
  /// - Throws: ``ExperimentError`` with everything that is wrong.
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
        let command = try Invocation.command(step.arguments, output: OutputOptions.parse([]))
        try (command as? any CheckedCommand)?.checkOptions()
        bytes[step.name] = try check(command, step, &loaded)
      } catch {
        problems.append((step.line, "\(file), line \(step.line): \(step.name): \(Failure(error).message)"))
      }
    }
    guard problems.isEmpty else {
      let order = problems.indices.sorted { (problems[$0].line, $0) < (problems[$1].line, $1) }
      throw ExperimentError(order.map { problems[$0].text })
    }
    return bytes
  }

  /// Bytes of the store that a command writes; nil where it writes none or they are not known.
  private func check(_ command: any ParsableCommand, _ step: Step, _ loaded: inout Loaded?) throws -> Int? {
    switch command {
    case let command as Extract:
      var job = try command.job()
      job.images.expected = try expected(step)
      return try job.prepare(load(job.model, seed: job.seed, &loaded)).plan.estimatedBytes
    case let command as Train:
      let job = try command.job()
      _ = try job.cuts(of: load(job.model, seed: job.seed, &loaded))
      return nil
    case let command as Reconstruct:
      return try check(command.job(), step, &loaded)
    case let command as Scenes:
      let size = try Preprocessing.InputSize(parsing: command.size)
      guard case .fixed(let width, let height) = size else { return nil }
      _ = try SceneGenerator(
        count: command.count, seed: command.seed, width: width, height: height, contextProbability: command.context)
      // Drawn scenes take about 1.3 bytes a pixel as PNG.
      return command.count * width * height * 13 / 10
    default: return nil
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
  private func expected(_ step: Step) throws -> ExpectedImages? {
    guard let folder = step.value(of: "--images"),
      let drawing = step.needs.compactMap({ graph[$0] }).first(where: {
        $0.kind == .draw && $0.output + "/images" == folder
      }),
      let scenes = try Invocation.command(drawing.arguments, output: OutputOptions.parse([])) as? Scenes,
      case .fixed(let width, let height) = try Preprocessing.InputSize(parsing: scenes.size)
    else { return nil }
    return ExpectedImages(count: scenes.count, width: width, height: height)
  }

  /// The cuts of a training that is done, or those that one of this experiment will make.
  private func cuts(_ job: ReconstructionJob, _ step: Step, _ model: LoadedModel) throws -> [String] {
    if let training = step.needs.compactMap({ graph[$0] }).first(where: { $0.output == job.inverse }),
      let train = try Invocation.command(training.arguments, output: OutputOptions.parse([])) as? Train
    {
      return try train.job().cuts(of: model)
    }
    let plan = try job.plan()
    try job.check(against: plan)
    return plan.cuts
  }

  private func check(_ job: ReconstructionJob, _ step: Step, _ loaded: inout Loaded?) throws -> Int? {
    guard case .images(var images, let source) = job.source else { return nil }
    images.expected = try expected(step)
    let model = try load(source, seed: 0, &loaded)
    let cuts = try cuts(job, step, model)
    let taps =
      job.includesIntermediate ? ["all"] : try cuts.flatMap { try InversionChain.taps(of: $0, in: model.backbone) }
    var plan = try job.extraction(images, source, taps: taps.joined(separator: ","), seed: 0).prepare(model).plan
    plan.reconstructions = job.includesIntermediate ? plan.taps.map(\.name) : cuts
    return plan.estimatedBytes
  }
}
