import Synchronization

/// What a reader of the results should know, gathered while an analysis runs: it goes into `provenance.json`.
final class RunNotes: Sendable {
  private let texts = Mutex<[String]>([])

  /// Each once, in the order in which they were made.
  var all: [String] { texts.withLock { $0 } }

  func empty() { texts.withLock { $0 = [] } }

  func add(_ text: String) {
    texts.withLock { if !$0.contains(text) { $0.append(text) } }
  }

  /// A reporter that keeps each note here and hands it on to another.
  func gathering(_ reporter: JobReporter) -> JobReporter {
    JobReporter(
      note: { [self] text in
        add(text)
        reporter.note(text)
      }, progress: reporter.progress, say: reporter.say, isCancelled: reporter.isCancelled,
      endsSoon: reporter.endsSoon)
  }
}
