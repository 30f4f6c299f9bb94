import Analysis
import ArgumentParser
import Pipelines
import Results

extension TokensAnalysis: AnalysisCommands {
  package static var command: any ParsableCommand.Type { AnalyzeTokens.self }
  package static var benchmark: (any ParsableCommand.Type)? { nil }
}

/// `palimpsest analyze tokens`: principal components and norms of tokens at their places.
struct AnalyzeTokens: ParsableCommand {
  private static let definition = AnalysisDefinition.tokens

  static let configuration = definition.configuration(
    discussion: """
      Takes stores that hold all tokens (extract --tokens all). Writes tokens.csv \
      (norms, outliers, variance explained), tokens_images.csv, \
      token_components.csv, token_maps.csv (every token of a few images) and \
      provenance.json. palimpsest figure token-map and norm-map draw the maps.

        palimpsest analyze tokens vit.h5 deit.h5 --out results/
      """)

  @OptionGroup var files: AnalysisFiles

  @Option(help: definition.help("components"))
  var components = ComponentSharing.models

  @Option(help: definition.help("maps", valueName: "n"))
  var maps = 3

  @OptionGroup var measure: OneConditionOptions
  @OptionGroup var compute: ComputeOptions
  @OptionGroup var output: OutputOptions

  func validate() throws { try CountOptions.require([("maps", maps)], of: Self.definition.options) }

  func run() throws {
    _ = try compute.prepare()
    var settings = Tokens.Settings()
    settings.selection = measure.selection(threads: compute.workers)
    settings.components = components
    settings.maps = maps
    try output.run(TokensJob(files.folder(), settings: settings))
  }
}
