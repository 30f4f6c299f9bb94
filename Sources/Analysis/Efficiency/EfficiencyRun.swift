import Formats
import Foundation

/// What one training cost and reached, from the folder that `palimpsest train` wrote.
public struct EfficiencyRun: Sendable {
  /// A number that the training measured of itself; module `all` is the whole run.
  public struct EfficiencyValue: Sendable, Equatable {
    public let module: String
    public let metric: String
    public let value: Double
    public let unit: String
  }

  /// What training took up to the end of an epoch, and how well a cut's activations led back then.
  public struct Point: Sendable, Equatable {
    /// `modular` for the first part of a polished run, else the run's mode.
    public let phase: String
    public let epoch: Int
    public let cut: String
    public let steps: Int
    public let images: Int
    /// Arithmetic operations; 0 where they were not counted, as for maps in closed form.
    public let operations: Double
    public let seconds: Double
    /// Of pixels in [0, 1], mean over the validation images.
    public let meanSquaredError: Double
    /// In dB, mean over the validation images.
    public let peakSignalToNoise: Double
  }

  /// The part of `plan.json` that a comparison needs.
  struct Plan: Decodable {
    var mode: String
    var inverse: String
    var model: String
    var checkpointSHA256: String
    var cuts: [String]
    var imageCount: Int
    var imagesSHA256: String
    var validationShare: Double
    var validationSHA256: String?
    var seed: Int
    var threads: Int
    var device: String
  }

  /// What tables and figures call it.
  public let name: String
  let plan: Plan
  public let values: [EfficiencyValue]
  /// In the order of time, then of depth.
  public let points: [Point]

  public var mode: String { plan.mode }
  /// `network`, `residual`, `ridge` or a control.
  public var inverse: String { plan.inverse }
  /// Cuts from shallow to deep.
  public var cuts: [String] { plan.cuts }
  public var isTrained: Bool { ["network", "residual"].contains(plan.inverse) }

  /// - Parameter name: the path where nil.
  /// - Throws: ``AnalysisError`` where the folder is not one of `train`, or its training has not finished an epoch.
  public init(_ path: String, name: String? = nil) throws {
    self.name = name ?? path
    let folder = URL(fileURLWithPath: path)
    guard let data = try? Data(contentsOf: folder.appendingPathComponent("plan.json")),
      let plan = try? JSONDecoder().decode(Plan.self, from: data)
    else {
      throw AnalysisError(
        .badInput, "\(path): no training is here (no plan.json that can be read); give what palimpsest train wrote")
    }
    self.plan = plan
    values = try EfficiencyRun.rows(folder, "efficiency.csv", columns: 4).map { fields, place in
      EfficiencyValue(
        module: fields[0], metric: fields[1], value: try EfficiencyRun.number(fields[2], place), unit: fields[3])
    }
    let before = folder.appendingPathComponent("modular")
    let isPolished = FileManager.default.fileExists(atPath: before.appendingPathComponent("curves.csv").path)
    points =
      (isPolished ? try EfficiencyRun.points(before, phase: "modular") : [])
      + (try EfficiencyRun.points(folder, phase: plan.mode))
  }

  private static func points(_ folder: URL, phase: String) throws -> [Point] {
    try rows(folder, "curves.csv", columns: 8).map { fields, place in
      let numbers = try [0, 1, 2, 3, 4, 6, 7].map { try number(fields[$0], place) }
      return Point(
        phase: phase, epoch: Int(numbers[0]), cut: fields[5], steps: Int(numbers[1]), images: Int(numbers[2]),
        operations: numbers[3], seconds: numbers[4], meanSquaredError: numbers[5], peakSignalToNoise: numbers[6])
    }
  }

  /// The rows behind the header, each with its place for messages.
  private static func rows(_ folder: URL, _ file: String, columns: Int) throws -> [([String], String)] {
    let url = folder.appendingPathComponent(file)
    guard let data = try? Data(contentsOf: url) else {
      throw AnalysisError(
        .badInput, "\(url.path) is missing: no epoch is finished; repeat the palimpsest train that began it to go on")
    }
    let records: [CommaSeparatedValues.Record]
    do {
      records = try CommaSeparatedValues.records(of: [UInt8](data))
    } catch {
      throw AnalysisError(.badInput, "\(url.path), \(error); train it anew")
    }
    return try records.dropFirst().map { record in
      guard record.fields.count == columns else {
        throw AnalysisError(
          .badInput,
          "\(url.path), line \(record.line): \(record.fields.count) fields, expected \(columns); train it anew")
      }
      return (record.fields, "\(url.path), line \(record.line)")
    }
  }

  private static func number(_ text: String, _ place: String) throws -> Double {
    guard let value = Double(text), value.isFinite else {
      throw AnalysisError(.badInput, "\(place): '\(text)' is no number; train it anew")
    }
    return value
  }
}
