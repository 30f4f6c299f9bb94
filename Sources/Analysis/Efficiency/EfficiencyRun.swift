import Formats
import Foundation
import Results

/// What one training cost and reached, from the folder that `palimpsest train` wrote.
public struct EfficiencyRun: Sendable {
  /// A number that the training measured of itself; module `all` is the whole run.
  public struct EfficiencyValue: Sendable, Equatable {
    public let module: String
    public let metric: String
    public let value: Double
    public let unit: String
  }

  /// What training took up to the end of an epoch, and how well the images were reconstructed from a cut then.
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

  /// The loss of a module at the end of an epoch.
  public struct Loss: Sendable, Equatable {
    /// As of a ``Point``.
    public let phase: String
    public let epoch: Int
    public let steps: Int
    public let module: String
    /// Which images: `train`, `validation`, or `image`.
    public let split: String
    public let loss: Double
    public let seconds: Double
  }

  /// The error of images that neither trained nor chose, from one cut with the best weights.
  public struct TestPoint: Sendable, Equatable {
    public let cut: String
    /// Images that could be read.
    public let images: Int
    /// Of pixels in [0, 1], mean over the images.
    public let meanSquaredError: Double
    /// In dB, mean over the images.
    public let peakSignalToNoise: Double
    /// Ends of its 95 % interval over images; nil where there is none.
    public let low: Double?
    public let high: Double?
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
    /// Over the names of the images alone; nil where ``imagesSHA256`` is that.
    var imagePathsSHA256: String?
    var validationShare: Double
    var validationSHA256: String?
    var validationPathsSHA256: String?
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

  /// In the order of time, then of depth; empty where the training kept none.
  public let losses: [Loss]

  /// Cuts from shallow to deep; empty where the training had no test images.
  public let test: [TestPoint]
  /// First digits of a SHA-256 that is the same for trainings that were measured on the same test images; empty where on none.
  public let tested: String

  public var mode: String { plan.mode }
  /// `network`, `residual`, `ridge` or a control.
  public var inverse: String { plan.inverse }
  /// Cuts from shallow to deep.
  public var cuts: [String] { plan.cuts }
  /// `cpu` or `cuda`.
  public var device: String { plan.device }
  public var threads: Int { plan.threads }
  /// First digits of the SHA-256 of the model's weights.
  public var checkpoint: String { String(plan.checkpointSHA256.prefix(12)) }
  /// Whether the training recorded what its images hold, not their names alone.
  var knowsContents: Bool {
    plan.validationSHA256 == nil ? plan.imagePathsSHA256 != nil : plan.validationPathsSHA256 != nil
  }

  /// First digits of a SHA-256 that is the same for trainings that hold out the same images.
  ///
  /// - Parameter byNames: whether images of one name count as the same.
  func heldOut(byNames: Bool) -> String {
    func digest(_ contents: String, _ paths: String?) -> String { byNames ? paths ?? contents : contents }
    let text =
      plan.validationSHA256.map { "validation \(digest($0, plan.validationPathsSHA256))" }
      ?? "share \(plan.validationShare) of \(plan.imageCount), seed \(plan.seed), "
      + digest(plan.imagesSHA256, plan.imagePathsSHA256)
    return String(ContentDigest(text).hexadecimal.prefix(12))
  }

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
    values = try EfficiencyRun.rows(folder, .trainingEfficiency).map { row in
      EfficiencyValue(
        module: row[.module], metric: row[.metric], value: try row.number(.value), unit: row[.unit])
    }
    let before = folder.appendingPathComponent("modular")
    let isPolished = FileManager.default.fileExists(
      atPath: before.appendingPathComponent(TableDefinition.trainingCurves.file).path)
    points =
      (isPolished ? try EfficiencyRun.points(before, phase: "modular") : [])
      + (try EfficiencyRun.points(folder, phase: plan.mode))
    losses =
      (isPolished ? try EfficiencyRun.losses(before, phase: "modular") : [])
      + (try EfficiencyRun.losses(folder, phase: plan.mode))
    (test, tested) = try EfficiencyRun.test(folder)
  }

  private static func test(_ folder: URL) throws -> (points: [TestPoint], tested: String) {
    let file = folder.appendingPathComponent(TableDefinition.trainingTest.file).path
    guard FileManager.default.fileExists(atPath: file) else { return ([], "") }
    let points = try rows(folder, .trainingTest).map { row in
      func end(_ column: Column) throws -> Double? { try row[column].isEmpty ? nil : row.number(column) }
      return TestPoint(
        cut: row[.cut], images: Int(saturating: try row.number(.count)),
        meanSquaredError: try row.number(.meanSquaredError), peakSignalToNoise: try row.number(.peakSignalToNoise),
        low: try end(.low), high: try end(.high))
    }
    // The images by what they hold, by name where that is not known, in any order.
    let images = Set(try rows(folder, .trainingTestImages).map { $0[.sha256].isEmpty ? $0[.path] : $0[.sha256] })
    return (points, String(ContentDigest(images.sorted().joined(separator: "\n")).hexadecimal.prefix(12)))
  }

  private static func losses(_ folder: URL, phase: String) throws -> [Loss] {
    let table = TableDefinition.trainingHistory
    guard FileManager.default.fileExists(atPath: folder.appendingPathComponent(table.file).path) else { return [] }
    return try rows(folder, table).map { row in
      Loss(
        phase: phase, epoch: Int(saturating: try row.number(.epoch)), steps: Int(saturating: try row.number(.step)),
        module: row[.module], split: row[.split], loss: try row.number(.loss), seconds: try row.number(.seconds))
    }
  }

  private static func points(_ folder: URL, phase: String) throws -> [Point] {
    try rows(folder, .trainingCurves).map { row in
      Point(
        phase: phase, epoch: Int(saturating: try row.number(.epoch)), cut: row[.cut],
        steps: Int(saturating: try row.number(.step)),
        images: Int(saturating: try row.number(.images)), operations: try row.number(.operations),
        seconds: try row.number(.seconds), meanSquaredError: try row.number(.meanSquaredError),
        peakSignalToNoise: try row.number(.peakSignalToNoise))
    }
  }

  /// A row of a table of `train`.
  private struct TableRow {
    let table: TableDefinition
    let fields: [String]
    /// File and line, for messages.
    let location: String

    subscript(column: Column) -> String { table.index(of: column).map { fields[$0] } ?? "" }

    func number(_ column: Column) throws -> Double {
      guard let value = Double(self[column]), value.isFinite else {
        throw AnalysisError(.badInput, "\(location): '\(self[column])' is not a number; train it again")
      }
      return value
    }
  }

  /// The rows behind the header.
  private static func rows(_ folder: URL, _ table: TableDefinition) throws -> [TableRow] {
    let url = folder.appendingPathComponent(table.file)
    let columns = table.columns.count
    guard let data = try? Data(contentsOf: url) else {
      throw AnalysisError(
        .badInput, "\(url.path) is missing: no epoch is finished; repeat the palimpsest train that began it to go on")
    }
    let records: [CommaSeparatedValues.Record]
    do {
      records = try CommaSeparatedValues.records(of: [UInt8](data))
    } catch {
      throw AnalysisError(.badInput, "\(url.path), \(error); train it again")
    }
    return try records.dropFirst().map { record in
      guard record.fields.count == columns else {
        throw AnalysisError(
          .badInput,
          "\(url.path), line \(record.line): \(record.fields.count) fields, expected \(columns); train it again")
      }
      return TableRow(table: table, fields: record.fields, location: "\(url.path), line \(record.line)")
    }
  }
}
