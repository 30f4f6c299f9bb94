import Analysis
import ArgumentParser
import Pipelines
import Results

/// `palimpsest bench color`: the speed of the analysis of colour.
struct BenchColor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: AnalysisDefinition.color.name,
    abstract: "Measure analyze color on a store of noise.",
    discussion: """
        palimpsest bench color --images 1024 --taps 4 --columns 768
      """)

  @Option(help: ArgumentHelp("Conditions beside original.", valueName: "n"))
  var conditions = 3

  @OptionGroup var options: PixelBenchOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    guard (1...180).contains(conditions) else { throw BadInput("--conditions is \(conditions); give 1 to 180") }
    let names = (1...conditions).map { "hue+\($0 * 360 / (conditions + 1))" }
    try options.measure(AnalysisDefinition.color.name, conditions: names, compute: compute, output: output) {
      var settings = ColorResponse.Settings()
      settings.selection = $1
      _ = try ColorResponse.analyze($0, settings: settings)
    }
  }
}

/// `palimpsest bench detail`: the speed of the analysis of detail.
struct BenchDetail: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: AnalysisDefinition.detail.name,
    abstract: "Measure analyze detail on a store of noise.",
    discussion: """
        palimpsest bench detail --images 1024 --taps 4
      """)

  @OptionGroup var options: PixelBenchOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    try options.measure(AnalysisDefinition.detail.name, compute: compute, output: output) {
      var settings = Detail.Settings()
      settings.selection = $1
      _ = try Detail.analyze($0, settings: settings)
    }
  }
}

/// `palimpsest bench shape`: the speed of the analysis of shape.
struct BenchShape: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: AnalysisDefinition.shape.name,
    abstract: "Measure analyze shape on a store of noise with two objects an image.",
    discussion: """
        palimpsest bench shape --images 256 --taps 2
      """)

  @OptionGroup var options: PixelBenchOptions
  @OptionGroup(title: "Machine") var compute: ComputeOptions
  @OptionGroup(title: "Output") var output: OutputOptions

  func run() throws {
    try options.measure(AnalysisDefinition.shape.name, compute: compute, output: output) {
      var settings = Shape.Settings()
      settings.selection = $1
      _ = try Shape.analyze($0, settings: settings)
    }
  }
}
