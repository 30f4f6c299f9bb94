import Foundation
import Synchronization

/// The progress of long work on standard error: a bar with rate and time left on a terminal, plain lines elsewhere.
final class Progress: Sendable {
  private struct State {
    var lastShown: Double
    var lastDone = 0
    var width = 0
  }

  /// As the unit of work whose parts have no name: its share is shown, and no rate.
  static let percent = "%"

  private let label: String
  private let total: Int
  private let unit: String
  private let isShown: Bool
  private let isTerminal: Bool
  private let start: Double
  private let alreadyDone: Int
  private let state: Mutex<State>

  /// - Parameters:
  ///   - label: what is being done.
  ///   - total: how many units there are.
  ///   - unit: their name in the plural.
  ///   - alreadyDone: units that an earlier run did, which do not count for the rate.
  init(_ label: String, total: Int, unit: String, alreadyDone: Int = 0, isShown: Bool) {
    self.label = label
    self.total = max(1, total)
    self.unit = unit
    self.isShown = isShown
    self.alreadyDone = alreadyDone
    isTerminal = isatty(STDERR_FILENO) == 1
    start = Progress.now
    state = Mutex(State(lastShown: Progress.now))
  }

  private static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

  /// Seconds since the work began.
  var seconds: Double { Progress.now - start }

  /// Shows that `done` units are done, if enough time went by since the last time.
  func update(_ done: Int, note: String = "") {
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
  func finish() {
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
      ? "\(Int(fraction * 100)) %" : "\(done)/\(total) \(unit), \(Numbers.fixed(rate, 1))/s"
    var line = "\(label) \(amount), \(Progress.duration(left)) left"
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
      line = "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: bar - filled) + "] " + line
    }
    line = String(line.prefix(max(1, columns)))
    let padding = String(repeating: " ", count: max(0, min(state.width, columns) - line.count))
    state.width = line.count
    write("\r" + line + padding)
  }

  /// `75` as `1:15`.
  static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 359_999).rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    let tail = "\(hours > 0 && minutes < 10 ? "0" : "")\(minutes):\(rest < 10 ? "0" : "")\(rest)"
    return hours > 0 ? "\(hours):\(tail)" : tail
  }

  private func write(_ text: String) { Streams.error(text) }
}

/// Progress of work that says only while it runs how much there is of it.
final class CountedProgress {
  private let label: String
  private let unit: String
  private let isShown: Bool
  private let clock: Progress
  private var shown: Progress?

  /// As ``Progress``.
  init(_ label: String, unit: String, isShown: Bool) {
    self.label = label
    self.unit = unit
    self.isShown = isShown
    clock = Progress(label, total: 1, unit: unit, isShown: false)
  }

  /// Seconds since the work began.
  var seconds: Double { clock.seconds }

  /// Shows how much is done.
  ///
  /// - Throws: what stops the work: an interruption.
  func update(_ done: Int, of total: Int) throws {
    let progress = shown ?? Progress(label, total: total, unit: unit, isShown: isShown)
    shown = progress
    progress.update(done)
    try Interruption.check()
  }

  /// Ends the bar.
  func finish() { shown?.finish() }
}

/// Numbers as people read them, the same in every locale.
enum Numbers {
  /// With so many decimals.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    let scale = (0..<decimals).reduce(1.0) { product, _ in product * 10 }
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 9e15 else { return "\(value)" }
    let whole = Int(scaled)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(whole)" }
    let digits = String(whole % Int(scale))
    return "\(sign)\(whole / Int(scale))." + String(repeating: "0", count: decimals - digits.count) + digits
  }

  /// Bytes in binary units.
  static func bytes(_ count: Int) -> String {
    var value = Double(count)
    var unit = 0
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while value >= 1024 && unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return unit == 0 ? "\(count) bytes" : "\(fixed(value, 1)) \(units[unit])"
  }
}
