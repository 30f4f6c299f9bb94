import Experiments
import Foundation
import TestSupport
import Testing

/// A fresh folder with what experiments name; removed with the value.
final class Place {
  private let folder: TemporaryFolder
  var path: String { folder.path }

  init() throws { folder = try TemporaryFolder() }

  func write(_ text: String, to name: String) throws { try folder.write(text, to: name) }

  func remove(_ name: String) throws { try folder.remove(name) }

  func text(of name: String) throws -> String { try folder.text(of: name) }

  /// Two models and two images: their bytes are never read as such.
  func fill() throws {
    for model in ["vit", "swin"] {
      try write("{}", to: "zoo/\(model)/config.json")
      try write("weights of \(model)", to: "zoo/\(model)/model.safetensors")
    }
    for image in ["a.png", "b.png", "c.png"] { try write("picture \(image)", to: "photos/\(image)") }
  }

  /// The steps of an experiment whose file lies here.
  func graph(_ text: String) throws -> StepGraph {
    let experiment = try Experiment(parsing: text, file: "study.yaml")
    return try StepGraph(experiment, paths: paths(experiment), file: "study.yaml")
  }

  func paths(_ experiment: Experiment) -> ExperimentPaths {
    ExperimentPaths(file: path + "/study.yaml", own: experiment.output, output: nil)
  }

  /// `text` without where this folder lies.
  func short(_ text: String) -> String { text.replacingOccurrences(of: path, with: "HERE") }
}

/// What is wrong with an experiment in `place`; nothing where nothing is.
func problems(_ text: String, in place: Place) -> [String] {
  do {
    _ = try place.graph(text)
    return []
  } catch {
    return (error as? ExperimentError)?.problems.map(place.short) ?? ["\(error)"]
  }
}
