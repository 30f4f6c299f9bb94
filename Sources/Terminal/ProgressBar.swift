import Pipelines
import Synchronization

extension JobReporter {
  /// Reports a job on the terminal: lines, notes and a bar on standard error that gives way to them; Ctrl-C stops it.
  ///
  /// - Parameters:
  ///   - progress: how progress is shown.
  ///   - note: prints a sentence that a reader of the results should know.
  ///   - say: prints a line on what is about to be done, or was done.
  public static func terminal(
    progress style: ProgressStyle, note: @escaping @Sendable (String) -> Void, say: @escaping @Sendable (String) -> Void
  ) -> JobReporter {
    let bar = ProgressBar(style: style)
    return JobReporter(
      note: { text in
        bar.clear()
        note(text)
      },
      progress: { progress in
        bar.show(progress)
        try Interruption.check()
      },
      say: { text in
        bar.clear()
        say(text)
      },
      isCancelled: { Interruption.isRequested }, endsSoon: { Interruption.endsSoon })
  }
}

/// The bar of whatever piece of work a job is at.
private final class ProgressBar: Sendable {
  private struct State {
    var work = ""
    var total = 0
    var bar: Progress?
  }

  private let style: ProgressStyle
  private let state = Mutex(State())

  init(style: ProgressStyle) { self.style = style }

  func show(_ progress: JobProgress) {
    state.withLock { state in
      if state.bar == nil || state.work != progress.work || state.total != progress.total {
        state.bar?.finish()
        state.work = progress.work
        state.total = progress.total
        state.bar = Progress(
          progress.work, total: progress.total, unit: progress.unit, alreadyDone: progress.alreadyDone,
          style: style)
      }
      state.bar?.update(progress.done, note: progress.detail)
      if progress.done >= progress.total { state.bar?.finish() }
    }
  }

  func clear() { state.withLock { $0.bar?.finish() } }
}
