import Foundation
import Pipelines
import Synchronization

/// Whether the user pressed Ctrl-C or the machine asked the program to end.
///
/// The first signal asks for a stop at the next safe place; a second one ends the program at once, which every file here
/// survives too.
enum Interruption {
  private static let wasRequested = Atomic<Bool>(false)

  static var isRequested: Bool { wasRequested.load(ordering: .relaxed) }

  static func install() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { received in
        Interruption.wasRequested.store(true, ordering: .relaxed)
        signal(received, SIG_DFL)
      }
    }
    // A reader of our output that goes away must not end the work silently.
    signal(SIGPIPE, SIG_IGN)
  }

  /// - Throws: that nothing is kept; jobs that keep what they did ask ``isRequested`` themselves.
  static func check() throws {
    if isRequested { throw Interrupted.startingAgain }
  }
}
