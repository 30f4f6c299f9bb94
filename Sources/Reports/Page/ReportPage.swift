import Figures
import Results

/// What the template `index` is filled with. Every string is plain text, escaped by the template, but for the ones that
/// say otherwise.
struct ReportPage {
  /// The author's own words, as HTML that was made of Markdown; empty for none.
  let authored: String
  let title: String
  /// What the page answers, in one sentence.
  let question: String
  /// What was compared, in a sentence.
  let compared: String
  let generator: String
  /// Trusted: from the template folder.
  let styleSheet: String
  let script: String
  /// What the content security policy allows to run: `sha256-…` of the script.
  let scriptHash: String
  /// JSON, already made safe for a script element.
  let data: String
  let warnings: [String]
  /// Pictures to look through, above all else.
  let explorers: [ExplorerBlock]
  let numbers: [Number]
  let hasNumbers: Bool
  let findings: [Statement]
  let hasFindings: Bool
  let hasAuthored: Bool
  /// The author's notes of the parts that are of no analysis, as HTML; empty for none.
  let comparedNote: String
  let methodsNote: String
  let hasStores: Bool
  let stores: [Store]
  let navigation: [Link]
  /// Every figure, in order.
  let allFigures: [FigureLink]
  let figureCount: Int
  let sections: [Section]
  let methods: [Method]
  /// What the words mean.
  let terms: [Fact]
  let runs: [Run]
  let downloads: [Download]

  struct Link {
    let identifier: String
    let heading: String
    /// How many figures it has; empty for none.
    let figures: String
  }

  struct FigureLink {
    let identifier: String
    let number: Int
    let heading: String
    let section: String
  }

  /// A finding in plain words.
  struct Statement {
    let claim: String
    let text: String
    /// How sure it is.
    let certainty: String
    /// "Figure 3", or the heading of the section.
    let source: String
    /// The identifier of what it links to.
    let target: String
  }

  /// A measured number, shown large.
  struct Number {
    let value: String
    let text: String
    let source: String
    let target: String
  }

  /// What can be looked through; without scripts and in print its first image, a strip a model.
  struct ExplorerBlock {
    struct Strip {
      let model: String
      let alternativeText: String
      let image: String
      let width: Int
      let height: Int
    }

    let identifier: String
    let heading: String
    let strips: [Strip]
  }

  struct Store {
    let name: String
    let model: String
    let family: String
    let checkpointShort: String
    let checkpoint: String
    /// `ORG/NAME@COMMIT`; empty where the model did not come from the Hub.
    let source: String
    let hasSource: Bool
    let images: String
    let taps: String
    let tapNames: String
    let tokens: String
    let preprocessing: String
  }

  /// One of several ways in which an analysis was made; the page shows one at a time.
  struct Variant {
    let identifier: String
    let label: String
    let findings: [Finding]
    let tables: [Table]
    var figures: [FigureBlock]
    let rowCount: String
    let valuesTable: String
    let valuesFile: String
  }

  /// One analysis.
  struct Section {
    let identifier: String
    let heading: String
    let introduction: String
    /// The author's, as HTML; empty for none.
    let note: String
    let hasNote: Bool
    /// What the analysis noted; very many are folded.
    let warnings: [String]
    let hasFoldedWarnings: Bool
    let foldedWarnings: [String]
    let foldedWarningsText: String
    /// What it found, in plain words.
    let statements: [Statement]
    let hasStatements: Bool
    /// The figure that is seen before anything is unfolded; at most one.
    let leading: [FigureBlock]
    /// What can be unfolded: "6 figures, 2 tables and 9 findings".
    let foldText: String
    let hasFold: Bool
    let findings: [Finding]
    let hasSelector: Bool
    let variants: [Variant]
    let tables: [Table]
    let figures: [FigureBlock]
    /// Whether it has figures or tables beside those of its variants.
    let hasContent: Bool
  }

  /// Of a column of numbers.
  struct Heading {
    let label: String
    /// "↑" where high values are the better ones, "↓" where low ones are; empty for neither.
    let arrow: String
    /// What the arrow says.
    let meaning: String
    let hasArrow: Bool

    init(_ label: String, _ better: MetricDefinition.Better) {
      self.label = label
      arrow = better == .high ? "↑" : better == .low ? "↓" : ""
      meaning = better == .high ? "higher is better" : better == .low ? "lower is better" : ""
      hasArrow = better != .none
    }
  }

  struct Table {
    let identifier: String
    let caption: String
    let nameColumns: [String]
    let valueColumns: [Heading]
    let rows: [ResultTable.Row]
    /// Whether it is long enough to get a scroll bar of its own.
    let isLong: Bool
    let csv: String
    let latex: String
    /// The same numbers for a paper.
    let papers: [Download]
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
    /// Whether all of it may be turned light on dark: it has no pictures and no scale of colours.
    let isChart: Bool
    /// Where its pictures lie, which keep their colours on dark; empty for none.
    let keptAreas: String
    let downloads: [Download]
    let provenance: [Fact]
  }

  struct Download {
    let label: String
    let description: String
    let path: String
    /// What the file is called when it is saved.
    let file: String
    /// The figure whose image is the file; empty where `path` says where it is.
    let image: String
    let hasImage: Bool

    init(label: String, description: String, path: String, file: String, image: String = "") {
      self.label = label
      self.description = description
      self.path = path
      self.file = file
      self.image = image
      hasImage = !image.isEmpty
    }
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

  /// A table that a report found, and whether it shows it.
  struct ResultFile {
    let path: String
    let sha256: String
    let bytes: String
    let use: String
  }

  struct Run {
    let identifier: String
    let heading: String
    let facts: [Fact]
    let settings: [Fact]
    let inputs: [File]
    let outputs: [File]
    /// The tables as they were found, with checksums made then.
    let tables: [ResultFile]
    let hasSettings: Bool
    let hasInputs: Bool
    let hasOutputs: Bool
  }
}
