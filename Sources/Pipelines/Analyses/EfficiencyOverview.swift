import Analysis
import Formats

extension EfficiencyComparison {
  /// What the trainings cost, and what they reach at equal budgets: tables for people.
  public var overview: String {
    func value(_ run: EfficiencyRun, _ metric: String, _ text: (Double) -> String) -> String {
      run.values.first { $0.module == "all" && $0.metric == metric }.map { text($0.value) } ?? ""
    }
    let costs = TextTable.text(
      header: ["run", "mode", "inverse", "parameters", "GFLOP/image", "s/step", "peak memory"],
      rows: runs.map { run in
        [
          run.name, run.mode, run.inverse, value(run, "parameters") { NumberText.fixed($0, 0) },
          value(run, "training_operations_per_image") { NumberText.fixed($0 / 1e9, 3) },
          value(run, "seconds_per_step") { NumberText.fixed($0, 4) },
          value(run, "peak_resident_bytes") { NumberText.bytes(Int(saturating: $0)) },
        ]
      })
    guard !reached.isEmpty else { return costs }
    return costs + "\n\n"
      + TextTable.text(
        header: ["at equal", "limit", "cut", "run", "PSNR"],
        rows: reached.map { row in
          [
            row.budget.rawValue, row.budget.text(row.limit), row.point.cut, row.run,
            "\(NumberText.fixed(row.point.peakSignalToNoise, 2)) dB",
          ]
        })
  }
}

extension EfficiencyComparison.Budget {
  /// An amount of it as people read it.
  fileprivate func text(_ amount: Double) -> String {
    switch self {
    case .time: "\(NumberText.fixed(amount, 1)) s"
    case .images: "\(NumberText.fixed(amount, 0)) images"
    case .operations: "\(NumberText.fixed(amount / 1e12, 3)) TFLOP"
    }
  }
}
