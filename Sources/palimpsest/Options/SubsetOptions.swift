import ArgumentParser
import Formats
import Results

extension RandomSample: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}

/// Which of the images are taken.
struct SubsetOptions: ParsableArguments {
  private static let shared = AnalysisDefinition.quality

  @Option(help: shared.help("limit", valueName: "n"))
  var limit: Int?

  @Option(help: shared.help("sample", valueName: "n"))
  var sample: RandomSample?

  func validate() throws {
    try CountOptions.require("--limit", limit, in: CountRange.images)
    guard limit == nil || sample == nil else {
      throw ValidationError("--limit takes the first images and --sample random ones; give one of them")
    }
  }

  /// Whether anything is asked for.
  var isGiven: Bool { limit != nil || sample != nil }

  /// - Parameter seed: of a sample that has none of its own.
  func subset(seed: some BinaryInteger) -> Subset {
    sample?.subset(seed: UInt64(truncatingIfNeeded: seed)) ?? limit.map(Subset.first) ?? .all
  }
}
