import Figures

/// What one analysis adds to a report: words, tables, figures, perhaps an explorer.
package struct AnalysisSection {
  /// One of several ways in which the analysis was made, such as a measure of similarity: the page shows one at a time.
  struct Variant {
    /// Of its element in the page.
    let identifier: String
    let label: String
    let findings: [Finding]
    let tables: [ResultTable]
    var figures: [ReportFigure]
    /// The numbers that the page's script knows.
    let matrix: SimilarityVariant
    /// The file that they are read from.
    let source: ExportedTable
  }

  /// A table as it was read, to be put into the report.
  struct ExportedTable {
    /// As in the results folder.
    let file: String
    let text: String
  }

  /// Stores with pictures, for the explorer.
  struct Pictures {
    let stores: [ReconstructionStores.Store]
    let values: ImageValues?
  }

  /// Of its element in the page.
  let identifier: String
  let heading: String
  /// What is measured, in a sentence.
  var introduction: String
  /// Where its numbers come from.
  let folder: AnalysisFolder
  var findings: [Finding] = []
  var variants: [Variant] = []
  var tables: [ResultTable] = []
  var figures: [ReportFigure] = []
  /// Figures that not everybody wants to see, behind a fold.
  var further: [ReportFigure] = []
  /// Figures that `palimpsest figure` draws and the page does not; its introduction says so.
  var onDemand: [ReportFigure] = []
  var pictures: Pictures?
  /// Tables that go into the report as they were read, beside those of the variants.
  var exports: [ExportedTable] = []
  /// How the numbers are defined.
  var methods: [Method] = []
  /// What the user should know, one sentence each.
  var warnings: [String] = []
  /// What the analysis noted of its numbers, one sentence each; shown above the section's figures alone.
  var notes: [String] = []

  // MARK: What the whole page takes from it

  /// What it found, in plain words, for the first screen and the top of its own section.
  var headlines: [Headline] = []
  /// Numbers that the first screen can show large.
  var keyNumbers: [KeyNumber] = []
  /// What it asks; nil where its ``aspect`` says it.
  var question: Question?
  /// What of an image it looks at, such as "detail".
  var aspect: String?
  /// What the page's title begins with where all sections have the same.
  var titleStart = "What is left of images in "
  /// Names of stores and of their taps, as its tables have them, with the largest number of images.
  var stores: [(name: String, taps: [String], images: Int?)] = []

  package init(identifier: String, heading: String, introduction: String, folder: AnalysisFolder) {
    self.identifier = identifier
    self.heading = heading
    self.introduction = introduction
    self.folder = folder
  }

  /// In the order of the page.
  var allFigures: [ReportFigure] { variants.flatMap(\.figures) + figures + further + onDemand }

  /// Changes every figure.
  mutating func changeFigures(_ change: (ReportFigure) -> ReportFigure) {
    for place in variants.indices { variants[place].figures = variants[place].figures.map(change) }
    figures = figures.map(change)
    further = further.map(change)
    onDemand = onDemand.map(change)
  }

  /// Names of the tables that go into the report as they were read.
  var exportedFiles: [String] { variants.map(\.source.file) + exports.map(\.file) }
}
