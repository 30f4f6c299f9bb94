import ArgumentParser

/// `palimpsest bench`: how fast this machine does the work.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure images per second, bytes per second and peak memory on this machine.",
    discussion: """
      The files it makes are removed afterwards. scripts/bench/compare.py runs the \
      same work with timm, transformers, torch and h5py beside it, in turns; \
      docs/performance.md has its results.

        palimpsest bench extract --model vit-base/ --limit 64
        palimpsest bench similarity --images 2048 --taps 26 --columns 768
        palimpsest bench quality --images 128 --size 224x224
        palimpsest bench color --images 1024 --taps 4
        palimpsest bench detail --images 1024 --taps 4
        palimpsest bench shape --images 256 --taps 2
        palimpsest bench prototypes --images 2048 --taps 4 --columns 9216
      """,
    subcommands: [
      BenchExtract.self, BenchSimilarity.self, BenchQuality.self, BenchColor.self, BenchDetail.self, BenchShape.self,
      BenchPrototypes.self,
    ])
}
