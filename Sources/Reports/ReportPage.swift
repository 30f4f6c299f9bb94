import Figures

/// What the template `index` is filled with. Every string is plain text, escaped by the template, but for the three
/// that say otherwise.
struct ReportPage {
  let title: String
  let subtitle: String
  let generator: String
  /// Trusted: from the template folder.
  let styleSheet: String
  let script: String
  /// JSON, already made safe for a script element.
  let data: String
  let warnings: [String]
  let stores: [Store]
  let variants: [Variant]
  let hasSelector: Bool
  let methods: Methods
  let provenance: Run
  let downloads: [Download]

  struct Store {
    let name: String
    let model: String
    let family: String
    let checkpointShort: String
    let checkpoint: String
    let images: String
    let taps: String
    let tapNames: String
    let tokens: String
    let preprocessing: String
  }

  struct Variant {
    let identifier: String
    let label: String
    let findings: [SimilarityFindings.Finding]
    let hasPairs: Bool
    let pairs: [Pair]
    let figures: [FigureBlock]
    let rowCount: String
    let table: String
  }

  struct Pair {
    let storeA: String
    let storeB: String
    let tapA: String
    let tapB: String
    let value: String
    let interval: String
    let median: String
    let count: String
  }

  struct FigureBlock {
    let identifier: String
    let number: Int
    let heading: String
    let caption: String
    let alternativeText: String
    let image: String
    /// In CSS pixels.
    let width: Int
    let height: Int
    let isInteractive: Bool
    let downloads: [Download]
    let provenance: [Fact]
  }

  struct Download {
    let label: String
    let description: String
    let path: String
  }

  struct Fact {
    let name: String
    let value: String
  }

  struct File {
    let path: String
    let sha256: String
    let bytes: String
    let role: String
    let facts: [Fact]
  }

  /// Which definitions the page prints.
  struct Methods {
    let hasLinear: Bool
    let hasRBF: Bool
    let hasDebiased: Bool
    let hasBiased: Bool
    let hasMinibatch: Bool
    let hasIntervals: Bool
    let others: [String]
  }

  struct Run {
    let facts: [Fact]
    let settings: [Fact]
    let inputs: [File]
    let outputs: [File]
    let hasSettings: Bool
    let hasInputs: Bool
    let hasOutputs: Bool
  }
}
