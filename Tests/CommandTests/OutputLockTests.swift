import Foundation
import Testing

/// Two processes that were told to write into one place, and processes that are told to end.
@Suite struct OutputLockTests {
  let here: Workspace

  init() throws {
    here = try Workspace()
    try here.makeFolder("results")
    try here.write(
      "store,condition,tap,metric,value,low,high,n\na,original,embed,psnr,30,29,31,64\na,original,norm,psnr,20,19,21,64\n",
      to: "results/quality.csv")
  }

  private static let store = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("AnalysisTests/Fixtures/quality-tiny.h5").path

  /// Another process holds the lock, as it does while it writes.
  private func holding<Value>(_ file: String, _ work: () throws -> Value) throws -> Value {
    let descriptor = open(here.path(file), O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    try #require(descriptor >= 0 && flock(descriptor, LOCK_EX | LOCK_NB) == 0)
    defer { close(descriptor) }
    return try work()
  }

  @Test(arguments: [
    (["report", "results", "--out", "out"], ".out.lock"),
    (["figure", "depth", "results", "--out", "drawn"], ".drawn.lock"),
    (["scenes", "--count", "1", "--size", "32x32", "--out", "out"], "out/.palimpsest.lock"),
    (["analyze", "quality", store, "--out", "out"], "out/.palimpsest.lock"),
    (
      ["train", "--model", Program.fixtures + "/timm-vit", "--images", "results", "--out", "out"],
      "out/.palimpsest.lock"
    ),
  ])
  func aSecondProcessIsRefused(command: [String], lock: String) throws {
    try here.makeFolder("out")
    let refused = try holding(lock) { try here.run(command) }
    #expect(refused.status == 2)
    #expect(
      refused.error.hasPrefix("palimpsest: another palimpsest is at work in ")
        && refused.error.hasSuffix("; wait for it to end, or choose another --out\n"), "\(refused.error)")
    // What a killed one left behind keeps nobody out.
    guard command[0] != "train" else { return }
    let done = try here.run(command)
    #expect(done.status == 0, "\(done.error)")
    #expect(!here.exists(lock))
  }

  /// 130 for Ctrl-C, as shells count it; 75 (EX_TEMPFAIL) where the machine asked and work is left.
  @Test(arguments: [SIGINT, SIGTERM, SIGUSR1])
  func aReportThatIsEndedLeavesTheOneBefore(signal: Int32) throws {
    let status: Int32 = signal == SIGINT ? 130 : 75
    // A report of one table takes little time: a signal may come after its end, and is tried again then.
    var ended: Int32 = 0
    var attempts = 0
    while ended == 0, attempts < 50 {
      attempts += 1
      #expect(try here.run("report", "results", "--out", "out", "--title", "before").status == 0)
      let page = try here.bytes(of: "out/index.html")
      let identifier = try Program.start(
        ["report", "results", "--out", "out", "--title", "after"], in: here.folder, output: here.path(".output"),
        error: here.path(".error"))
      while !here.exists(".out.partial"), !Program.hasEnded(identifier) { usleep(500) }
      kill(identifier, signal)
      ended = Program.wait(for: identifier)
      #expect(try ended == 0 || here.bytes(of: "out/index.html") == page)
      #expect(!here.exists(".out.partial") && !here.exists(".out.lock"))
    }
    #expect(ended == status)
    // And the next one is made as ever.
    #expect(try here.run("report", "results", "--out", "out", "--title", "after").status == 0)
    #expect(try here.text(of: "out/index.html").contains("<title>after"))
  }

  /// `ulimit -f` sends a signal that ends other programs.
  @Test func aLimitOnTheSizeOfFilesIsAReason() throws {
    let limited = ["-c", "ulimit -f 0; exec \"$@\"", "sh", try Program.path.get(), "report", "results", "--out", "out"]
    // The sentence goes to a pipe: a file could not take it.
    let outcome = try here.run(
      ["-c", "/bin/sh \"$@\" 2>&1 | cat >&2; exit ${PIPESTATUS:-0}", "sh"] + limited, program: "/bin/bash")
    #expect(
      outcome.error.contains("File too large; the limit on the size of files is too low (ulimit -f)"),
      "\(outcome.error)")
    #expect(!here.exists("out"))
  }
}
