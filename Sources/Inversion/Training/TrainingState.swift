import Formats
import Foundation
import NeuralNet
import Results
import Torch

/// How far a training is: everything beside weights and moments that decides how it goes on.
struct TrainingProgressState: Codable, Equatable {
  /// What is known of one unit.
  struct Score: Codable, Equatable {
    /// Sum over the images of this epoch of their losses, and their number.
    var lossSum = 0.0
    var images = 0
    /// The validation loss of the weights that are kept as the best, and the epoch they were reached in.
    var best: Double?
    var bestEpoch = 0
    /// The error of the validation images with these weights, through the kept modules before them, where it chooses.
    var bestImageError: Double?
    /// The lowest validation loss so far, and the last epoch that had a lower one or better weights; nil where the loss chooses.
    var lowestLoss: Double?
    var improvedEpoch: Int?
    /// The validation loss and the error of the validation images where they were measured first, and that error after the last
    /// finished epoch; nil in states of earlier versions.
    var firstLoss: Double?
    var firstImageError: Double?
    var lastImageError: Double?
    /// The validation loss of the last finished epoch.
    var last: Double?
    /// Optimiser steps made.
    var optimizerSteps = 0
    /// Arithmetic operations of forward and backward pass for an image.
    var operationsPerImage = 0
    /// Seconds of the steps that were timed.
    var seconds = 0.0
    /// Steps that were timed.
    var timedSteps = 0
  }

  /// The epoch that runs, counted from 0.
  var epoch = 0
  /// Steps of this epoch that are done.
  var position = 0
  /// Steps done in all.
  var step = 0
  /// Bytes of the history that belong to finished epochs.
  var historyBytes = 0
  /// Bytes of the curves that belong to finished epochs.
  var curveBytes = 0
  /// Seconds spent in all.
  var seconds = 0.0
  /// What training took so far, validation and saving left out.
  var cost = TrainingCost()
  /// What the modular training took that polishing began with.
  var inherited = TrainingCost()
  /// The steps that were timed: all but the first of each run, which lays out memory.
  var timed = TrainingCost()
  /// Arithmetic operations of the frozen model for an image.
  var frozenOperationsPerImage = 0
  /// The most memory that any run had, in bytes.
  var peakResidentBytes = 0
  var peakDeviceBytes = 0
  /// One for each unit, in order.
  var scores: [Score] = []
  /// The whole plan, to refuse a state that belongs to another.
  var plan = ""
}

/// The folder of a training: plan, history, state, and the best and the last weights of each unit.
public struct InverseFolder: Sendable {
  public enum Kept: String, Sendable, CaseIterable { case best, last }

  public let url: URL

  public init(_ url: URL) { self.url = url }

  public var planURL: URL { url.appendingPathComponent("plan.json") }
  /// What training takes: see `TrainingCurves`.
  public var curvesURL: URL { url.appendingPathComponent(TableDefinition.trainingCurves.file) }
  public var efficiencyURL: URL { url.appendingPathComponent(TableDefinition.trainingEfficiency.file) }
  /// The modular training that polishing begins with.
  public var modularFolder: InverseFolder { InverseFolder(url.appendingPathComponent("modular")) }
  public var historyURL: URL { url.appendingPathComponent(TableDefinition.trainingHistory.file) }
  public var stateURL: URL { url.appendingPathComponent("state.safetensors") }

  /// Where the weights of a unit are.
  public func weightsURL(_ name: String, _ kept: Kept) -> URL {
    url.appendingPathComponent("\(name).\(kept.rawValue).safetensors")
  }

  /// The plan of the training, or nil where there is none.
  ///
  /// - Throws: ``InversionError`` where it cannot be read.
  public func plan() throws -> TrainingPlan? {
    // Not `try? Data(contentsOf:)`: after it the optimiser of Swift 6.3.1 returns a large nil by a tail call of memset and leaves
    // the error, already released, in its register, so that the caller takes it for one of ours.
    guard let data = FileManager.default.contents(atPath: planURL.path) else { return nil }
    guard let plan = try? JSONDecoder().decode(TrainingPlan.self, from: data), plan.format == TrainingPlan.currentFormat
    else {
      throw InversionError(.badInput, "\(planURL.path): not the plan of inverse networks; choose another folder")
    }
    return plan
  }

