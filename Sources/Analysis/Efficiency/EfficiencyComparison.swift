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

  /// Compares at the largest budget that every trained run had: for each cut, the best error of a finished epoch within
  /// it, without interpolation. A run whose first epoch took more has no row. Maps in closed form take their one point.
  public init(_ runs: [EfficiencyRun]) {
    self.runs = runs
    var reached: [Reached] = []
    let trained = runs.filter(\.isTrained)
    for budget in Budget.allCases {
      let ends = trained.map { run in run.points.map(budget.spent).max() ?? 0 }
      guard let limit = ends.min(), limit > 0 else { continue }
      for cut in EfficiencyComparison.cuts(of: runs) {
        for run in runs {
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
    notes = EfficiencyComparison.notes(runs)
  }

  /// Every run's cuts, those of the first run first.
  private static func cuts(of runs: [EfficiencyRun]) -> [String] {
    runs.flatMap(\.cuts).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private static func notes(_ runs: [EfficiencyRun]) -> [String] {
    guard let first = runs.first else { return [] }
    var notes: [String] = []
    for run in runs.dropFirst() {
      let (a, b) = (first.plan, run.plan)
      if a.checkpointSHA256 != b.checkpointSHA256 {
        notes.append("\(run.name) inverts other weights than \(first.name): their errors are of different models")
      }
      let isSame =
        a.validationSHA256 == b.validationSHA256
        && (a.validationSHA256 != nil
          || (a.imagesSHA256 == b.imagesSHA256 && a.imageCount == b.imageCount && a.seed == b.seed
            && a.validationShare == b.validationShare))
      if !isSame {
        notes.append("\(run.name) validates on other images than \(first.name): their errors cannot be compared")
      }
      if a.threads != b.threads || a.device != b.device {
        notes.append(
          "\(run.name) ran on \(b.device) with \(b.threads) threads, \(first.name) on \(a.device) with \(a.threads): their "
            + "times cannot be compared")
      }
    }
    return notes
  }

  // MARK: Tables

  /// `efficiency.csv`: what every training measured of itself.
  public var table: TidyTable {
    var table = TidyTable(.efficiency)
    for run in runs {
      for value in run.values {
        table.append([
          .text(run.name), .text(run.mode), .text(run.inverse), .text(value.module), .text(value.metric),
          .real(value.value), .text(value.unit),
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
