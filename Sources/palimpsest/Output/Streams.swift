import Foundation
import Pipelines
import Synchronization

/// Standard output and standard error, written at once and in order, and safely where the reader has gone.
enum Streams {
  /// The first thing that went wrong on standard output, as `errno`; 0 where nothing did.
  private static let outputFailure = Atomic<Int32>(0)

  /// Writes to standard output. A reader that went away (`| head -1`) is no failure.
  static func output(_ text: String) {
    let failure = write(text, to: STDOUT_FILENO)
    if failure != 0, failure != EPIPE, failure != EBADF {
      _ = outputFailure.compareExchange(expected: 0, desired: failure, ordering: .relaxed)
    }
  }

  /// Writes to standard error; what cannot be written there can be said nowhere.
  static func error(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  /// - Throws: ``WorkFailed`` where something could not be written to standard output, such as a summary on a full disk.
  static func checkOutput() throws {
    let failure = outputFailure.load(ordering: .relaxed)
    if failure != 0 {
      throw WorkFailed("standard output: \(String(cString: strerror(failure))); the work itself is done")
    }
  }

  /// `text` without line breaks and other control characters, so that an odd file name cannot break a line.
  static func oneLine(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { line, scalar in
      line += scalar.value < 0x20 || scalar.value == 0x7F ? scalar.escaped(asASCII: true) : String(scalar)
    }
  }

  /// How many characters fit into a line of the terminal at `descriptor`; nil where it is none.
  static func columns(of descriptor: Int32) -> Int? {
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