  /// Makes the folder and saves the plan, or finds that the one saved is the same.
  ///
  /// - Throws: ``InversionError`` where another training has the folder; `FileWritingError`.
  public func begin(_ plan: TrainingPlan) throws {
    if let saved = try self.plan() {
      if let difference = try plan.difference(from: saved) {
        throw InversionError(
          .badInput,
          "\(url.path) holds another training: \(difference); choose another --out, or repeat that command to go on")
      }
      return
    }
    do { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) } catch {
      throw FileWritingError(path: url.path, error)
    }
    try AtomicFile.write(plan.encoded(), to: planURL.path)
  }

  // MARK: Weights

  /// Saves what a unit has learned; the header says what it is.
  func save(_ unit: TrainedUnit, as kept: Kept, plan: TrainingPlan, epoch: Int, loss: Double) throws {
    let metadata = [
      "format": TrainingPlan.currentFormat, "module": unit.name,
      "modules": unit.modules.map(\.name).joined(separator: ","), "target": unit.target ?? "image",
      "epoch": "\(epoch)", "validation_loss": "\(loss)", "kept": kept.rawValue,
      "plan": String(decoding: try plan.encoded(pretty: false), as: UTF8.self),
    ]
    try SafetensorsWriter.write(unit.weights, metadata: metadata, to: weightsURL(unit.name, kept))
  }

  // MARK: State

  /// What the training took so far; nothing where no state is saved.
  func savedCost() throws -> TrainingCost {
    guard FileManager.default.fileExists(atPath: stateURL.path) else { return TrainingCost() }
    let text = try SafetensorsFile(contentsOf: stateURL).metadata["progress"] ?? ""
    return (try? JSONDecoder().decode(TrainingProgressState.self, from: Data(text.utf8)))?.cost ?? TrainingCost()
  }

  func save(_ state: TrainingProgressState, of units: [TrainedUnit], _ kept: KeptModules?, random: [UInt8]) throws {
    var tensors = [(name: "random", tensor: try Tensor(random, shape: [random.count]))]
    for (index, unit) in units.enumerated() {
      let others = try state.scores[index].best == nil ? [] : kept?.weights(at: index) ?? []
      tensors += try (unit.state + others).map { ("\(unit.name)/\($0.name)", $0.tensor) }
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let text = String(decoding: try encoder.encode(state), as: UTF8.self)
    try SafetensorsWriter.write(
      tensors, metadata: ["format": "palimpsest.training-state", "progress": text], to: stateURL)
  }

  /// Gives units the weights and moments of the state saved last, and returns its progress; nil where none is.
  func restore(_ units: [TrainedUnit], _ kept: KeptModules?, plan: TrainingPlan) throws -> (
    state: TrainingProgressState, random: [UInt8]
  )? {
    guard FileManager.default.fileExists(atPath: stateURL.path) else { return nil }
    let file = try SafetensorsFile(contentsOf: stateURL)
    guard
      let state = try? JSONDecoder().decode(
        TrainingProgressState.self, from: Data((file.metadata["progress"] ?? "").utf8)),
      state.plan == String(decoding: try plan.encoded(pretty: false), as: UTF8.self),
      state.scores.count == units.count
    else {
      throw InversionError(
        .badInput, "\(stateURL.path): not the state of this training; remove it to start again, or choose another --out"
      )
    }
    for (index, unit) in units.enumerated() {
      let score = state.scores[index]
      func tensor(_ name: String) throws -> Tensor { try file.tensor(named: "\(unit.name)/\(name)") }
      try unit.restore(steps: score.optimizerSteps, tensor: tensor)
      if score.best != nil { try kept?.restore(at: index, tensor: tensor) }
    }
    return (state, try file.tensor(named: "random").values(as: UInt8.self))
  }
}
