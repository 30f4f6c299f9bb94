import Formats
import Foundation
import Synchronization

/// The progress of long work on standard error: a bar with rate and time left on a terminal, plain lines elsewhere.
public final class Progress: Sendable {
  private struct State {
    var lastShown: Double
    var lastDone = 0
    var width = 0
  }

  /// As the unit of work whose parts have no name: its share is shown, and no rate.
  public static let percent = "%"

  private let label: String
  private let total: Int
  private let unit: String
  private let isShown: Bool
  /// Whether a bar is drawn over itself, not line by line.
  private let isTerminal: Bool
  private let start: Double
  private let alreadyDone: Int
  private let state: Mutex<State>

  /// - Parameters:
  ///   - label: what is being done.
  ///   - total: how many units there are.
  ///   - unit: their name in the plural.
  ///   - alreadyDone: units that an earlier run did, which do not count for the rate.
  ///   - style: how it is shown.
  public init(_ label: String, total: Int, unit: String, alreadyDone: Int = 0, style: ProgressStyle) {
    self.label = label
    self.total = max(1, total)
    self.unit = unit
    isShown = style != .none
    self.alreadyDone = alreadyDone
    isTerminal = style == .bar || (style == .auto && isatty(STDERR_FILENO) == 1)
    start = Progress.now
    state = Mutex(State(lastShown: Progress.now))
  }

  private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

  /// Seconds since the work began.
  public var seconds: Double { Progress.now - start }

  /// Shows that `done` units are done, if enough time went by since the last time.
  public func update(_ done: Int, note: String = "") {
    guard isShown else { return }
    state.withLock { state in
      let now = Progress.now
      let interval = isTerminal ? 0.1 : 10
      guard done > state.lastDone, now - state.lastShown >= interval || (isTerminal && done >= total) else { return }
      state.lastShown = now
      state.lastDone = done
      show(done, note: note, state: &state)
    }
  }

  /// Ends the bar, so that the next line begins on its own.
  public func finish() {
    guard isShown, isTerminal else { return }
    state.withLock { state in
      if state.width > 0 { write("\r" + String(repeating: " ", count: state.width) + "\r") }
      state.width = 0
    }
  }

  private func show(_ done: Int, note: String, state: inout State) {
    let fraction = min(1, Double(done) / Double(total))
    let rate = Double(done - alreadyDone) / max(1e-9, seconds)
    let left = rate > 0 ? Double(total - done) / rate : 0
    let amount =
      unit == Progress.percent
      ? "\(Int(fraction * 100)) %" : "\(done)/\(total) \(unit), \(NumberText.fixed(rate, 1))/s"
    var line = "\(label) \(amount), \(NumberText.duration(left)) left"
    if !note.isEmpty { line += ", \(note)" }
    guard isTerminal else {
      write(line + "\n")
      return
    }
    // A line that wraps cannot be written over: the bar gives way first, then the end of the text.
    let columns = (Streams.columns(of: STDERR_FILENO) ?? 80) - 1
    let bar = min(24, columns - line.count - 3)
    if bar >= 8 {
      let filled = Int(fraction * Double(bar))
      let (done, rest) = (String(repeating: "#", count: filled), String(repeating: "-", count: bar - filled))
      line = "[\(done)\(rest)] \(line)"
    }
    line = String(line.prefix(max(1, columns)))
    let padding = String(repeating: " ", count: max(0, min(state.width, columns) - line.count))
    state.width = line.count
    write("\r" + line + padding)
  }

  private func write(_ text: String) { Streams.error(text) }
}
