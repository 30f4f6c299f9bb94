import Formats
import Pipelines

extension OutputOptions {
  /// Runs an analysis and says what there is now, as a line or as JSON.
  ///
  /// - Parameter remark: what else was found, said behind the number of values.
  func run(_ job: some AnalysisJob, remark: (AnalysisSummary) -> String = { _ in "" }) throws {
    let summary = try job.run(reporter)
    say(
      "\(summary.out)/\(summary.table): \(summary.rows) values\(remark(summary)) from "
        + "\(summary.images.reduce(0, +)) images in \(NumberText.fixed(summary.seconds, 1)) s")
    try summarize(summary)
  }
}
