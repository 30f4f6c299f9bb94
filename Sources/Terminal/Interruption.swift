import Formats
import Foundation
import Pipelines
import Synchronization

/// Whether the user pressed Ctrl-C or the machine asked the program to end.
///
/// A signal asks for a stop at the next safe place. A second Ctrl-C ends the program at once, which every file here survives too;
/// the others are sent more than once by schedulers, and SIGKILL stands behind them. Work that may be ended anywhere and finds no safe place within 0.4 seconds is ended there, and its unfinished
/// files go.
public enum Interruption {
  /// The signal that came; 0 where none did.
  private static let received = Atomic<Int32>(0)
  /// Where the handler wakes the thread that ends a command; -1 where there is none.
  private static let wake = Atomic<Int32>(-1)

  public static var isRequested: Bool { received.load(ordering: .relaxed) != 0 }

  /// Whether the machine asked, which waits for seconds only: Slurm before a time limit, a node that is taken away.
  public static var endsSoon: Bool { isRequested && received.load(ordering: .relaxed) != SIGINT }

  /// How the program ends after an interruption: 130 for Ctrl-C, as shells count it; 75 (EX_TEMPFAIL of `sysexits.h`) where the
  /// machine asked and work is left, so that schedulers start it again.
  public static var exitStatus: Int32 { endsSoon ? 75 : 128 + SIGINT }

  /// - Parameter mayEndAnywhere: whether the work either puts a whole result in its place or changes nothing there, so that it can be
  ///   ended where no safe place is near.
  public static func install(mayEndAnywhere: Bool) {
    if mayEndAnywhere { startEnding() }
    for number in [SIGINT, SIGTERM, SIGUSR1, SIGUSR2] {
      signal(number) { number in
        Interruption.received.store(number, ordering: .relaxed)
        if number == SIGINT { signal(number, SIG_DFL) }
        var byte: UInt8 = 1
        write(Interruption.wake.load(ordering: .relaxed), &byte, 1)
      }
    }
    // A reader of our output that goes away must not end the work silently, nor a limit on the size of files.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  /// A thread that waits for the signal and ends the process some time later. Handlers may do next to nothing; it may.
  private static func startEnding() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    wake.store(ends[1], ordering: .relaxed)
    let reading = ends[0]
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while read(reading, &byte, 1) < 0, errno == EINTR {}
      usleep(400_000)
      UnfinishedFiles.discard()
      Streams.error("palimpsest: \(Interrupted.startingAgain)\n")
      _exit(exitStatus)
    }
  }

  /// - Throws: that nothing is kept; jobs that keep what they did ask ``isRequested`` themselves.
  public static func check() throws {
    if isRequested { throw Interrupted.startingAgain }
  }
}
