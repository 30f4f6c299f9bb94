import Figures
import Foundation

/// Everything that results have to say, before any of it is drawn: sections in the order of the page.
public struct ReportContent {
  /// The similarity of one folder: its variants with their figures.
  struct Similarity {
    let identifier: String
    let heading: String
    let folder: AnalysisFolder
    let results: SimilarityResults
    let variants: [(identifier: String, variant: SimilarityVariant, figures: [ReportFigure])]
  }

  let collection: ResultsCollection
  let similarities: [Similarity]
  let sections: [AnalysisSection]
  /// Stores with pictures of each folder that names some, for the explorer.
  let pictures: [(section: String, stores: [ReconstructionStores.Store], values: ImageValues?)]
  /// What the user should know, one sentence each.
  public let warnings: [String]

  /// Reads a results folder and the folders in it.
  /// - Throws: `ReportError` if there are no results or they cannot be read.
  public init(results: URL, style: FigureStyle, openStore: StoreOpener?) throws {
    let collection = try ResultsCollection(results)
    self.collection = collection
    let context = SectionContext(style: style, openStore: openStore)
    var warnings = collection.folders.filter { $0.tables != ["similarity.csv"] }.flatMap { $0.warnings() }
    let colorMap = try ColorMap.named(style.sequential)
    var used: Set<String> = []
    func unique(_ identifier: String) -> String {
      var name = identifier
      var suffix = 2
      while !used.insert(name).inserted {
        name = "\(identifier)-\(suffix)"
        suffix += 1
      }
      return name
    }

    var similarities: [Similarity] = []
    let folders = collection.with("similarity.csv")
    for folder in folders {
      let results = try SimilarityResults(folder: folder.url)
      for warning in results.warnings where !warnings.contains(warning) { warnings.append(warning) }
      let variants = results.variants.map { variant in
        let identifier = unique(variant.identifier)
        return (
          identifier, variant,
          SimilarityFigures(
            variant: variant, table: results.table, identifier: identifier, style: style, colorMap: colorMap
          ).all()
        )
      }
      similarities.append(
        Similarity(
          identifier: unique("similarity"), heading: ResultsCollection.heading("Similarity", folder, of: folders),
          folder: folder, results: results, variants: variants))
    }
    self.similarities = similarities

    var sections: [AnalysisSection] = []
    var pictures: [(section: String, stores: [ReconstructionStores.Store], values: ImageValues?)] = []
    let quality = collection.with("quality.csv")
    for folder in quality {
      sections.append(
        try QualitySection(
          folder: folder, identifier: unique("quality"),
          heading: ResultsCollection.heading("Quality of reconstructions", folder, of: quality), context: context
        ).section())
      let stores = ReconstructionStores(folder, open: openStore)
      guard !stores.stores.isEmpty || !stores.warnings.isEmpty else { continue }
      let values =
        try folder.has("quality_images.csv")
        ? ImageValues(file: folder.path(of: "quality_images.csv"), metric: "psnr") : nil
      var section = AnalysisSection(
        identifier: unique("reconstructions"),
        heading: ResultsCollection.heading("Reconstructions", folder, of: quality),
        introduction: stores.stores.isEmpty
          ? "The stores with the reconstructions were not found where the analysis read them, so there are no pictures here."
          : "What the reconstructions look like, in the stores that the analysis above measured.",
        folder: folder)
      section.warnings = stores.warnings
      let drawn = stores.stores.prefix(ReconstructionFigures.mostStores)
      if drawn.count < stores.stores.count {
        section.introduction +=
          " Figures show those of \(drawn.map(\.name).joined(separator: ", ")), conditions those of the last of them; the "
          + "explorer has all."
      }
      for (place, store) in drawn.enumerated() {
        section.figures += try ReconstructionFigures(
          store: store, values: values, identifier: unique("of-\(SimilarityVariant.slug(store.name))"), style: style,
          imageCount: ReconstructionFigures.imageCount(stores: stores.stores.count),
          showsConditions: drawn.count == stores.stores.count || place == drawn.count - 1
        ).all()
      }
      if !stores.stores.isEmpty { pictures.append((section.identifier, stores.stores, values)) }
      sections.append(section)
    }
    sections += try Self.others(collection, context: context, unique: unique)
    self.sections = sections
    self.pictures = pictures
    self.warnings = warnings + sections.flatMap(\.warnings)
  }

  private static func others(
    _ collection: ResultsCollection, context: SectionContext, unique: (String) -> String
  ) throws -> [AnalysisSection] {
    var sections: [AnalysisSection] = []
    let estimates = [
      (
        "color.csv", "color", "Colour",
        "How far a change of colour moves the representation at every tap, and how much of it comes back in the "
          + "reconstruction; each against the baseline of shuffled pairs where the table holds it."
      ),
      ("detail.csv", "detail", "Detail", ""),
      (
        "shape.csv", "shape", "Shape",
        "What comes back inside objects, on their boundary and in the background, at every tap."
      ),
      (
        "prototypes.csv", "prototypes", "Prototypes",
        "Means of classes at every tap: how far apart they lie and how widely images scatter around them."
      ),
    ]
    for (table, identifier, heading, introduction) in estimates {
      let folders = collection.with(table)
      for folder in folders {
        let title = ResultsCollection.heading(heading, folder, of: folders)
        if table == "detail.csv" {
          sections.append(
            try DetailSection(folder: folder, identifier: unique(identifier), heading: title, context: context)
              .section())
        } else if table == "color.csv" {
          sections.append(
            try ColorSection(
              folder: folder, identifier: unique(identifier), heading: title, introduction: introduction,
              context: context
            ).section())
        } else if table == "prototypes.csv" {
          let name = unique(identifier)
          var section = try PrototypeSection(
            folder: folder, identifier: name, heading: title, introduction: introduction, context: context
          ).section()
          PlacesFigures(folder: folder, identifier: name, context: context).add(to: &section)
          sections.append(section)
        } else {
          sections.append(
            try EstimateSection(
              folder: folder, table: table, identifier: unique(identifier), heading: title, introduction: introduction,
              context: context,
              // Dozens of classes make no figure: they stand in the table.
              isDrawn: { row, table in table.column("group").map { !row.labels[$0].hasPrefix("class:") } ?? true }
            ).section())
        }
      }
    }
    let trainings = collection.with("efficiency.csv")
    for folder in trainings {
      sections.append(
        try EfficiencySection(
          folder: folder, identifier: unique("efficiency"),
          heading: ResultsCollection.heading("Efficiency of training", folder, of: trainings), context: context
        ).section())
    }
    return sections
  }

  /// Every figure, in the order of the page.
  public var figures: [ReportFigure] {
    similarities.flatMap(\.variants).flatMap(\.figures) + sections.flatMap(\.allFigures)
  }
}
