import Experiments
import Foundation
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
    }
    let commandName: String
    let subcommands: [Command]?
    let arguments: [Argument]?

    var options: Set<String> { Set((arguments ?? []).flatMap { ($0.names ?? []).map(\.name) }.filter { $0.count > 1 }) }

    subscript(name: String) -> Command? { subcommands?.first { $0.commandName == name } }
  }

  private let root: Command
  /// What every command has.
  private let common: Set<String> = ["out", "quiet", "json", "help", "version"]
  private let compute: Set<String> = ["device", "threads"]

  init() throws {
    let outcome = try Workspace().run("--experimental-dump-help")
    root = try JSONDecoder().decode(Tool.self, from: Data(outcome.output.utf8)).command
  }

  private func names(_ table: [Setting]) -> Set<String> { Set(table.map(\.name)) }

  /// Options of a command that `run` does not fill in itself.
  private func options(_ command: String, less: Set<String>) throws -> Set<String> {
    try #require(root[command]).options.subtracting(common).subtracting(less)
  }

  @Test func stepsHaveTheOptionsOfTheirCommands() throws {
    let model = names(StepSettings.model).union(["model"])
    let images: Set<String> = ["images", "limit", "labels", "annotations"]
    let filled = model.union(images).union(compute).union(["recheck"])
    #expect(try options("scenes", less: ["threads"]) == names(StepSettings.scenes))
    #expect(try options("extract", less: filled) == names(StepSettings.features))
    #expect(
      try options("train", less: filled.union(["features", "validation-images", "validation-features"]))
        == names(StepSettings.inverses))
    #expect(
      try options("reconstruct", less: filled.union(["features", "inverse"])) == names(StepSettings.reconstructions))
    #expect(try options("report", less: ["templates"]) == names(StepSettings.report))
  }

  /// A new analysis is added to ``AnalysisKind/all`` with its options.
  @Test func analysesHaveTheOptionsOfTheirCommands() throws {
    let commands = try #require(root["analyze"]?.subcommands).filter { $0.commandName != "help" }
    #expect(Set(commands.map(\.commandName)) == Set(AnalysisKind.all.map(\.name)))
    for command in commands {
      guard let kind = AnalysisKind.named(command.commandName) else { continue }
      var filled = common
      if kind.takesModels { filled.formUnion(["model", "architecture"]) }
      if kind.takesInverses { filled.insert("inverse") }
      if kind.annotations != .none { filled.insert("annotations") }
      if kind.computes { filled.formUnion(compute) }
      #expect(command.options.subtracting(filled) == names(kind.settings), "\(kind.name)")
      #expect(command.options.isSuperset(of: compute) == kind.computes, "\(kind.name)")
    }
  }
}
