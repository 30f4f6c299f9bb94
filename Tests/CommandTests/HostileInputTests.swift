import Foundation
import Testing

/// A short run of what scripts/fuzz.py does at length: files changed by a seed, each read by a process of its own. Whatever is in
/// them, the program ends with a sentence and a status of 0, 1 or 2.
@Suite struct HostileInputTests {
  private static let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

  /// A format: a file of it, and how it is read.
  struct Format: CustomTestStringConvertible, Sendable {
    let name: String
    /// Below `Tests`.
    let source: String
    /// The name under which the changed file is read.
    let file: String
    let command: [String]

    var testDescription: String { name }
  }

  static let formats = [
    Format(
      name: "safetensors", source: "Fixtures/checkpoints/timm-vit/model.safetensors", file: "x.safetensors",
      command: ["verify", "x.safetensors"]),
    Format(
      name: "configuration", source: "Fixtures/checkpoints/timm-vit/config.json", file: "model/config.json",
      command: ["inspect", "model"]),
    Format(name: "store", source: "ActivationsTests/Fixtures/rich.h5", file: "x.h5", command: ["inspect", "x.h5"]),
    Format(
      name: "bundle", source: "ReportsTests/Fixtures/bundles/twice.zip", file: "x.zip", command: ["verify", "x.zip"]),
    Format(name: "PDF", source: "FigureLintTests/Fixtures/pdf/plain.pdf", file: "x.pdf", command: ["lint", "x.pdf"]),
    Format(
      name: "SVG", source: "FigureLintTests/Fixtures/programs/cairo.svg", file: "x.svg", command: ["lint", "x.svg"]),
    Format(
      name: "style", source: "../templates/styles/tmlr.json", file: "x.json",
      command: ["figure", "list", "results", "--style", "x.json"]),
  ]

  @Test(arguments: formats)
  func everyChangedFileEndsInASentence(format: Format) throws {
    let data = [UInt8](try Data(contentsOf: Self.tests.appendingPathComponent(format.source)))
    for seed in 0..<6 {
      var changes = Changes(seed: UInt64(seed) &+ UInt64(format.name.utf8.reduce(0) { $0 &* 31 &+ Int($1) }))
      try expectSentence(changes.apply(to: data), format.file, format.command, "\(format.name), seed \(seed)")
    }
  }

  /// What once ended the program with a signal, or never ended: shared/review/hostile.md, 11, 14, 15 and 17.
  @Test(arguments: [
    ["analyze", "detail", "x.h5", "--bootstrap", "9223372036854775807", "--out", "out"],
    ["analyze", "similarity", "x.h5", "--permutations", "100000000000000", "--out", "out"],
    ["train", "--model", "m", "--images", "i", "--accumulate", "9223372036854775807", "--out", "out"],
    ["train", "--model", "m", "--images", "i", "--batch-size", "4611686018427387904", "--out", "out"],
    ["extract", "--model", "m", "--images", "i", "--out", "x.h5", "--threads", "-1"],
    ["extract", "--model", "m", "--images", "i", "--out", "x.h5", "--limit", "-1"],
  ])
  func countsBeyondTheirRangeAreRefused(command: [String]) throws {
    let here = try Workspace()
    let outcome = try here.run(command)
    #expect(outcome.status == 2)
    #expect(outcome.error.hasPrefix("palimpsest: --"), "\(outcome.error)")
    #expect(
      outcome.error.contains("; give at most ") || outcome.error.contains("a number below zero"), "\(outcome.error)")
  }

  private func expectSentence(_ data: [UInt8], _ file: String, _ command: [String], _ comment: String) throws {
    let here = try Workspace()
    try here.makeFolder("model")
    try here.makeFolder("results")
    try here.write("store,condition,tap,metric,value\na,original,embed,psnr,20\n", to: "results/quality.csv")
    if file.hasPrefix("model/") {
      let weights = Program.fixtures + "/timm-vit/model.safetensors"
      try here.copy(weights, to: "model/model.safetensors")
    }
    try here.write(data, to: file)
    // Little memory and a minute, so that a fault does not take the machine with it.
    let limited = ["-c", "ulimit -v 12582912; exec timeout -s KILL 60 \"$@\"", "sh", try Program.path.get()] + command
    let outcome = try here.run(limited, program: "/bin/sh")
    #expect([0, 1, 2].contains(outcome.status), "\(comment): \(outcome.status) \(outcome.error)")
    #expect(!outcome.error.contains("Fatal error") && !outcome.error.contains("*** "), "\(comment): \(outcome.error)")
    #expect(outcome.status == 0 || outcome.error.contains("palimpsest: "), "\(comment): \(outcome.error)")
  }
}

/// Changes as scripts/fuzzing/mutations.py makes them: of bytes, and of numbers in text.
private struct Changes {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64.
  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }

  private static let numbers = [
    "0", "-1", "65536", "2147483648", "4611686018427387904", "9223372036854775807", "9223372036854775808", "1e19",
    "1e300", "1e-320", "nan", "",
  ]
  private static let integers: [UInt64] = [
    0, 1, 0x7F, 0xFF, 0x8000, 0xFFFF_FFFF, 1 << 40, 1 << 53, 1 << 61, 1 << 62, (1 << 63) - 1, 1 << 63, .max,
  ]

  mutating func apply(to data: [UInt8]) -> [UInt8] {
    var data = data
    for _ in 0...below(3) {
      let place = below(data.count)
      switch below(6) {
      case 0 where !data.isEmpty: data[place] ^= 1 << UInt8(below(8))
      case 1:
        let number = Self.integers[below(Self.integers.count)]
        for index in 0..<8 where place + index < data.count {
          data[place + index] = UInt8(truncatingIfNeeded: number >> UInt64(8 * index))
        }
      case 2: data.removeLast(data.count - place)
      case 3: data.insert(contentsOf: data[place..<min(data.count, place + 64)], at: place)
      case 4: data.removeSubrange(place..<min(data.count, place + 16))
      default: data = replacingNumber(in: data, from: place)
      }
    }
    return data
  }

  /// The next number in a text becomes another one.
  private mutating func replacingNumber(in data: [UInt8], from place: Int) -> [UInt8] {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard let start = data[place...].firstIndex(where: digits.contains) else { return data }
    let end = data[start...].firstIndex { !digits.contains($0) } ?? data.endIndex
    var changed = data
    changed.replaceSubrange(start..<end, with: Array(Self.numbers[below(Self.numbers.count)].utf8))
    return changed
  }
}
