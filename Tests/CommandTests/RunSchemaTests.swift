import Experiments
import Foundation
import Results
import Testing

/// What an experiment can say is what the commands can be told: neither more nor less.
@Suite struct RunSchemaTests {
  private struct Tool: Decodable {
    let command: Command
  }

  private struct Command: Decodable {
    struct Argument: Decodable {
      struct Name: Decodable { let name: String }
      let names: [Name]?
      let abstract: String?
      let discussion: String?
      /// Where the option is an enumeration: its values.
      let allValues: [String]?

      func isNamed(_ name: String) -> Bool { (names ?? []).contains { $0.name == name } }
    }
    let commandName: String
    let subcommands: [Command]?
    let arguments: [Argument]?

    var options: Set<String> { Set((arguments ?? []).flatMap { ($0.names ?? []).map(\.name) }.filter { $0.count > 1 }) }

    subscript(name: String) -> Command? { subcommands?.first { $0.commandName == name } }
  }

  private let root: Command
  /// What every command has.
  private let common: Set<String> = ["out", "quiet", "json", "progress", "color", "help", "version"]
  private let compute: Set<String> = ["device", "threads"]
  /// By how many processes a store is made, and on which machine: nothing of a study. A step makes one file in one process.
  private let cluster: Set<String> = ["shards", "shard", "requeue", "decoders"]

  init() throws {
    let outcome = try Workspace().run("--experimental-dump-help")
    root = try JSONDecoder().decode(Tool.self, from: Data(outcome.output.utf8)).command
  }

  private func names(_ table: [OptionDefinition]) -> Set<String> { Set(table.map(\.name)) }

  /// Options of a command that `run` does not fill in itself.
  private func options(_ command: String, less: Set<String>) throws -> Set<String> {
    try #require(root[command]).options.subtracting(common).subtracting(less)
  }

  @Test func stepsHaveTheOptionsOfTheirCommands() throws {
    let model = names(StepSettings.model).union(["model"])
    let images: Set<String> = ["images", "limit", "sample", "labels", "classes", "annotations"]
    let filled = model.union(images).union(compute).union(["recheck"])
    #expect(try #require(root["extract"]).options.isSuperset(of: cluster))
    #expect(try options("scenes", less: ["threads"]) == names(StepSettings.scenes))
    #expect(try options("extract", less: filled.union(cluster)) == names(StepSettings.features))
    #expect(
      try options(
        "train",
        less: filled.union([
          "features", "validation-images", "validation-features", "test-images", "test-features",
        ]))
        == names(StepSettings.inverses))
    #expect(
      // Its seed draws the images of --sample, which an experiment gives with a seed of their own.
      try options("reconstruct", less: filled.union(cluster).union(["features", "inverse", "seed"]))
        == names(StepSettings.reconstructions))
    // Notes and settings of figures have sections of their own; a composition is a file that no study names yet.
    #expect(try options("report", less: ["templates", "note", "set", "compose"]) == names(StepSettings.report))
  }

  /// A new analysis is added to ``AnalysisDefinition/all`` with its options.
  @Test func analysesHaveTheOptionsOfTheirCommands() throws {
    let commands = try #require(root["analyze"]?.subcommands).filter { $0.commandName != "help" }
    #expect(Set(commands.map(\.commandName)) == Set(AnalysisDefinition.all.map(\.name)))
    for command in commands {
      guard let kind = AnalysisDefinition.all.named(command.commandName) else { continue }
      // How much of the machine a command takes is no part of a study.
      var filled = common.union(["memory", "scratch"])
      if kind.takesModels { filled.formUnion(["model", "architecture"]) }
      if kind.takesInverses { filled.insert("inverse") }
      if kind.annotations != .none { filled.insert("annotations") }
      if kind.computes { filled.formUnion(compute) }
      // Inverses of quality are those of its stores' models, which no entry of an experiment names yet.
      if kind.name == AnalysisDefinition.quality.name { filled.insert("joints") }
      #expect(command.options.subtracting(filled) == names(kind.options), "\(kind.name)")
      #expect(command.options.isSuperset(of: compute) == kind.computes, "\(kind.name)")
    }
  }

  /// Values that a file may give are those that the command takes: of an enumeration all of them, of a list of names those
  /// that its help tells.
  @Test func analysesTakeTheValuesOfTheirCommands() throws {
    let commands = try #require(root["analyze"])
    for analysis in AnalysisDefinition.all {
      let arguments = try #require(commands[analysis.name]?.arguments)
      for option in analysis.options {
        let argument = try #require(arguments.first { $0.isNamed(option.name) })
        let title: Comment = "\(analysis.name) --\(option.name)"
        if let values = argument.allValues {
          #expect(Set(option.values) == Set(values), title)
        } else if !option.values.isEmpty {
          let help = (argument.abstract ?? "") + " " + (argument.discussion ?? "")
          let words = Set(help.split { !($0.isLetter || $0.isNumber || "_-:".contains($0)) }.map(String.init))
          #expect(words.isSuperset(of: option.values.filter { $0 != OptionDefinition.all }), title)
        }
      }
    }
  }

  /// What the registry says of benchmarks is so: a command, or a reason why there is none.
  @Test func benchmarksAreThoseOfTheRegistry() throws {
    let benchmarks = Set(try #require(root["bench"]?.subcommands).map(\.commandName))
    for analysis in AnalysisDefinition.all {
      #expect(benchmarks.contains(analysis.name) == (analysis.bench == .command), "\(analysis.name)")
    }
  }

  /// Where conditions can be given, help names every form of them.
  @Test func helpNamesEveryCondition() throws {
    for command in ["extract", "reconstruct"] {
      let argument = try #require(root[command]?.arguments?.first { $0.isNamed("conditions") })
      let help = (argument.abstract ?? "") + " " + (argument.discussion ?? "")
      for form in ConditionName.forms where form != ConditionName.original.text {
        #expect(help.contains(form), "\(command): \(form)")
      }
    }
  }
}
