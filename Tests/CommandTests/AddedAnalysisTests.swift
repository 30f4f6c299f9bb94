import ArgumentParser
import Results
import TestAnalysis
import Testing
import palimpsest

private struct AnalyzeContrast: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: ContrastAnalysis.definition.name, abstract: ContrastAnalysis.definition.abstract)
}

extension ContrastAnalysis: AnalysisCommands {
  package static var command: any ParsableCommand.Type { AnalyzeContrast.self }
  package static var benchmark: (any ParsableCommand.Type)? { nil }
}

/// The registry with one more analysis in it is all that `palimpsest analyze` needs.
@Suite struct AddedAnalysisTests {
  @Test func itsCommandIsFound() {
    let commands = Analyze.commands(of: AnalysisDefinition.registered + [ContrastAnalysis.self])
    #expect(commands.map { $0.command.configuration.commandName } == AnalysisDefinition.all.map(\.name) + ["contrast"])
    #expect(Analyze.configuration.subcommands.count == AnalysisDefinition.all.count)
  }
}
