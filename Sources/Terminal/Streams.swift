import Foundation
import Pipelines
import Synchronization

/// Standard output and standard error, written at once and in order, and safely where the reader has gone.
public enum Streams {
  /// The first thing that went wrong on standard output, as `errno`; 0 where nothing did.
  private static let outputFailure = Atomic<Int32>(0)
  private static let hasOutput = Atomic<Bool>(false)
  private static let color = Mutex(ColorChoice.auto)

  /// Whether anything was written to standard output.
  public static var hasWrittenOutput: Bool { hasOutput.load(ordering: .relaxed) }

  /// Decides when text is coloured; ``ColorChoice/auto`` until then.
  public static func setColor(_ choice: ColorChoice) { color.withLock { $0 = choice } }

  /// The text in the colour of its role, where `descriptor` takes colours.
  public static func colored(_ text: String, _ role: TextRole, on descriptor: Int32 = STDERR_FILENO) -> String {
    let applies = color.withLock { $0 }.applies(to: descriptor, ProcessInfo.processInfo.environment)
    return applies ? "\u{1B}[\(role.code)m\(text)\u{1B}[0m" : text
  }

  /// Writes to standard output. A reader that went away (`| head -1`) is no failure.
  public static func output(_ text: String) {
    hasOutput.store(true, ordering: .relaxed)
    let failure = write(text, to: STDOUT_FILENO)
    if failure != 0, failure != EPIPE, failure != EBADF {
      _ = outputFailure.compareExchange(expected: 0, desired: failure, ordering: .relaxed)
    }
  }

  /// Writes to standard error; what cannot be written there can be said nowhere.
  public static func error(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  /// - Throws: ``WorkFailed`` where something could not be written to standard output, such as a summary on a full disk.
  public static func checkOutput() throws {
    let failure = outputFailure.load(ordering: .relaxed)
    if failure != 0 {
      throw WorkFailed("standard output: \(String(cString: strerror(failure))); the work itself is done")
    }
  }

  /// `text` without line breaks, control characters and marks that turn the direction of writing, so that an odd name
  /// neither breaks a line nor commands the terminal.
  public static func oneLine(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { line, scalar in
      switch scalar.value {
      case 0...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069: line += scalar.escaped(asASCII: true)
      default: line.unicodeScalars.append(scalar)
      }
    }
  }

  /// The same of every line of a text that is meant to have several.
  public static func lines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { oneLine(String($0)) }.joined(separator: "\n")
  }

  /// How many characters fit into a line of the terminal at `descriptor`; nil where it is none.
  public static func columns(of descriptor: Int32) -> Int? {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  /// Returns 0, or `errno`.
  private static func write(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
      var rest = UnsafeRawBufferPointer(bytes)
      while let start = rest.baseAddress, !rest.isEmpty {
        let count = Foundation.write(descriptor, start, rest.count)
        if count > 0 {
          rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }
}
