import Foundation
import Results
import Testing

/// What the program says of itself.
@Suite struct HelpTests {
  let here: Workspace

  init() throws { here = try Workspace() }

  /// A command as `--experimental-dump-help` describes it.
  private struct Command: Decodable {
    struct Argument: Decodable {
      struct Name: Decodable { let name: String }
      let names: [Name]?
      let allValues: [String]?
      let abstract: String?
    }
    let commandName: String
    let subcommands: [Command]?
    let arguments: [Argument]?

    /// The words behind `palimpsest` of this command and of every one below it.
    func lines(_ above: [String] = [], isRoot: Bool = true) -> [(words: [String], command: Command)] {
      let words = isRoot ? [] : above + [commandName]
      return [(words, self)]
        + (subcommands ?? []).filter { $0.commandName != "help" }.flatMap { $0.lines(words, isRoot: false) }
    }

    subscript(option: String) -> Argument? {
      arguments?.first { ($0.names ?? []).contains { $0.name == option } }
    }
  }

  /// The whole tree: a command that is added is in it.
  private func commands() throws -> [(words: [String], command: Command)] {
    struct Tool: Decodable { let command: Command }
    let outcome = try here.run("--experimental-dump-help")
    return try JSONDecoder().decode(Tool.self, from: Data(outcome.output.utf8)).command.lines()
  }

  @Test func helpExplainsEveryCommandWithAnExample() throws {
    let commands = try commands()
    #expect(commands.count > 25, "\(commands.map(\.words))")
    for words in commands.map(\.words) {
      let outcome = try here.run(words + ["--help"])
      #expect(outcome.status == 0)
      #expect(outcome.error == "")
      #expect(outcome.output.hasPrefix("OVERVIEW: "), "\(words)")
      let example = (["  palimpsest"] + words).joined(separator: " ")
      #expect(outcome.output.split(separator: "\n").contains { $0.hasPrefix(example) }, "no example: \(outcome.output)")
      // An example that is wrapped cannot be copied: what follows one is indented as well, or a new paragraph.
      let overview = outcome.output.components(separatedBy: "\nUSAGE:")[0].components(separatedBy: "\n")
      let wrapped = zip(overview, overview.dropFirst()).filter { line, next in
        line.hasPrefix("  ") && !next.isEmpty && !next.hasPrefix("  ")
      }
      #expect(wrapped.isEmpty, "\(wrapped)")
    }
  }

  @Test func everyOptionIsExplained() throws {
    for (words, command) in try commands() {
      for argument in command.arguments ?? [] {
        #expect(argument.abstract?.isEmpty == false, "\(words) \(argument.names?.first?.name ?? "")")
      }
    }
  }

  @Test func analyzeHasACommandForEveryAnalysisWithItsAbstract() throws {
    let analyze = try commands().filter { $0.words.first == "analyze" && $0.words.count == 2 }
    #expect(analyze.map { $0.words[1] } == AnalysisDefinition.all.map(\.name))
    for definition in AnalysisDefinition.all {
      let help = try here.run("analyze", definition.name, "--help").output
      let overview = help.components(separatedBy: "\n\n")[0].split(whereSeparator: \.isWhitespace).joined(
        separator: " ")
      #expect(overview == "OVERVIEW: \(definition.abstract)")
    }
  }

  /// The benchmarks are those that the registry promises.
  @Test func benchMeasuresTheAnalysesThatTheRegistrySays() throws {
    let measured = try commands().filter { $0.words.first == "bench" && $0.words.count == 2 }.map { $0.words[1] }
    let promised = AnalysisDefinition.all.filter { $0.bench == .command }.map(\.name)
    #expect(Set(measured) == Set(promised + ["extract"]))
  }

  @Test(arguments: ["extract", "reconstruct"])
  func helpOnConditionsNamesEveryForm(command: String) throws {
    let help = try here.run(command, "--help").output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    for form in ConditionName.forms where form != ConditionName.original.text {
      #expect(help.contains(form), "\(form)")
    }
  }

  @Test(arguments: ["report", "figure", "lint"])
  func helpOnStylesNamesEveryFile(command: String) throws {
    let folder = URL(fileURLWithPath: Program.zoo).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("templates/styles").path
    let styles = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }
    #expect(!styles.isEmpty)
    let help = try here.run(command, "--help").output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(help.contains(styles.map { String($0.dropLast(5)) }.sorted().joined(separator: ", ")))
  }

  @Test(arguments: ["--version", "-V", "version"])
  func theVersionSaysLibrariesDevicesAndFiles(word: String) throws {
    let outcome = try here.run(word)
    #expect(outcome.status == 0)
    #expect(outcome.error == "")
    let lines =
      #/palimpsest \d+\.\d+\.\d+\nlibtorch \d.*\nHDF5 \d+\.\d+\.\d+, Cairo \d\S+, Pango \d\S+\ndevices: cpu \(\d+ cores?\).*\nfiles: /.*\n/#
    #expect(outcome.output.wholeMatch(of: lines) != nil, "\(outcome.output)")
  }

  @Test func theShortHelpHasEveryOptionAndNoExamples() throws {
    for (words, command) in try commands() where words.first != "help" {
      let short = try here.run(words + ["-h"])
      #expect(short.status == 0)
      #expect(short.output.hasSuffix("\n--help says more, with examples.\n"))
      #expect(short.output.count < (try here.run(words + ["--help"])).output.count)
      #expect(!short.output.contains("\n\n  palimpsest"), "\(words)")
      for name in (command.arguments ?? []).compactMap({ $0.names?.last?.name }) {
        #expect(short.output.contains("--\(name)"), "\(words) \(name)")
      }
    }
  }

  @Test func everyCommandStandsInAGroup() throws {
    let help = try here.run("--help").output
    #expect(!help.contains("\nSUBCOMMANDS:"), "\(help)")
    for command in try commands() where command.words.count == 1 {
      #expect(help.contains("\n  \(command.words[0]) "), "\(command.words)")
    }
  }

  @Test func helpOfACommandThatIsNoneIsRefused() throws {
    let outcome = try here.run("help", "extrct")
    #expect(outcome.status == 2)
    #expect(
      outcome.error.hasPrefix("palimpsest: there is no command 'palimpsest extrct' (did you mean 'extract'?); give "))
    #expect(try here.run("help", "extract").output == (try here.run("extract", "--help")).output)
    #expect(try here.run("help", "analyze", "shape").output == (try here.run("analyze", "shape", "--help")).output)
  }

  @Test func withoutACommandTheHelpIsShown() throws {
    let outcome = try here.run([])
    #expect(outcome.status == 0)
    #expect(outcome.output == (try here.run("--help")).output)
  }
}
