import ArgumentParser
import CSystem
import Foundation
import Pipelines
import Synchronization

/// A command that either puts a whole result in its place or changes nothing there: it may be ended anywhere.
protocol WholeOutputCommand: ParsableCommand {}

/// Whether the user pressed Ctrl-C or the machine asked the program to end.
///
/// The first signal asks for a stop at the next safe place; a second one ends the program at once, which every file here
/// survives too. A ``WholeOutputCommand`` that finds no safe place within 0.4 seconds is ended there.
enum Interruption {
  /// The signal that came; 0 where none did.
  private static let received = Atomic<Int32>(0)
  private static let mayEndAnywhere = Atomic<Bool>(false)

  static var isRequested: Bool { received.load(ordering: .relaxed) != 0 }

  /// How the program ends after an interruption, as shells count it: 130 for Ctrl-C, 143 for SIGTERM.
  static var exitStatus: Int32 {
    let signal = received.load(ordering: .relaxed)
    return 128 + (signal == 0 ? SIGINT : signal)
  }

  /// - Parameter mayEndAnywhere: whether the command can be ended where no safe place is near.
  static func install(mayEndAnywhere: Bool) {
    Interruption.mayEndAnywhere.store(mayEndAnywhere, ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.received.store(number, ordering: .relaxed)
        signal(number, SIG_DFL)
        if Interruption.mayEndAnywhere.load(ordering: .relaxed) { palimpsest_alarm(400_000) }
      }
    }
    signal(SIGALRM) { _ in _exit(Interruption.exitStatus) }
    // A reader of our output that goes away must not end the work silently, nor a limit on the size of files.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// - Throws: that nothing is kept; jobs that keep what they did ask ``isRequested`` themselves.
  static func check() throws {
    if isRequested { throw Interrupted.startingAgain }
  }
}
