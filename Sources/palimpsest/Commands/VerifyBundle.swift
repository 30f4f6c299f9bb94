import Foundation
import Reports

extension Verify {
  private struct BundleLines: Encodable {
    let path: String
    let kind: String
    let passes: Bool
    let files: Int
    let bytesChecked: Int
    let problems: [String]
  }

  /// Names, kinds and sizes first, then every file against its hash.
  func verifyBundle() throws {
    let bundle = try BundleFile(file)
    let total = bundle.files.reduce(0) { $0 + $1.size }
    let progress = Progress("verify", total: max(1, total >> 20), unit: "MiB", isShown: !output.quiet)
    let check = try BundleCheck(bundle) { done in
      try Interruption.check()
      progress.update(done >> 20)
    }
    progress.finish()
    for problem in check.problems.prefix(20) { output.note("  \(problem)") }
    if check.problems.count > 20 { output.note("  … and \(check.problems.count - 20) more") }
    try output.summarize(
      BundleLines(
        path: file, kind: "bundle", passes: check.passes, files: check.files, bytesChecked: check.bytes,
        problems: check.problems))
    guard let first = check.problems.first else {
      output.say("\(file): whole, \(check.files) files, \(Numbers.bytes(check.bytes)) checked")
      return
    }
    throw WorkFailed(
      "\(file): not the bundle it was, in \(check.problems.count) "
        + "\(check.problems.count == 1 ? "place" : "places"), the first: \(first); get it again from where it came")
  }
}
