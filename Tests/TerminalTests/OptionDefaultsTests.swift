import Experiments
import Foundation
import Terminal
import TestSupport
import Testing

/// Defaults of options from the user's file, as words of the command line.
@Suite struct OptionDefaultsTests {
  private let folder: TemporaryFolder
  /// What ArgumentParser says of a command to tools, shortened to what is read.
  private let options = CommandOptions(
    dump: """
      {"serializationVersion": 0, "command": {"commandName": "extract", "arguments": [
        {"kind": "positional", "isRepeating": false},
        {"kind": "option", "isRepeating": false, "names": [{"kind": "long", "name": "dtype"}]},
        {"kind": "option", "isRepeating": false, "names": [{"kind": "long", "name": "threads"}]},
        {"kind": "option", "isRepeating": false, "names": [{"kind": "long", "name": "conditions"}]},
        {"kind": "option", "isRepeating": true, "names": [{"kind": "long", "name": "set"}]},
        {"kind": "flag", "isRepeating": false, "names": [{"kind": "long", "name": "strict"}]},
        {"kind": "flag", "isRepeating": false, "names": [{"kind": "short", "name": "h"}, {"kind": "long", "name": "help"}]}
      ]}}
      """)
  private let names = ["extract", "analyze similarity"]

  init() throws { folder = try TemporaryFolder() }

  private func words(_ yaml: String, given: [String] = [], for command: String = "extract") throws -> [String] {
    let file = folder.path("config.yaml")
    try Data(yaml.utf8).write(to: URL(fileURLWithPath: file))
    return try OptionDefaults(file: file).words(for: command, options, given: given, among: names)
  }

  private func refusal(_ yaml: String) -> String {
    do { return "taken: \(try words(yaml))" } catch {
      return "\(error)".replacingOccurrences(of: folder.path("config.yaml"), with: "FILE")
    }
  }

  @Test func ofEveryCommandWhatThisOneHasThenItsOwn() throws {
    #expect(
      try words("all: {threads: 8, epochs: 3, dtype: float32}\nextract: {dtype: float16}\nanalyze similarity: {a: 1}")
        == ["--threads=8", "--dtype=float16"])
  }

  @Test func whatIsTypedHasNoDefault() throws {
    let yaml = "extract: {dtype: float16, threads: 8}"
    #expect(try words(yaml, given: ["--dtype", "float32"]) == ["--threads=8"])
    #expect(try words(yaml, given: ["--threads=1", "--", "--dtype"]) == ["--dtype=float16"])
  }

  @Test func flagsListsAndRepeatedOptions() throws {
    #expect(
      try words("extract:\n  strict: true\n  conditions: [red, gray]\n  set: [a=1, b=2]\n")
        == ["--strict", "--conditions=red,gray", "--set=a=1", "--set=b=2"])
    #expect(try words("extract: {strict: false}") == [])
    #expect(try words("# nothing yet\n\n") == [])
    #expect(try words("extract:\n") == [])
  }

  @Test func mistakesAreNamedWithTheirLine() {
    #expect(
      refusal("extract: {dtpe: float16}") == "FILE, line 1: extract has no option 'dtpe' (did you mean 'dtype'?)")
    #expect(
      refusal("all: {threads: 2}\nextrct: {}\n")
        == "FILE, line 2: 'extrct' is no command (did you mean 'extract'?); give all or a command, such as extract or analyze similarity"
    )
    #expect(refusal("extract: {strict: maybe}") == "FILE, line 1: strict is a flag; give true or false")
    #expect(
      refusal("extract: float16")
        == "FILE, line 1: extract is 'float16'; give its options, as in {threads: 8}")
    #expect(
      refusal("extract: {dtype: {a: b}}")
        == "FILE, line 1: dtype is a mapping; give a text, a number, true, false or a list")
    #expect(
      refusal("[a, b]") == "FILE: it is a list; give commands and below each its options, as in all: {threads: 8}")
  }

  @Test func theFileIsNamedByTheEnvironment() throws {
    let home = folder.path("home")
    let own = home + "/.config/palimpsest/config.yaml"
    #expect(OptionDefaults.file(["HOME": home]) == nil)
    try FileManager.default.createDirectory(atPath: home + "/.config/palimpsest", withIntermediateDirectories: true)
    try Data("all: {}".utf8).write(to: URL(fileURLWithPath: own))
    #expect(OptionDefaults.file(["HOME": home]) == own)
    #expect(OptionDefaults.file(["HOME": home, "XDG_CONFIG_HOME": ""]) == own)
    #expect(OptionDefaults.file(["XDG_CONFIG_HOME": home + "/.config"]) == own)
    #expect(OptionDefaults.file(["HOME": home, "PALIMPSEST_CONFIG": ""]) == nil)
    #expect(OptionDefaults.file(["HOME": home, "PALIMPSEST_CONFIG": "/elsewhere"]) == "/elsewhere")
    #expect(throws: ExperimentError.self) { try OptionDefaults(file: "/elsewhere") }
  }

  @Test func optionsThatDoNotExistAreFound() {
    #expect(
      options.unknown(in: ["a", "--dtype", "x", "--thraeds=2"])
        == "Unknown option '--thraeds'. Did you mean '--threads'?")
    #expect(options.unknown(in: ["--zzzzzzzzzzzzzzzz"]) == "Unknown option '--zzzzzzzzzzzzzzzz'")
    #expect(options.unknown(in: ["--dtype=a", "--help", "-x", "--", "--nothing"]) == nil)
  }
}
