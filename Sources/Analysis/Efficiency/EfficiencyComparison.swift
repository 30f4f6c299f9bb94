import Formats
import Results

/// What modular and end-to-end training cost and reach, side by side.
public struct EfficiencyComparison: Sendable {
  /// Something that training spends.
  public typealias Budget = EfficiencyBudget

  /// The error that a run reached for a cut within a budget.
  public struct Reached: Sendable, Equatable {
    public let budget: Budget
    /// How much may be spent.
    public let limit: Double
    public let run: String
    public let mode: String
    public let inverse: String
    /// What the run had spent when the epoch ended that counts.
    public let spent: Double
    public let point: EfficiencyRun.Point
  }

  public let runs: [EfficiencyRun]
  public let reached: [Reached]
  /// What keeps the runs from being compared fairly, in words.
  public let notes: [String]
  /// Of each run, what tells the images that it holds out.
  public let heldOut: [String]

  /// Compares at the largest budget that every trained run had: for each cut, the best error of a finished epoch within
  /// it, without interpolation. A run whose first epoch took more has no row. Maps in closed form take their one point.
  ///
  /// Runs of other weights or other held-out images than the first run's have no row, and equal time has none where the runs
  /// compared were on different devices or numbers of threads; ``notes`` say so.
  public init(_ runs: [EfficiencyRun]) {
    self.runs = runs
    // Where one training knows its images by name alone, names are all that can be compared.
    let byNames = runs.contains { !$0.knowsContents }
    let heldOut = runs.map { $0.heldOut(byNames: byNames) }
    self.heldOut = heldOut
    notes = EfficiencyComparison.notes(runs, heldOut, byNames: byNames)
    var reached: [Reached] = []
    let compared = EfficiencyComparison.comparable(runs, heldOut)
    let hasTimes = compared.allSatisfy { $0.device == compared[0].device && $0.threads == compared[0].threads }
    let trained = compared.filter(\.isTrained)
    for budget in Budget.allCases where budget != .time || hasTimes {
      let ends = trained.map { run in run.points.map(budget.spent).max() ?? 0 }
      guard let limit = ends.min(), limit > 0 else { continue }
      for cut in EfficiencyComparison.cuts(of: compared) {
        for run in compared {
          let within = run.points.filter {
            $0.cut == cut && budget.spent($0) <= limit && (run.isTrained || budget != .operations)
          }
          guard let best = within.min(by: { $0.meanSquaredError < $1.meanSquaredError }) else { continue }
          reached.append(
            Reached(
              budget: budget, limit: limit, run: run.name, mode: run.mode, inverse: run.inverse,
              spent: budget.spent(best), point: best))
        }
      }
    }
    self.reached = reached
  }

  /// The runs whose errors can be compared with the first run's.
  private static func comparable(_ runs: [EfficiencyRun], _ heldOut: [String]) -> [EfficiencyRun] {
    zip(runs, heldOut).filter { $0.checkpoint == runs[0].checkpoint && $1 == heldOut[0] }.map(\.0)
  }

