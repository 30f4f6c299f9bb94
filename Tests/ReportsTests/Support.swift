import Formats
import Foundation
import Reports
import TestSupport

let templates = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("templates")

let hostileName = "<img src=x onerror=alert(1)>.png"

/// A generator with a seed (SplitMix64), so that a test sees the same numbers every time.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A results folder in a temporary place, removed with the value.
final class ResultsFolder {
  private let folder: TemporaryFolder
  var root: URL { folder.url }
  var results: URL { root.appendingPathComponent("results") }
  var output: URL { root.appendingPathComponent("report") }

  init() throws {
    folder = try TemporaryFolder()
    try folder.makeFolder("results")
  }

  func write(_ text: String, _ name: String) throws {
    try text.write(to: results.appendingPathComponent(name), atomically: true, encoding: .utf8)
  }

  var builder: ReportBuilder {
    ReportBuilder(
      results: results, output: output, templates: templates, toolVersion: "1.2.3", command: ["palimpsest", "report"])
  }

  func page() throws -> String {
    try String(contentsOf: output.appendingPathComponent("index.html"), encoding: .utf8)
  }

  /// Every file of the report by its path.
  func contents() throws -> [String: Data] {
    var files: [String: Data] = [:]
    for case let path as String in FileManager.default.enumerator(atPath: output.path) ?? .init() {
      if let data = FileManager.default.contents(atPath: output.appendingPathComponent(path).path) {
        files[path] = data
      }
    }
    return files
  }
}

let header = "store_a,tap_a,store_b,tap_b,measure,estimator,n,value,low,high\n"

/// A CSV of all pairs of taps of some stores, with the structure of CKA.
func similarityCSV(
  _ stores: [(String, [String])], measures: [(String, String)] = [("cka_linear", "debiased")], images: Int = 512
) -> String {
  var generator = SeededGenerator(state: 11)
  let taps = stores.enumerated().flatMap { place, store in
    store.1.enumerated().map { (place, store.0, $0.element, Double($0.offset) / Double(max(1, store.1.count - 1))) }
  }
  var text = header
  for (measure, estimator) in measures {
    for (index, a) in taps.enumerated() {
      for b in taps[index...] {
        let noise = Double.random(in: -0.01...0.01, using: &generator)
        let same = a.0 == b.0
        let value = a.0 == b.0 && a.2 == b.2 ? 1 : (same ? 0.95 : 0.6) - 0.7 * (a.3 - b.3).magnitude + noise
        text += CommaSeparatedValues.line([
          a.1, a.2, b.1, b.2, measure, estimator, "\(images)", "\(value)", "\(value - 0.03)", "\(min(1, value + 0.02))",
        ])
      }
    }
  }
  return text
}

let vitTaps = ["embed"] + (0..<4).map { "block.\($0)" } + ["norm", "logits"]
let swinTaps = ["embed", "stage.0.block.0", "stage.0", "stage.1.block.0", "stage.1", "norm", "logits"]
