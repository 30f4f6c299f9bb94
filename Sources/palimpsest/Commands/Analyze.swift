import ArgumentParser

/// `palimpsest analyze`: numbers from stores, as tidy CSV.
struct Analyze: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make numbers from feature stores and trainings, as tidy CSV with provenance.",
    discussion: """
        palimpsest analyze similarity vit.h5 swin.h5 --out results/
        palimpsest analyze quality vit-back.h5 --out results/
        palimpsest analyze color vit-back.h5 --out results/
        palimpsest analyze detail vit-back.h5 --out results/
        palimpsest analyze shape vit-back.h5 --annotations coco.json --out results/
        palimpsest analyze prototypes vit.h5 --inverse vit-inverse/ --out results/
        palimpsest analyze efficiency modular/ end-to-end/ --out results/
      """,
    subcommands: [
      AnalyzeSimilarity.self, AnalyzeQuality.self, AnalyzeColor.self, AnalyzeDetail.self, AnalyzeShape.self,
      AnalyzePrototypes.self, AnalyzeEfficiency.self,
    ])
}