  /// Every run's cuts, those of the first run first.
  private static func cuts(of runs: [EfficiencyRun]) -> [String] {
    runs.flatMap(\.cuts).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func notes(_ runs: [EfficiencyRun], _ heldOut: [String], byNames: Bool) -> [String] {
    var notes = runs.flatMap(courseNotes)
    guard let first = runs.first, runs.count > 1 else { return notes }
    for (run, images) in zip(runs, heldOut).dropFirst() {
      let (a, b) = (first.plan, run.plan)
      if first.checkpoint != run.checkpoint {
        notes.append(
          "\(run.name) inverts other weights than \(first.name): their errors are of different models and are not compared"
        )
      }
      if images != heldOut[0] {
        notes.append(
          "\(run.name) validates on other images than \(first.name): their errors cannot be compared and are not")
      }
      if a.threads != b.threads || a.device != b.device {
        notes.append(
          "\(run.name) ran on \(b.device) with \(b.threads) threads, \(first.name) on \(a.device) with \(a.threads): their "
            + "times cannot be compared, and equal time is left out")
      }
    }
    notes += testNotes(runs)
    let unknown = runs.filter { !$0.knowsContents }.map(\.name)
    if byNames {
      notes.append(
        "\(unknown.joined(separator: ", ")) \(unknown.count == 1 ? "does" : "do") not record what the images hold: whether the "
          + "trainings had the same images is known by their names alone")
    }
    return notes
  }

  /// The cuts whose images were worse after the last epoch than by the least-squares maps that training began with.
  private static func courseNotes(_ run: EfficiencyRun) -> [String] {
    run.plan.cuts.compactMap { cut in
      let points = run.points.filter { $0.cut == cut }
      guard let floor = points.first(where: { $0.epoch == 0 }), let last = points.last, last.epoch > 0,
        WorseImages.isWorse(last.meanSquaredError, than: floor.meanSquaredError)
      else { return nil }
      return
        "\(run.name): after the last epoch the images from \(cut) have \(NumberText.fixed(last.peakSignalToNoise, 1)) dB, less "
        + "than least squares alone, \(NumberText.fixed(floor.peakSignalToNoise, 1)) dB: what the module learned made them worse"
    }
  }

  /// Which runs' errors are of images that chose nothing, where some are.
  private static func testNotes(_ runs: [EfficiencyRun]) -> [String] {
    guard let first = runs.first(where: { !$0.test.isEmpty }) else { return [] }
    var notes: [String] = []
    let without = runs.filter(\.test.isEmpty).map(\.name)
    if !without.isEmpty {
      notes.append(
        "\(without.joined(separator: ", ")) \(without.count == 1 ? "was" : "were") measured on the images alone that chose epoch and "
          + "ridge, and \(without.count == 1 ? "is" : "are") not in \(TableDefinition.efficiencyTest.file); train again with "
          + "--test-images or --test-features to measure on others")
    }
    for run in runs where !run.test.isEmpty && run.tested != first.tested {
      notes.append(
        "\(run.name) is measured on other test images than \(first.name): their test errors cannot be compared")
    }
    return notes
  }

  // MARK: Tables

  /// `efficiency_test.csv`: the errors of images that neither trained nor chose.
  public var test: TidyTable {
    var table = TidyTable(.efficiencyTest)
    for (run, images) in zip(runs, heldOut) {
      for point in run.test {
        table.append([
          .text(run.name), .text(run.mode), .text(run.inverse), .text(point.cut), .integer(point.images),
          .real(point.meanSquaredError), .real(point.peakSignalToNoise), .real(point.low), .real(point.high),
          .text(images), .text(run.tested),
        ])
      }
    }
    return table
  }

  /// `efficiency.csv`: what every training measured of itself.
  public var table: TidyTable {
    var table = TidyTable(.efficiency)
    for (run, images) in zip(runs, heldOut) {
      for value in run.values {
        table.append([
          .text(run.name), .text(run.mode), .text(run.inverse), .text(value.module), .text(value.metric),
          .real(value.value), .text(value.unit), .text(run.device), .integer(run.threads), .text(run.checkpoint),
          .text(images),
        ])
      }
    }
    return table
  }

  /// `efficiency_curves.csv`: error against what was spent, epoch after epoch.
  public var curves: TidyTable {
    var table = TidyTable(.efficiencyCurves)
    for run in runs {
      for point in run.points {
        table.append([
          .text(run.name), .text(run.mode), .text(run.inverse), .text(point.phase), .text(point.cut),
          .integer(point.epoch), .integer(point.steps), .integer(point.images), .real(point.operations),
          .real(point.seconds), .real(point.meanSquaredError), .real(point.peakSignalToNoise),
        ])
      }
    }
    return table
  }

  /// `efficiency_history.csv`: the loss of every module, epoch after epoch.
  public var history: TidyTable {
    var table = TidyTable(.efficiencyHistory)
    for run in runs {
      for row in run.losses {
        table.append([
          .text(run.name), .text(run.mode), .text(run.inverse), .text(row.phase), .text(row.module), .text(row.split),
          .integer(row.epoch), .integer(row.steps), .real(row.seconds), .real(row.loss),
        ])
      }
    }
    return table
  }

  /// `efficiency_equal.csv`: the error reached at equal time, equal images and equal operations.
  public var equal: TidyTable {
    var table = TidyTable(.efficiencyEqual)
    for row in reached {
      table.append([
        .text(row.budget.rawValue), .real(row.limit), .text(row.budget.unit), .text(row.point.cut), .text(row.run),
        .text(row.mode), .text(row.inverse), .real(row.spent), .integer(row.point.epoch),
        .real(row.point.meanSquaredError), .real(row.point.peakSignalToNoise),
      ])
    }
    return table
  }
}

extension EfficiencyBudget {
  func spent(_ point: EfficiencyRun.Point) -> Double {
    switch self {
    case .time: point.seconds
    case .images: Double(point.images)
    case .operations: point.operations
    }
  }
}
